/**
 * How soon a monitor that joins watches what the cluster watches: 10,000 targets, which the founder began
 * with, so that they come as a snapshot. Two join, one after the other. The targets are answered by a few
 * servers and asked rarely, so that probing is not what is measured.
 */
import { join } from "node:path";
import { startScript } from "../child.ts";
import { withDirectory } from "../raft/cluster.ts";
import type { BenchRow } from "../row.ts";
import { askJson, type Monitor, Monitors, until } from "./monitors.ts";

const TARGETS = 10_000;
const INTERVAL_MS = 10_000;
/** Each holds a connection open to each target from each monitor. */
const SERVERS = 5;
const TO_REACH_MS = 5_000;

interface Join {
  /** From the start of the process to all targets under watch. */
  readonly startMs: number;
  /** The same from when it asked to be let in. */
  readonly joinMs: number;
}

export async function benchJoining(): Promise<BenchRow[]> {
  return withDirectory(async (directory) => {
    const servers = await Promise.all(
      Array.from({ length: SERVERS }, () => startScript("responder.ts")),
    );
    const config = join(directory, "config.json");
    const ports = servers.map(({ firstLine }) => Number(firstLine));
    await Bun.write(config, JSON.stringify({ servers: targets(ports) }));
    const monitors = new Monitors({ directory: join(directory, "join"), size: 3, config });
    try {
      const [founder, ...others] = monitors.all;
      founder!.start();
      await watching(founder!);
      const joins: Join[] = [];
      for (const monitor of others) joins.push(await joinOne(monitor));
      await monitors.settled();
      return rowsOf(joins);
    } finally {
      await monitors.stop();
      await Promise.all(servers.map((server) => server.stop()));
    }
  });
}

function targets(ports: readonly number[]) {
  return Array.from({ length: TARGETS }, (_, place) => ({
    name: `target-${place}`,
    url: `http://127.0.0.1:${ports[place % ports.length]}/heartbeat`,
    intervalMillis: INTERVAL_MS,
  }));
}

async function joinOne(monitor: Monitor): Promise<Join> {
  const startedMs = performance.now();
  const startedWallMs = Date.now();
  monitor.start();
  await watching(monitor);
  const startMs = performance.now() - startedMs;
  return { startMs, joinMs: startMs - ((await askedWallMs(monitor)) - startedWallMs) };
}

/** Until all targets are under watch; a monitor that has yet to join is not ready. */
async function watching({ id, url }: Monitor): Promise<void> {
  await until(`${id} to watch ${TARGETS} targets`, async () => {
    const ready = (await askJson(`${url}/readyz`)) as { readonly watching: number } | undefined;
    return ready?.watching === TARGETS ? true : undefined;
  });
}

/** By its log: when it asked to be let in. */
async function askedWallMs(monitor: Monitor): Promise<number> {
  const line = /^(?<time>\S+) .* asks \S+ to be let into the cluster/mu.exec(await monitor.log());
  if (line === null) throw new Error(`${monitor.id} does not say when it asked to be let in`);
  return Date.parse(line.groups!["time"]!);
}

function rowsOf(joins: readonly Join[]): BenchRow[] {
  const [start, joined] = [
    joins.map(({ startMs }) => startMs),
    joins.map(({ joinMs }) => joinMs),
  ].map((times) => times.map((ms) => (ms / 1_000).toFixed(2)).join(" and "));
  const slowestMs = Math.max(...joins.map(({ startMs }) => startMs));
  return [
    {
      what: `a second and a third monitor: process start to ${TARGETS} targets under watch`,
      measured: `${start} s`,
      toReach: `<= ${(TO_REACH_MS / 1_000).toFixed(1)} s`,
      isReached: slowestMs <= TO_REACH_MS,
    },
    { what: "the same from when it asked to be let in", measured: `${joined} s`, toReach: "" },
  ];
}
