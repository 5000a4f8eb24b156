/**
 * The alert rules that operators are given, in a real Prometheus that scrapes three real monitors: what must fire
 * does, once for all monitors, and ends when its reason does.
 */
import { afterEach, expect, test } from "bun:test";
import { freePorts } from "../../sim/free_ports.ts";
import { control, startServers, stopAll, until } from "../kit/binary.ts";
import { type Monitor, startCluster } from "../kit/cluster.ts";
import { needs } from "../kit/needs.ts";
import { type FiringAlert, type Prometheus, startPrometheus } from "../kit/prometheus.ts";

const LONG_MS = 180_000;

afterEach(stopAll);

const nameOf = ({ labels }: FiringAlert) => labels["alertname"]!;

/** What is or could be said of a monitor that died. */
const OF_ONE_GONE = ["PhiMonitorDown", "PhiObserverGone", "PhiPeerUnreachable"];

/** The alerts of that name, once there are any. */
const untilFires = (prometheus: Prometheus, name: string) =>
  until(`${name} to fire`, async () => {
    const found = (await prometheus.firing()).filter((alert) => nameOf(alert) === name);
    return found.length > 0 ? found : undefined;
  });

const untilEnds = (prometheus: Prometheus, ...names: readonly string[]) =>
  until(`${names.join(", ")} to end`, async () => {
    const firing = (await prometheus.firing()).map(nameOf);
    return firing.some((name) => names.includes(name)) ? undefined : true;
  });

/** Three monitors that watch two servers every 300 ms, and a Prometheus that has seen all of it. */
async function setUp() {
  const { ports } = await startServers(2);
  const metricsPorts = freePorts(3);
  const monitors = await startCluster(3, (id) => ({
    flags: [`--metrics-bind=127.0.0.1:${metricsPorts["abc".indexOf(id)]}`],
  }));
  for (const [index, port] of ports.entries()) {
    await monitors[0]!.put({
      name: `server${index + 1}`,
      url: `http://127.0.0.1:${port}/heartbeat`,
      intervalMillis: 300,
      timeoutMillis: 1_000,
      monitor: { threshold: 12, minStdDeviationMillis: 300, firstHeartbeatEstimateMillis: 600 },
    });
  }
  const hosts = metricsPorts.map((port) => `127.0.0.1:${port}`);
  const prometheus = await startPrometheus(hosts, { withRules: true });
  await until("Prometheus to see two targets up", async () => {
    const up = await prometheus.query('min by (target) (phi_combined_state{state="up"}) == 1');
    return up.size === 2 ? true : undefined;
  });
  return { ports, monitors, prometheus, hosts };
}

async function restart(prometheus: Prometheus, monitors: readonly Monitor[], ...names: string[]) {
  for (const monitor of monitors) monitor.start();
  await untilEnds(prometheus, ...names);
}

test.skipIf(!needs("prometheus"))(
  "a server that no longer answers is one page; a monitor that dies is told of, most of them wake somebody",
  async () => {
    const { ports, monitors, prometheus, hosts } = await setUp();
    const [first, second, third] = monitors;
    // Before the first scrape there is nobody who watches.
    await until("nothing to fire", async () =>
      (await prometheus.firing()).length === 0 ? true : undefined,
    );

    await control(ports[1]!, { dropRate: 1 });
    const down = await untilFires(prometheus, "PhiTargetDown");
    expect(down.map(({ labels }) => labels)).toEqual([
      { alertname: "PhiTargetDown", job: "phi", severity: "critical", target: "server2" },
    ]);
    expect(down[0]!.annotations["summary"]).toBe("server2 is down");
    await control(ports[1]!, { dropRate: 0 });
    await untilEnds(prometheus, "PhiTargetDown");

    await third!.end("SIGKILL");
    const [gone] = await untilFires(prometheus, "PhiObserverGone");
    expect(gone!.labels["observer"]).toBe("c");
    const [unscraped] = await untilFires(prometheus, "PhiMonitorDown");
    expect(unscraped!.labels["instance"]).toBe(hosts[2]);
    // It is told of as one that is gone, and not once more for each connection that it has no more. On a
    // busy machine others may be told of, too: those that doubt themselves.
    const told = (await prometheus.firing()).map(nameOf);
    expect(told.filter((name) => OF_ONE_GONE.includes(name)).toSorted()).toEqual([
      "PhiMonitorDown",
      "PhiObserverGone",
    ]);
    await restart(prometheus, [third!], "PhiMonitorDown", "PhiObserverGone");

    await second!.end("SIGKILL");
    await third!.end("SIGKILL");
    const [blind] = await untilFires(prometheus, "PhiBlind");
    expect(blind!.labels["severity"]).toBe("critical");
    const [stuck] = await untilFires(prometheus, "PhiNoQuorum");
    expect(stuck!.labels["severity"]).toBe("warning");
    await restart(prometheus, [second!, third!], "PhiBlind", "PhiNoQuorum");

    for (const monitor of [first, second, third]) await monitor!.end("SIGKILL");
    await untilFires(prometheus, "PhiNobodyWatches");
  },
  LONG_MS,
);
