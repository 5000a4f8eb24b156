/**
 * deploy/kubernetes without a Kubernetes: each pod is a container with the environment, the mounts, the names and
 * the restrictions that the manifests give it. How three become a cluster, and what a lost volume does, is the
 * binary's affair and the manifests', and so can be seen here; services, policies and rollouts cannot.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ClusterStatus } from "../../src/cluster/mod.ts";
import { until } from "../kit/binary.ts";
import {
  configMap,
  environmentOf,
  expand,
  type Manifest,
  mountOf,
  podOf,
  render,
} from "../kit/manifests.ts";
import { buildImage, done, IMAGE, run } from "./_daemon.ts";

const LONG_MS = 180_000;
const NAMESPACE = "watch";
const DOMAIN = `${NAMESPACE}.svc.cluster.local`;
const NETWORK = `phi-kubernetes-${process.pid}`;
const TOKEN = "a token of this test alone";

let folder = "";
let base: readonly Manifest[] = [];
let found: readonly Manifest[] = [];
const containers = new Set<string>();
const volumes = new Set<string>();

beforeAll(async () => {
  await buildImage();
  base = await render("base");
  found = await render("found");
  folder = await mkdtemp(join(tmpdir(), "phi-kubernetes-"));
  await chmod(folder, 0o755);
  for (const name of ["config", "secrets", "ids"]) await mkdir(join(folder, name));
  const secrets = { "cluster-secret": "s".repeat(64), "api-token": TOKEN.replaceAll(" ", "-") };
  for (const [key, text] of Object.entries(secrets)) {
    await writeFile(join(folder, "secrets", key), text);
  }
  for (const [key, text] of Object.entries(configMap(base, "phi-config"))) {
    await writeFile(join(folder, "config", key), text);
  }
  for (const [pod, id] of Object.entries(configMap(base, "phi-ids"))) await setId(pod, id);
  await done(["docker", "network", "create", NETWORK]);
}, LONG_MS);

afterAll(async () => {
  if (containers.size > 0) await run(["docker", "rm", "--force", ...containers]);
  if (volumes.size > 0) await run(["docker", "volume", "rm", ...volumes]);
  await run(["docker", "network", "rm", NETWORK]);
  await rm(folder, { recursive: true, force: true });
});

const setId = (pod: string, id: string) => writeFile(join(folder, "ids", pod), id);
const containerOf = (pod: string) => `${NETWORK}-${pod}`;
const volumeOf = (pod: string) => `${NETWORK}-data-${pod}`;

/** The arguments of `docker run` that make of a container what the manifests make of this pod. */
function podArguments(manifests: readonly Manifest[], pod: string): readonly string[] {
  const { spec, container } = podOf(manifests);
  const environment = {
    ...environmentOf(manifests, { name: pod, namespace: NAMESPACE }),
    ...(dataDirectory !== undefined && { DATA_DIR: dataDirectory }),
  };
  const at = (volume: string) => mountOf(container, volume).mountPath;
  const id = expand(mountOf(container, "ids").subPathExpr!, environment);
  const { runAsUser, runAsGroup } = spec.securityContext!;
  return [
    `--user=${runAsUser}:${runAsGroup}`,
    ...(container.securityContext!.readOnlyRootFilesystem === true ? ["--read-only"] : []),
    ...container.securityContext!.capabilities!.drop!.map((name) => `--cap-drop=${name}`),
    "--security-opt=no-new-privileges",
    `--memory=${container.resources!.limits!["memory"]!.toString().replace("Mi", "m")}`,
    `--volume=${volumeOf(pod)}:${at("data")}`,
    `--volume=${join(folder, "config")}:${at("config")}:ro`,
    `--volume=${join(folder, "ids", id)}:${at("ids")}:ro`,
    `--volume=${join(folder, "secrets")}:${at("secrets")}:ro`,
    ...Object.entries(environment).map(([name, value]) => `--env=${name}=${value}`),
  ];
}

/** The name of the service, which leads to pods that are ready: here to this one. */
let servedBy = "phi-0";

/** Where operators have changed that. */
let dataDirectory: string | undefined;

const aliasesOf = (pod: string) => [
  `${pod}.phi-peers.${DOMAIN}`,
  ...(pod === servedBy ? [`phi.${DOMAIN}`] : []),
];

/** Starts a pod as Kubernetes would, in the namespace's names; whoever is there already is replaced. */
async function startPod(manifests: readonly Manifest[], pod: string): Promise<void> {
  const name = containerOf(pod);
  if (containers.has(name)) await done(["docker", "rm", "--force", name]);
  containers.add(name);
  volumes.add(volumeOf(pod));
  await done([
    "docker",
    "run",
    "--detach",
    `--name=${name}`,
    `--hostname=${pod}`,
    `--network=${NETWORK}`,
    ...aliasesOf(pod).map((alias) => `--network-alias=${alias}`),
    ...[DOMAIN, "svc.cluster.local", "cluster.local"].map((search) => `--dns-search=${search}`),
    "--dns-option=ndots:5",
    "--publish=127.0.0.1::8000",
    ...podArguments(manifests, pod),
    IMAGE,
    ...podOf(manifests).container.args!,
  ]);
}

async function loseVolume(pod: string): Promise<void> {
  await done(["docker", "rm", "--force", containerOf(pod)]);
  containers.delete(containerOf(pod));
  await done(["docker", "volume", "rm", volumeOf(pod)]);
}

async function urlOf(pod: string): Promise<string> {
  const address = await done(["docker", "port", containerOf(pod), "8000/tcp"]);
  return `http://${address.split("\n")[0]}`;
}

/** Undefined while it does not answer as a member. */
async function clusterAt(pod: string): Promise<ClusterStatus | undefined> {
  try {
    const response = await fetch(`${await urlOf(pod)}/cluster`);
    return response.ok ? ((await response.json()) as ClusterStatus) : undefined;
  } catch {
    return undefined;
  }
}

const untilVoters = (pod: string, ...ids: readonly string[]) =>
  until(`${pod} to see voters ${ids.join(", ")}`, async () => {
    const status = await clusterAt(pod);
    const voters = status?.members.filter(({ role }) => role === "voter").map(({ id }) => id);
    return status?.quorum === true && voters?.join() === ids.join() ? status : undefined;
  });

/** The exit code of a pod that gave up, and what it said last. */
async function gaveUp(pod: string): Promise<{ readonly code: string; readonly said: string }> {
  const name = containerOf(pod);
  const code = await done(["docker", "wait", name]);
  return { code, said: (await run(["docker", "logs", name])).stderr };
}

const apply = (pod: string) =>
  done(["docker", "exec", containerOf(pod), "phi", "apply", "-f", "/etc/phi/config/servers.yml"]);

describe("three pods", () => {
  test(
    "found/ makes one cluster of one, base/ three of it; what was founded stays when its pod is replaced",
    async () => {
      await startPod(found, "phi-0");
      const { clusterId } = await untilVoters("phi-0", "phi-0");
      for (const pod of ["phi-1", "phi-2", "phi-0"]) await startPod(base, pod);
      const whole = await untilVoters("phi-2", "phi-0", "phi-1", "phi-2");
      expect(whole.clusterId).toBe(clusterId);
      expect(whole.members.map(({ address }) => address)).toEqual(
        [0, 1, 2].map((index) => `phi-${index}.phi-peers.${NAMESPACE}.svc:7000`),
      );
      const ready = await fetch(`${await urlOf("phi-1")}/readyz`);
      expect(ready.status).toBe(200);
    },
    LONG_MS,
  );

  test(
    "a changed servers.yml takes effect by `phi apply` in a pod",
    async () => {
      const text = "servers: [{name: api, url: 'http://phi-1.phi-peers:8000/healthz'}]\n";
      await writeFile(join(folder, "config/servers.yml"), text);
      await apply("phi-1");
      await until("phi-2 to hold it for up", async () => {
        const response = await fetch(`${await urlOf("phi-2")}/targets/api`);
        const { verdict } = (await response.json()) as { readonly verdict?: string };
        return verdict === "up" ? true : undefined;
      });
    },
    LONG_MS,
  );

  test(
    "a pod whose volume was lost founds nothing and is not let in, until its old id is out and it has another",
    async () => {
      await loseVolume("phi-1");
      await startPod(base, "phi-1");
      const { code, said } = await gaveUp("phi-1");
      expect(code).toBe("1");
      expect(said).toContain('"phi-1" is a member of that cluster already');
      const removed = await fetch(`${await urlOf("phi-0")}/cluster/members/phi-1`, {
        method: "DELETE",
        headers: { authorization: `Bearer ${TOKEN.replaceAll(" ", "-")}` },
      });
      expect(removed.status).toBe(200);
      await setId("phi-1", "phi-1b");
      await startPod(base, "phi-1");
      const { members } = await untilVoters("phi-1", "phi-0", "phi-1b", "phi-2");
      expect(members[1]!.address).toBe(`phi-1.phi-peers.${NAMESPACE}.svc:7000`);
    },
    LONG_MS,
  );

  test(
    "nor does phi-0, which once founded",
    async () => {
      await loseVolume("phi-0");
      servedBy = "phi-2";
      await startPod(base, "phi-2");
      await untilVoters("phi-2", "phi-0", "phi-1b", "phi-2");
      await startPod(base, "phi-0");
      const { said } = await gaveUp("phi-0");
      expect(said).toContain('"phi-0" is a member of that cluster already');
    },
    LONG_MS,
  );

  test(
    "two volumes of three are lost: what the third one has becomes a new cluster, which the others join",
    async () => {
      await loseVolume("phi-1");
      await until("phi-2 to be alone", async () =>
        (await clusterAt("phi-2"))?.quorum === false ? true : undefined,
      );
      await done(["docker", "rm", "--force", containerOf("phi-2")]);
      containers.delete(containerOf("phi-2"));
      const recover = [
        "recover",
        "--force-new-cluster",
        "--datadir=/data/phi",
        "--into=/data/phi-2",
      ];
      await done([
        "docker",
        "run",
        "--rm",
        "--network=none",
        ...podArguments(base, "phi-2"),
        IMAGE,
        ...recover,
      ]);
      dataDirectory = "/data/phi-2";
      await setId("phi-0", "phi-0b");
      await setId("phi-1", "phi-1c");
      for (const pod of ["phi-2", "phi-1", "phi-0"]) await startPod(base, pod);
      await untilVoters("phi-0", "phi-0b", "phi-1c", "phi-2");
      const config = await fetch(`${await urlOf("phi-1")}/config/api`);
      expect(config.status).toBe(200);
    },
    LONG_MS,
  );
});
