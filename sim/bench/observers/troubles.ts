/**
 * Three monitors that watch the same servers and tell a webhook: what all of them hold together, and whom they
 * wake, while one is paused, stalls again and again, or is cut off from servers that are well; and how much later
 * than each for itself they call a server dead that is.
 */
import { join } from "node:path";
import { freePorts } from "../../free_ports.ts";
import { askJson, Monitors, until, type Monitor } from "../cluster/monitors.ts";
import { withDirectory } from "../raft/cluster.ts";
import type { BenchRow } from "../row.ts";
import { Doors } from "./doors.ts";
import { Listener } from "./said.ts";

const SERVERS = 10;
const PAUSE_MS = 30_000;
const STALL_MS = 300;
const STALLS = 30;
const BETWEEN_STALLS_MS = 700;
/** Long enough for three rounds of probes, and for an alert to leave. */
const AFTER_MS = 10_000;
/** As `test4` of servers.yml: what is down after a silence of two seconds and a little. */
const STRICT = { threshold: 8, minStdDeviationMillis: 200 };
const MAX_LATER_MS = 1_000;

/** The place of the monitor that all is done to; the first is the leader most likely. */
const VICTIM = 2;

interface House {
  readonly monitors: Monitors;
  readonly doors: Doors;
  readonly servers: readonly Bun.Subprocess[];
  /** How many notices have left. */
  readonly noticeCount: () => number;
}

export async function benchTroubles(): Promise<BenchRow[]> {
  return withDirectory(async (directory) => {
    const ports = freePorts(SERVERS);
    let notices = 0;
    const sink = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch: () => {
        notices++;
        return new Response();
      },
    });
    const doors = new Doors(ports);
    const monitors = new Monitors({
      directory: join(directory, "troubles"),
      size: 3,
      config: await writeConfig(directory, ports),
      flagsOf: await flagsOf(directory, `http://127.0.0.1:${sink.port}`, doors),
    });
    const servers = ports.map((port) =>
      Bun.spawn([monitors.binary, "sim", `--port=${port}`], {
        stdin: "ignore",
        stdout: "ignore",
        stderr: "ignore",
      }),
    );
    try {
      await monitors.start();
      for (const monitor of monitors.all) await allUp(monitor);
      return await rowsOf({ monitors, doors, servers, noticeCount: () => notices });
    } finally {
      await monitors.stop();
      doors.stop();
      for (const server of servers) server.kill();
      await sink.stop(true);
    }
  });
}

async function writeConfig(directory: string, ports: readonly number[]): Promise<string> {
  const path = join(directory, "config.json");
  const servers = ports.map((port, place) => ({
    name: `s${place + 1}`,
    url: `http://127.0.0.1:${port}/heartbeat`,
    monitor: STRICT,
  }));
  await Bun.write(path, JSON.stringify({ servers }));
  return path;
}

async function flagsOf(directory: string, webhook: string, doors: Doors) {
  const secretFile = join(directory, "secret");
  await Bun.write(secretFile, "a secret for signing what is told\n");
  const alerts = join(directory, "alerts.json");
  const receivers = [{ name: "sink", webhook, secretFile, groupWaitMillis: 0 }];
  await Bun.write(alerts, JSON.stringify({ rules: [{ verdict: "down" }], receivers }));
  return (place: number) => [`--alerts=${alerts}`, ...(place === VICTIM ? doors.flags : [])];
}

async function allUp({ id, url }: Monitor): Promise<void> {
  interface Seen {
    readonly verdict: string;
    readonly combined?: { readonly verdict: string };
  }
  await until(`all servers to be up for ${id}`, async () => {
    const seen = (await askJson(`${url}/targets`)) as readonly Seen[] | undefined;
    const isUp = seen?.every(
      ({ verdict, combined }) => verdict === "up" && combined?.verdict === "up",
    );
    return seen?.length === SERVERS && isUp === true ? true : undefined;
  });
}

async function rowsOf(house: House): Promise<BenchRow[]> {
  const [victim, leader] = [house.monitors.all[VICTIM]!, await house.monitors.settled()];
  return [
    await troubled(house, "one does not run for 30 s", () => pause(victim)),
    await troubled(house, "the leader does not run for 30 s", () => pause(leader)),
    await troubled(house, `one stalls for ${STALL_MS} ms, ${STALLS} times`, () => stall(victim)),
    await troubled(house, "one is cut off from all servers for 30 s", async () => {
      house.doors.shut();
      await Bun.sleep(PAUSE_MS);
      house.doors.open();
    }),
    await deadServer(house),
  ];
}

async function pause(monitor: Monitor): Promise<void> {
  monitor.signal("SIGSTOP");
  await Bun.sleep(PAUSE_MS);
  monitor.signal("SIGCONT");
}

async function stall(monitor: Monitor): Promise<void> {
  for (let count = 0; count < STALLS; count++) {
    monitor.signal("SIGSTOP");
    await Bun.sleep(STALL_MS);
    monitor.signal("SIGCONT");
    await Bun.sleep(BETWEEN_STALLS_MS);
  }
}

/** What is said of servers that are well. */
async function troubled(
  { monitors, noticeCount }: House,
  what: string,
  make: () => Promise<void>,
): Promise<BenchRow> {
  for (const monitor of monitors.all) await allUp(monitor);
  const noticesBefore = noticeCount();
  const listener = new Listener(monitors.all);
  await make();
  await Bun.sleep(AFTER_MS);
  await listener.stop();
  const down = listener.said.filter(({ to }) => to === "down");
  const [byAll, byOne] = [down.filter(({ by }) => by === "all").length, down.length];
  const notices = noticeCount() - noticesBefore;
  return {
    what: `of three monitors ${what}: combined "down" (one's own), notices sent`,
    measured: `${byAll} (${byOne - byAll}), ${notices}`,
    toReach: "0, 0",
    isReached: byAll === 0 && notices === 0,
  };
}

async function deadServer({ monitors, servers }: House): Promise<BenchRow> {
  for (const monitor of monitors.all) await allUp(monitor);
  const listener = new Listener(monitors.all);
  servers[0]!.kill("SIGKILL");
  const killedMs = performance.now();
  await until("all to hold the dead server for down", async () =>
    listener.isSaidByAll(monitors.all, "all", "s1", "down") &&
    listener.isSaidByAll(monitors.all, "one", "s1", "down")
      ? true
      : undefined,
  );
  await listener.stop();
  const own = listener.momentsOf("one", "s1", "down").map((atMs) => atMs - killedMs);
  const combined = listener.momentsOf("all", "s1", "down").map((atMs) => atMs - killedMs);
  // Two of three have to say so: the slower of the two quickest.
  const slowestOfNeeded = own.toSorted((left, right) => left - right)[1]!;
  const later = Math.max(...combined) - slowestOfNeeded;
  return {
    what: "a dead server: the last to hold it for down together, after the slowest of the two it takes",
    measured: `${seconds(Math.max(...combined))} s, ${seconds(later)} s after`,
    toReach: `<= ${seconds(MAX_LATER_MS)} s after`,
    isReached: later <= MAX_LATER_MS,
  };
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(2);
}
