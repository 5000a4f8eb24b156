/**
 * A monitor that does not run for 30 s (SIGSTOP), the leader at that: what it says of its servers when it
 * wakes, and what the others said meanwhile. The servers answer all the time.
 */
import { join } from "node:path";
import { freePorts } from "../../free_ports.ts";
import { withDirectory } from "../raft/cluster.ts";
import type { BenchRow } from "../row.ts";
import { askJson, type Monitor, Monitors, until } from "./monitors.ts";

const SERVERS = 10;
const PAUSE_MS = 30_000;
/** Long enough for three rounds of probes. */
const AFTER_MS = 10_000;
/** As `test4` of servers.yml: what is down after a silence of two seconds and a little. */
const STRICT = { threshold: 8, minStdDeviationMillis: 200 };

export async function benchPause(): Promise<BenchRow[]> {
  return withDirectory(async (directory) => {
    const ports = freePorts(SERVERS);
    const config = join(directory, "config.json");
    await Bun.write(config, JSON.stringify({ servers: targets(ports) }));
    const monitors = new Monitors({ directory: join(directory, "pause"), size: 3, config });
    const servers = Bun.spawn([monitors.binary, "sim", `--port=${ports.join(",")}`], {
      stdin: "ignore",
      stdout: "ignore",
      stderr: "ignore",
    });
    try {
      await monitors.start();
      for (const monitor of monitors.all) await allUp(monitor);
      const leader = await monitors.settled();
      const before = await changesOf(monitors.all);
      leader.signal("SIGSTOP");
      await Bun.sleep(PAUSE_MS);
      leader.signal("SIGCONT");
      await Bun.sleep(AFTER_MS);
      await allUp(leader);
      return rowsOf(leader, monitors.all, before, await changesOf(monitors.all));
    } finally {
      await monitors.stop();
      servers.kill();
      await servers.exited;
    }
  });
}

/** Each server as it comes, and once more with stricter settings. */
function targets(ports: readonly number[]) {
  return ports.flatMap((port, place) => {
    const url = `http://127.0.0.1:${port}/heartbeat`;
    return [
      { name: `server${place + 1}`, url },
      { name: `strict${place + 1}`, url, monitor: STRICT },
    ];
  });
}

async function allUp({ id, url }: Monitor): Promise<void> {
  await until(`all servers to be up for ${id}`, async () => {
    const seen = (await askJson(`${url}/targets`)) as readonly { verdict: string }[] | undefined;
    const isUp = seen?.length === 2 * SERVERS && seen.every(({ verdict }) => verdict === "up");
    return isUp ? true : undefined;
  });
}

interface Changes {
  readonly toSuspect: number;
  readonly toDown: number;
}

/** How often each has called a server suspect or down, by its log. */
async function changesOf(monitors: readonly Monitor[]): Promise<Map<Monitor, Changes>> {
  const changes = new Map<Monitor, Changes>();
  for (const monitor of monitors) {
    const log = await monitor.log();
    const count = (verdict: string) =>
      log.split("\n").filter((line) => line.includes(` -> ${verdict}: `)).length;
    changes.set(monitor, { toSuspect: count("suspect"), toDown: count("down") });
  }
  return changes;
}

function rowsOf(
  paused: Monitor,
  monitors: readonly Monitor[],
  before: ReadonlyMap<Monitor, Changes>,
  after: ReadonlyMap<Monitor, Changes>,
): BenchRow[] {
  const since = (monitor: Monitor) => ({
    toDown: after.get(monitor)!.toDown - before.get(monitor)!.toDown,
    toSuspect: after.get(monitor)!.toSuspect - before.get(monitor)!.toSuspect,
  });
  const own = since(paused);
  const others = monitors.filter((monitor) => monitor !== paused).map(since);
  const othersDown = others.reduce((sum, { toDown }) => sum + toDown, 0);
  return [
    {
      what: `servers called down (and suspect) by a leader that was paused for ${PAUSE_MS / 1_000} s`,
      measured: `${own.toDown} (${own.toSuspect}) of ${2 * SERVERS}`,
      toReach: "0",
      isReached: own.toDown === 0,
    },
    {
      what: "servers called down by the other two meanwhile",
      measured: String(othersDown),
      toReach: "0",
      isReached: othersDown === 0,
    },
  ];
}
