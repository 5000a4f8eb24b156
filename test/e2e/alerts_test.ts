/** Three monitors, all the compiled binary, that tell a real Alertmanager and a webhook when servers die. */
import { afterEach, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { freePorts } from "../../sim/free_ports.ts";
import { ALERTMANAGER, startAlertmanager, type Alertmanager } from "../kit/alertmanager.ts";
import { control, run, startServers, stopAll, temporaryDirectory, until } from "../kit/binary.ts";
import { leaderOf, type Monitor, startCluster, untilWhole } from "../kit/cluster.ts";
import { needs } from "../kit/needs.ts";
import { WebhookSink } from "../kit/webhook_sink.ts";

const LONG_MS = 120_000;
const SECRET = "the secret of the webhook's sink";

let sink: WebhookSink;
let alertmanager: Alertmanager | undefined;

afterEach(async () => {
  await stopAll();
  await alertmanager?.stop();
  alertmanager = undefined;
  await sink.stop();
});

/** Quick to judge, but no quicker than a server's process may stand still on a busy machine. */
const QUICK = {
  intervalMillis: 300,
  timeoutMillis: 1_000,
  labels: { team: "payments" },
  monitor: { threshold: 12, minStdDeviationMillis: 300, firstHeartbeatEstimateMillis: 600 },
};

/** An alerts file for the sink, and for Alertmanager if there is one. */
function writeAlerts(repeatMillis = 1_000, keepFiringMillis = 500): string {
  const directory = temporaryDirectory();
  const secretFile = join(directory, "secret");
  writeFileSync(secretFile, `${SECRET}\n`);
  const file = join(directory, "alerts.json");
  const chat = { name: "chat", webhook: sink.url, secretFile, groupWaitMillis: 500 };
  const urls = alertmanager && {
    name: "am",
    alertmanager: [alertmanager.url],
    repeatMillis,
  };
  const rules = [{ verdict: "down", keepFiringMillis, labels: { severity: "page" } }];
  writeFileSync(file, JSON.stringify({ rules, receivers: urls ? [chat, urls] : [chat] }));
  return file;
}

/** `flagsOf`: what else a monitor is started with, for the servers on these ports. */
async function setUp(
  serverCount = 1,
  flagsOf: (id: string, ports: readonly number[]) => readonly string[] = () => [],
  repeatMillis?: number,
) {
  sink = new WebhookSink(SECRET);
  const { ports } = await startServers(serverCount);
  const alerts = writeAlerts(repeatMillis);
  const monitors = await startCluster(3, (id) => ({
    flags: [`--alerts=${alerts}`, ...flagsOf(id, ports)],
  }));
  for (const [place, port] of ports.entries()) {
    const url = `http://127.0.0.1:${port}/heartbeat`;
    const put = await monitors[0]!.put({ name: `s${place}`, url, ...QUICK });
    expect(put.status).toBe(200);
  }
  return { ports, monitors };
}

/** As `setUp`, once all servers are up to all monitors. */
async function setUpAndUp(serverCount = 1, repeatMillis?: number) {
  const { ports, monitors } = await setUp(serverCount, undefined, repeatMillis);
  for (const [place] of ports.entries()) await untilCombined(monitors, `s${place}`, "up");
  return { ports, monitors };
}

async function untilCombined(
  monitors: readonly Monitor[],
  target: string,
  verdict: string,
): Promise<void> {
  for (const monitor of monitors) {
    await until(`${monitor.id} to hold ${target} for ${verdict}`, async () => {
      const { body } = await monitor.ask(`/targets/${target}`);
      const combined = body["combined"] as { verdict: string } | undefined;
      return combined?.verdict === verdict ? true : undefined;
    });
  }
}

/** Long enough for whatever should not come. */
const SETTLE_MS = 3_000;

const silence = (port: number) => control(port, { dropRate: 1 });
const revive = (port: number) => control(port, { dropRate: 0 });

describe("three monitors", () => {
  test.skipIf(!needs(ALERTMANAGER))(
    "a server dies: Alertmanager and the webhook are told once, and of the end",
    async () => {
      alertmanager = await startAlertmanager();
      const { ports, monitors } = await setUpAndUp();
      await silence(ports[0]!);
      await until("the webhook", () => (sink.notices.length > 0 ? true : undefined));
      const [alert] = await until("Alertmanager", async () => {
        const alerts = await alertmanager!.alerts();
        return alerts.length > 0 ? alerts : undefined;
      });
      expect(alert!.labels).toEqual({
        alertname: "PhiTargetDown",
        target: "s0",
        verdict: "down",
        team: "payments",
        severity: "page",
      });
      expect(alert!.annotations["summary"]).toBe("s0 is down");
      await Bun.sleep(SETTLE_MS);
      expect(sink.told).toEqual(["firing s0"]);
      expect(sink.notices).toHaveLength(1);
      expect(alertmanager.told).toEqual(["firing s0"]);
      // It is repeated, or Alertmanager would take it for resolved after four seconds.
      await Bun.sleep(SETTLE_MS);
      expect(await alertmanager.alerts()).toHaveLength(1);
      const { body } = await monitors[1]!.ask("/alerts");
      expect(body).toMatchObject({
        incidents: [{ target: "s0", receivers: { chat: "told", am: "told" } }],
        dropped: 0,
      });
      expect(await monitors[2]!.metric("phi_alerts_open")).toBe(1);
      await revive(ports[0]!);
      await until("both ends", () =>
        sink.told.length === 2 && alertmanager!.told.length === 2 ? true : undefined,
      );
      expect(sink.told).toEqual(["firing s0", "resolved s0"]);
      expect(alertmanager.told).toEqual(["firing s0", "resolved s0"]);
      expect(sink.forgeries).toBe(0);
      const leader = await leaderOf(monitors);
      const delivered = await leader.metric(
        'phi_alert_notifications_total{receiver="chat",outcome="delivered"}',
      );
      expect(delivered).toBe(2);
      await until("the incident to be forgotten", async () =>
        (await leader.metric("phi_alerts_open")) === 0 ? true : undefined,
      );
    },
    LONG_MS,
  );

  test.skipIf(!needs(ALERTMANAGER))(
    "two of three die: Alertmanager does not take for resolved what is down",
    async () => {
      alertmanager = await startAlertmanager();
      // It would after eight seconds.
      const { ports, monitors } = await setUpAndUp(1, 2_000);
      await silence(ports[0]!);
      await until("Alertmanager", () => (alertmanager!.told.length > 0 ? true : undefined));
      const leader = await leaderOf(monitors);
      const survivor = monitors.find((monitor) => monitor !== leader)!;
      for (const monitor of monitors) if (monitor !== survivor) await monitor.end("SIGKILL");
      await Bun.sleep(4 * SETTLE_MS);
      expect(await alertmanager.alerts()).toHaveLength(1);
      expect(alertmanager.told).toEqual(["firing s0"]);
      expect((await survivor.ask("/cluster")).body).toMatchObject({ quorum: false });
    },
    LONG_MS,
  );

  test(
    "the leader is killed while the receiver is down: it is told once, by the one that leads then",
    async () => {
      const { ports, monitors } = await setUpAndUp();
      const leader = await leaderOf(monitors);
      sink.status = 503;
      await silence(ports[0]!);
      await until("the first attempt", () => (sink.requests > 0 ? true : undefined));
      const { body } = await leader.ask("/alerts");
      expect(body).toMatchObject({ sender: true, receivers: [{ name: "chat", queue: 1 }] });
      await leader.end("SIGKILL");
      const others = monitors.filter((monitor) => monitor !== leader);
      const next = await leaderOf(others);
      const before = sink.requests;
      await until("the next one's attempt", () => (sink.requests > before ? true : undefined));
      expect((await next.ask("/alerts")).body).toMatchObject({ sender: true });
      sink.status = 200;
      await until("the webhook", () => (sink.notices.length > 0 ? true : undefined));
      leader.start();
      await untilWhole(monitors);
      await Bun.sleep(SETTLE_MS);
      expect(sink.told).toEqual(["firing s0"]);
      expect(sink.notices).toHaveLength(1);
      await revive(ports[0]!);
      await until("the end", () => (sink.told.length > 1 ? true : undefined));
      expect(sink.told).toEqual(["firing s0", "resolved s0"]);
    },
    LONG_MS,
  );

  test(
    "one of them is cut off from a healthy server: the cluster calls it partial, and no alert leaves",
    async () => {
      const nowhere = freePorts(1)[0]!;
      const { monitors } = await setUp(1, (id, [port]) =>
        id === "c" ? [`--connect-to=127.0.0.1:${port}=127.0.0.1:${nowhere}`] : [],
      );
      await untilCombined(monitors, "s0", "partial");
      await Bun.sleep(SETTLE_MS);
      // While the leader doubts itself it would tell nobody anyway.
      const { incidents } = await until("a leader that may tell", async () => {
        const { body } = await (await leaderOf(monitors)).ask("/alerts");
        return body["sender"] === true && body["hold"] === null ? body : undefined;
      });
      expect(incidents).toEqual([]);
      expect(sink.requests).toBe(0);
      await until("c alone to differ", async () => {
        const { verdict, combined } = (await monitors[0]!.ask("/targets/s0")).body;
        const { dissenters } = combined as { dissenters: readonly string[] };
        return (verdict === "up" && dissenters.join() === "c") || undefined;
      });
    },
    LONG_MS,
  );

  test(
    "a silence holds it back, on whatever monitor it was made, and its end lets it go",
    async () => {
      const { ports, monitors } = await setUpAndUp(2);
      const cli = (...args: string[]) => run(["silence", ...args, `--api=${monitors[2]!.url}`]);
      const why = ["--for=1h", "--author=me", "--comment=new disks"];
      const added = await cli("add", "target=s0", "team=pay*", ...why);
      expect([added.code, added.stderr]).toEqual([0, ""]);
      const id = /^silence (?<id>\w+) until /u.exec(added.stdout)!.groups!["id"]!;
      await silence(ports[0]!);
      await silence(ports[1]!);
      await until("the one that is not silenced", () => (sink.told.length > 0 ? true : undefined));
      await Bun.sleep(SETTLE_MS);
      expect(sink.told).toEqual(["firing s1"]);
      const leader = await leaderOf(monitors);
      const { body } = await leader.ask("/alerts");
      const held = (body["incidents"] as { target: string }[]).find(
        ({ target }) => target === "s0",
      );
      expect(held).toMatchObject({ silencedBy: [id], receivers: { chat: "silenced" } });
      expect((await cli("list")).stdout).toContain("target=s0 team=pay*  new disks");
      expect((await cli("remove", id)).stdout).toContain(`silence ${id} is over`);
      await until("the other one", () => (sink.told.length > 1 ? true : undefined));
      expect(sink.told).toEqual(["firing s1", "firing s0"]);
      expect((await cli("remove", id)).code).toBe(1);
    },
    LONG_MS,
  );
});

test(
  "a lone monitor that keeps no history is restarted while a server is down: it tells nothing of that",
  async () => {
    sink = new WebhookSink(SECRET);
    const { ports } = await startServers(1);
    // As by default: whatever is another verdict for a moment would be told.
    const alerts = writeAlerts(undefined, 0);
    const monitors = await startCluster(1, () => ({
      flags: [`--alerts=${alerts}`, "--history-days=0"],
    }));
    const [monitor] = monitors as [Monitor];
    await monitor.put({ name: "s0", url: `http://127.0.0.1:${ports[0]!}/heartbeat`, ...QUICK });
    await untilCombined(monitors, "s0", "up");
    await silence(ports[0]!);
    await until("the webhook", () => (sink.told.length > 0 ? true : undefined));
    expect(await monitor.end("SIGTERM")).toBe(0);
    monitor.start();
    await untilWhole(monitors);
    await untilCombined(monitors, "s0", "down");
    await Bun.sleep(SETTLE_MS);
    expect(sink.told).toEqual(["firing s0"]);
    await revive(ports[0]!);
    await until("the end", () => (sink.told.length > 1 ? true : undefined));
    expect(sink.told).toEqual(["firing s0", "resolved s0"]);
  },
  LONG_MS,
);

test("a monitor does not start on an alerts file that is wrong, or whose secrets cannot be read", async () => {
  sink = new WebhookSink(SECRET);
  const file = writeAlerts();
  const flags = ["monitor", "--http-bind=127.0.0.1:0", "--datadir=:memory:"];
  writeFileSync(file.replace("alerts.json", "secret"), "short");
  const secret = await run([...flags, `--alerts=${file}`, "--allow-net=127.0.0.0/8"]);
  expect(secret.code).toBe(1);
  expect(secret.stderr).toContain("a secret has at least 24 bytes, this one has 5");
  const elsewhere = await run([...flags, `--alerts=${file}`, "--allow-net=192.0.2.0/24"]);
  expect(elsewhere.code).toBe(1);
  expect(elsewhere.stderr).toContain("receivers[0] (chat): 127.0.0.1, port");
  writeFileSync(file, "{}");
  const wrong = await run([...flags, `--alerts=${file}`]);
  expect(wrong.code).toBe(1);
  expect(wrong.stderr).toContain("alerts.json:1: receivers: is missing, and has no default");
});
