/**
 * The manifests that operators are given: they render, Kubernetes' own types and schemas take them, what they name
 * is there, and their monitors begin as cluster.md says that monitors begin. That such pods become a cluster is
 * tried in test/docker.
 */
import { beforeAll, describe, expect, test } from "bun:test";
import { Command } from "commander";
import {
  PrometheusRule,
  ServiceMonitor,
} from "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1";
import { StatefulSet } from "kubernetes-models/apps/v1";
import { NetworkPolicy } from "kubernetes-models/networking.k8s.io/v1";
import { PodDisruptionBudget } from "kubernetes-models/policy/v1";
import { ConfigMap, type IPod, Pod, Service } from "kubernetes-models/v1";
import manifest from "../../package.json";
import {
  addMonitor,
  type MonitorArguments,
  readSwitches,
  whyMisused,
} from "../../src/cli/monitor_flags.ts";
import { decodeAlertsText } from "../../src/config/mod.ts";
import { temporaryDirectory } from "../kit/binary.ts";
import { needs } from "../kit/needs.ts";
import { typeErrors } from "../kit/type_errors.ts";
import {
  configMap,
  environmentOf,
  type Manifest,
  mountOf,
  ofKind,
  podOf,
  render,
  SAMPLE_ALERTS,
  statefulSet,
  writeOverlay,
} from "../kit/manifests.ts";

const LONG_MS = 60_000;
const hasKubectl = needs("kubectl");

let base: readonly Manifest[] = [];
let found: readonly Manifest[] = [];
let operator: readonly Manifest[] = [];
let alerting: readonly Manifest[] = [];

async function renderOverlay(alerts: string): Promise<readonly Manifest[]> {
  const directory = temporaryDirectory();
  await writeOverlay(directory, alerts);
  return await render(directory);
}

beforeAll(async () => {
  if (!hasKubectl) return;
  base = await render("base");
  found = await render("found");
  operator = await render("prometheus_operator");
  alerting = await renderOverlay(await Bun.file(SAMPLE_ALERTS).text());
}, LONG_MS);

/** Of each kind that there is, its class and where its interface comes from. */
const KINDS = {
  ConfigMap: [ConfigMap, "kubernetes-models/v1"],
  NetworkPolicy: [NetworkPolicy, "kubernetes-models/networking.k8s.io/v1"],
  Pod: [Pod, "kubernetes-models/v1"],
  PodDisruptionBudget: [PodDisruptionBudget, "kubernetes-models/policy/v1"],
  PrometheusRule: [
    PrometheusRule,
    "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1",
  ],
  Service: [Service, "kubernetes-models/v1"],
  ServiceMonitor: [
    ServiceMonitor,
    "@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1",
  ],
  StatefulSet: [StatefulSet, "kubernetes-models/apps/v1"],
} as const;

const isKnown = (kind: string): kind is keyof typeof KINDS => kind in KINDS;

/** What Kubernetes' schemas say against it. */
function schemaErrors(one: Manifest): readonly string[] {
  if (!isKnown(one.kind)) return [`no schema is known for ${one.kind}`];
  const [Kind] = KINDS[one.kind];
  try {
    new (Kind as new (data: object) => { validate(): void })(one).validate();
    return [];
  } catch (error) {
    return [`${one.kind} ${one.metadata.name}: ${String(error)}`];
  }
}

/** As TypeScript, which finds fields that there are not, as a strict API server does. */
function asTypeScript(manifests: readonly Manifest[]): string {
  return manifests
    .map((one, index) => {
      const from = isKnown(one.kind) ? KINDS[one.kind][1] : "";
      return `export const m${index}: import("${from}").I${one.kind} = ${JSON.stringify(one)};`;
    })
    .join("\n");
}

describe.skipIf(!hasKubectl)("Kubernetes", () => {
  test("takes each of them, by its schemas", () => {
    const all = [...base, ...found, ...operator, ...alerting];
    expect(all.length).toBeGreaterThan(15);
    expect(all.flatMap(schemaErrors)).toEqual([]);
    const spec = { ...statefulSet(base).spec!, podManagementPolicy: "Serial" };
    const broken = { ...statefulSet(base), spec } as unknown as Manifest;
    expect(schemaErrors(broken)).toEqual([expect.stringContaining("podManagementPolicy")]);
  });

  test(
    "takes each of them, by its types: there is no field that it does not know",
    async () => {
      expect(await typeErrors(asTypeScript([...base, ...found, ...operator, ...alerting]))).toEqual(
        [],
      );
      const spec = { ...statefulSet(base).spec!, minReadySecond: 15 };
      const broken = { ...statefulSet(base), spec } as unknown as Manifest;
      const errors = await typeErrors(asTypeScript([broken]));
      expect(errors).toEqual([expect.stringContaining("minReadySecond")]);
    },
    LONG_MS,
  );
});

describe.skipIf(!hasKubectl)("a pod", () => {
  test("is let in where pods are restricted: not root, nothing to write but its volume, no capability", () => {
    const { spec, container } = podOf(base);
    expect(spec.automountServiceAccountToken).toBe(false);
    expect(spec.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 65_532,
      runAsGroup: 65_532,
      fsGroup: 65_532,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    const writable = container.volumeMounts!.filter(({ readOnly }) => readOnly !== true);
    expect(writable.map(({ name }) => name)).toEqual(["data"]);
  });

  test("is of this version, and never held back in its CPU", () => {
    const { container } = podOf(base);
    expect(container.image).toBe(`phi:${manifest.version}`);
    expect(Object.keys(container.resources!.limits!)).toEqual(["memory"]);
    expect(Object.keys(container.resources!.requests!)).toEqual(["cpu", "memory"]);
  });

  test("has for each of its mounts a volume, and for each volume what it is made of", () => {
    const { spec, container } = podOf(base);
    const claims = statefulSet(base).spec!.volumeClaimTemplates!.map(
      ({ metadata }) => metadata!.name!,
    );
    const volumes = spec.volumes!.map(({ name }) => name);
    const mounts = container.volumeMounts!.map(({ name }) => name);
    expect(mounts.toSorted()).toEqual([...volumes, ...claims].toSorted());
    for (const { configMap: of } of spec.volumes!) {
      if (of !== undefined) expect(configMap(base, of.name!)).not.toEqual({});
    }
    expect(mountOf(container, "data").mountPath).toBe("/data");
  });

  test("each of the replicas has an id, which is its name", () => {
    const { replicas } = statefulSet(base).spec!;
    const names = Array.from({ length: replicas! }, (_, index) => `phi-${index}`);
    expect(configMap(base, "phi-ids")).toEqual(
      Object.fromEntries(names.map((name) => [name, name])),
    );
    expect(mountOf(podOf(base).container, "ids").subPathExpr).toBe("$(POD_NAME)");
  });
});

const RECOVERY = "With Kubernetes, if the volume of `phi-2` is what is left:\n";

/** The commands that docs/operations.md gives for a majority that is lost. */
async function recoveryCommands(): Promise<string> {
  const text = await Bun.file(new URL("../../docs/operations.md", import.meta.url)).text();
  const [, after = ""] = text.split(RECOVERY);
  return after.split("\n### ")[0]!;
}

/** Says what is to be in the pod, as a shell hands it over. */
const SAY_OVERRIDES =
  'kubectl() { for arg; do case $arg in --overrides=*) echo "${arg#--overrides=}" ;; esac; done; }';

async function recoveryPod(): Promise<IPod & Manifest> {
  const commands = await recoveryCommands();
  const run = /kubectl -n phi run (?:.*\n)*?.*\}\}'$/mu.exec(commands)![0];
  const { stdout } = Bun.spawnSync(["sh", "-c", `${SAY_OVERRIDES}\nIMAGE=phi:1\n${run}`]);
  const { spec } = JSON.parse(stdout.toString()) as IPod;
  return { apiVersion: "v1", kind: "Pod", metadata: { name: "phi-recover" }, spec: spec! };
}

describe.skipIf(!hasKubectl)("the pod that recovers what is left", () => {
  test(
    "is one that Kubernetes takes, with the rights of a monitor's: it is let in where that one is",
    async () => {
      const pod = await recoveryPod();
      expect(schemaErrors(pod)).toEqual([]);
      expect(await typeErrors(asTypeScript([pod]))).toEqual([]);
      const { spec, container } = podOf(base);
      const { fsGroupChangePolicy: _, ...rights } = spec.securityContext!;
      expect(pod.spec!.securityContext).toEqual(rights);
      const [own] = pod.spec!.containers;
      expect(own!.securityContext).toEqual(container.securityContext);
      expect(own!.image).toBe("phi:1");
      expect(own!.args).toContain("--datadir=/data/phi");
    },
    LONG_MS,
  );

  test("comes after the monitors, and nothing is deleted before it has done its work", async () => {
    const commands = await recoveryCommands();
    const steps = [
      "scale statefulset phi --replicas=0",
      "wait --for=delete pod/phi-2",
      "run phi-recover",
      "wait pod/phi-recover",
      "delete pvc data-phi-0 data-phi-1",
      "apply -k",
    ];
    const places = steps.map((step) => commands.indexOf(step));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((one, other) => one - other));
  });
});

/** What the command line's parser makes of a pod's environment. */
async function flagsIn(manifests: readonly Manifest[], pod: string): Promise<MonitorArguments> {
  const environment = environmentOf(manifests, { name: pod, namespace: "watch" });
  let flags: MonitorArguments | undefined;
  const program = new Command().exitOverride();
  addMonitor(program, async (given) => {
    flags = given;
  });
  const names = program.commands[0]!.options.flatMap(({ envVar }) => envVar ?? []);
  const others = ["POD_NAME", "POD_NAMESPACE", "PHI_TOKEN_FILE"];
  expect(Object.keys(environment).filter((name) => ![...names, ...others].includes(name))).toEqual(
    [],
  );
  const before = { ...process.env };
  try {
    for (const name of names) delete process.env[name];
    Object.assign(process.env, environment);
    expect(readSwitches(process.env)).toBeUndefined();
    await program.parseAsync([...podOf(manifests).container.args!], { from: "user" });
  } finally {
    for (const name of [...names, ...Object.keys(environment)]) delete process.env[name];
    Object.assign(process.env, before);
  }
  return flags!;
}

/** All that is said, but for what a found/ is there to say. */
function saidIn(manifests: readonly Manifest[]): readonly string[] {
  return manifests
    .filter(({ metadata }) => !metadata.name.startsWith("phi-start"))
    .map((one) =>
      JSON.stringify(one)
        .replace(/phi-start-\w+/u, "")
        .replace(/"replicas":\d/u, ""),
    )
    .toSorted();
}

describe.skipIf(!hasKubectl)("a monitor", () => {
  test("without data joins, whichever pod it is: a volume that is lost never founds a second cluster", async () => {
    for (const pod of ["phi-0", "phi-1", "phi-2"]) {
      const flags = await flagsIn(base, pod);
      expect(whyMisused(flags)).toBeUndefined();
      expect(flags).toMatchObject({
        join: "phi:8000",
        idFile: "/etc/phi/id",
        raftAdvertise: { host: `${pod}.phi-peers.watch.svc`, port: 7_000 },
        datadir: "/data/phi",
      });
      expect(flags.bootstrap).toBeUndefined();
      // A file that is wrong keeps nobody from starting.
      expect(flags.config).toBeUndefined();
    }
  });

  test("in found/ is alone and founds, with the config; nothing else is different there", async () => {
    const flags = await flagsIn(found, "phi-0");
    expect(whyMisused(flags)).toBeUndefined();
    expect(flags).toMatchObject({ bootstrap: true, config: "/etc/phi/config/servers.yml" });
    expect(flags.join).toBeUndefined();
    expect(statefulSet(found).spec!.replicas).toBe(1);
    expect(saidIn(found)).toEqual(saidIn(base));
  });
});

const volumeOf = (manifests: readonly Manifest[], wanted: string) =>
  podOf(manifests).spec.volumes!.find(({ name }) => name === wanted)!;

describe.skipIf(!hasKubectl)("alerts/", () => {
  test("gives each monitor the operator's alerts file, and nothing else is different there", async () => {
    expect((await flagsIn(base, "phi-0")).alerts).toBeUndefined();
    const { alerts: path } = await flagsIn(alerting, "phi-0");
    const { mountPath, readOnly } = mountOf(podOf(alerting).container, "alerts");
    expect([path, readOnly]).toEqual([`${mountPath}/alerts.yml`, true]);
    const { name } = volumeOf(alerting, "alerts").configMap!;
    const [sample, file] = [await Bun.file(SAMPLE_ALERTS).text(), configMap(alerting, name!)];
    expect(file).toEqual({ "alerts.yml": sample });
    // By its name the pods are restarted where the file is another one.
    const changed = await renderOverlay(`${sample}# changed\n`);
    expect(volumeOf(changed, "alerts").configMap!.name).not.toBe(name);
    const rest = alerting.filter(
      ({ kind, metadata }) => kind !== "StatefulSet" && metadata.name !== name,
    );
    expect(rest).toEqual(base.filter(({ kind }) => kind !== "StatefulSet"));
  });

  test("phi takes the sample, and what is commented out in it: its secret is where secrets are mounted", async () => {
    const sample = await Bun.file(SAMPLE_ALERTS).text();
    expect(decodeAlertsText(sample, "alerts.yml")).toMatchObject({ ok: true });
    const whole = decodeAlertsText(sample.replaceAll(/^#(?= {2})/gmu, ""), "alerts.yml");
    const { mountPath, readOnly } = mountOf(podOf(alerting).container, "alert-secrets");
    expect(whole).toMatchObject({
      alerts: {
        receivers: [
          { kind: "alertmanager" },
          { kind: "webhook", secretFile: `${mountPath}/webhook` },
        ],
      },
    });
    expect(readOnly).toBe(true);
    // Alertmanager needs none. The group reads it, as the other secrets.
    const secret = { secretName: "phi-alerts", defaultMode: 0o440, optional: true };
    expect(volumeOf(alerting, "alert-secrets").secret).toEqual(secret);
  });
});

test.skipIf(!hasKubectl)(
  "history fits into the volume, with as much again for the log",
  async () => {
    const { historyMaxBytes, historyDays } = await flagsIn(base, "phi-0");
    expect(historyDays).toBeGreaterThan(0);
    const [claim] = statefulSet(base).spec!.volumeClaimTemplates!;
    expect(claim!.spec!.resources!.requests!["storage"]).toBe("1Gi");
    expect(historyMaxBytes).toBeLessThanOrEqual(2 ** 30 / 2);
  },
);

function ports(): ReadonlyMap<string, number> {
  const all = podOf(base).container.ports!;
  return new Map(all.map(({ name, containerPort }) => [name!, containerPort]));
}

describe.skipIf(!hasKubectl)("the ways to it", () => {
  test("each service leads to the pods, by ports that they have", () => {
    const { labels } = statefulSet(base).spec!.template.metadata!;
    const services = [...ofKind(base, "Service").values()];
    expect(services.map(({ metadata }) => metadata.name)).toEqual(["phi", "phi-peers"]);
    for (const { spec } of services) {
      expect(labels!).toMatchObject(spec!.selector!);
      for (const { port, targetPort } of spec!.ports!) {
        expect(ports().get(String(targetPort))).toBe(port);
      }
    }
    const peers = ofKind(base, "Service").get(statefulSet(base).spec!.serviceName!)!;
    expect(peers.spec).toMatchObject({ clusterIP: "None", publishNotReadyAddresses: true });
    expect(ports()).toEqual(
      new Map([
        ["http", 8_000],
        ["peers", 7_000],
        ["metrics", 9_000],
      ]),
    );
  });

  test("only peers reach the peers' port, only scrapers and nobody else that of the metrics", () => {
    const { spec } = ofKind(base, "NetworkPolicy").get("phi")!;
    const { labels } = statefulSet(base).spec!.template.metadata!;
    expect(labels!).toMatchObject(spec!.podSelector!.matchLabels!);
    const fromTo = (port: string) =>
      spec!
        .ingress!.filter((rule) => rule.ports!.some((each) => each.port === port))
        .map(({ from }) => from);
    expect(fromTo("peers")).toEqual([[{ podSelector: { matchLabels: labels! } }]]);
    expect(fromTo("metrics")).toHaveLength(1);
    expect(fromTo("http")).toHaveLength(2);
    const named = spec!.ingress!.flatMap((rule) => rule.ports!.map(({ port }) => String(port)));
    expect(named.filter((name) => !ports().has(name))).toEqual([]);
    // Whom it watches is not for this to say.
    expect(spec!.policyTypes).toEqual(["Ingress"]);
  });

  test("the probes ask for what the API has", () => {
    const { livenessProbe, readinessProbe } = podOf(base).container;
    expect(livenessProbe!.httpGet).toEqual({ path: "/healthz", port: "http" });
    expect(readinessProbe!.httpGet).toEqual({ path: "/readyz", port: "http" });
  });

  test("Prometheus finds every monitor, ready or not, under the name that the alerts look for", () => {
    const monitor = operator.find(({ kind }) => kind === "ServiceMonitor") as unknown as {
      readonly spec: ServiceMonitor["spec"];
    };
    const peers = ofKind(base, "Service").get("phi-peers")!;
    expect(peers.metadata.labels!).toMatchObject(monitor.spec.selector.matchLabels!);
    expect(peers.metadata.labels![monitor.spec.jobLabel!]).toBe("phi");
    expect(monitor.spec.endpoints.map(({ port }) => port)).toEqual(["metrics"]);
  });
});
