/**
 * `make soak`: three monitors watch thousands of targets for an hour, with a write of the config each second, while
 * things go wrong again and again, and what their processes hold, how late their loops come and what they miss is written down: a table, and a picture beside it.
 * It is bounded: `--minutes` (60) and `--targets` (5000). Exit 1 if a monitor has died or memory or descriptors grow.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Monitor, Monitors, until } from "../bench/cluster/monitors.ts";
import { freePorts } from "../free_ports.ts";
import { type Look, lookAt, quantileBound } from "./look.ts";
import { type Band, type Figure, soakPlot } from "./plot.ts";
import { type Slope, slopeOf } from "./slope.ts";
import { TROUBLES } from "./troubles.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "60" },
    targets: { type: "string", default: "5000" },
    interval: { type: "string", default: "1000" },
    out: { type: "string", default: ".run/soak.svg" },
  },
});
const minutes = Number(values.minutes);
const targetCount = Number(values.targets);
const intervalMillis = Number(values.interval);

/** Each process has five: with all of them in one, two connections a target would be more than it may open. */
const SERVERS = 50;
const SERVERS_A_PROCESS = 5;
const LOOK_EVERY_MS = 15_000;
const WRITE_EVERY_MS = 1_000;
const CALM_MS = 40_000;
const START_WITHIN_MS = 120_000;
/** What is learnt and compiled once is no growth. */
const WARM_UP_SHARE = 0.2;
/** Per hour, of one monitor; a leak of a kilobyte a second is 3.6. */
const MOST_GROWTH_MB = 10;

interface Seen extends Look {
  readonly atMs: number;
}

function targetOf(place: number): object {
  return {
    name: `target-${place + 1}`,
    url: `http://127.0.0.1:${ports[place % SERVERS]}/heartbeat`,
    intervalMillis,
  };
}

async function allUp({ id, pid, url }: Monitor): Promise<void> {
  const isAllUp = async () => {
    const seen = await lookAt(pid, `${url}/metrics`);
    return seen?.targetsUp === targetCount ? true : undefined;
  };
  await until(`all targets to be up for ${id}`, isAllUp, START_WITHIN_MS);
}

const directory = mkdtempSync(join(tmpdir(), "phi-soak-"));
const ports = freePorts(SERVERS);
const config = join(directory, "config.json");
const targets = Array.from({ length: targetCount }, (_, place) => targetOf(place));
await Bun.write(config, JSON.stringify({ servers: targets }));
const monitors = new Monitors({ directory: join(directory, "soak"), size: 3, config });
const servers = Array.from({ length: SERVERS / SERVERS_A_PROCESS }, (_, process) => {
  const own = ports.slice(process * SERVERS_A_PROCESS, (process + 1) * SERVERS_A_PROCESS);
  return Bun.spawn([monitors.binary, "sim", `--port=${own.join(",")}`], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
  });
});
const serverUrls = ports.map((port) => `http://127.0.0.1:${port}`);
const looks = new Map<Monitor, Seen[]>(monitors.all.map((monitor) => [monitor, []]));
const bands: Band[] = [];
const durationMs = minutes * 60_000;
const over = new AbortController();
const writes = { accepted: 0, refused: 0 };
let exitCode = 0;

async function look(beganMs: number): Promise<void> {
  while (!over.signal.aborted) {
    for (const monitor of monitors.all) {
      const seen = await lookAt(monitor.pid, `${monitor.url}/metrics`);
      if (seen !== undefined)
        looks.get(monitor)!.push({ ...seen, atMs: performance.now() - beganMs });
    }
    await Bun.sleep(LOOK_EVERY_MS);
  }
}

/** Labels change, one target after the other, through each monitor in turn: the log grows, and is cut. */
async function write(): Promise<void> {
  for (let turn = 0; !over.signal.aborted; turn++) {
    const place = turn % targetCount;
    const { url } = monitors.all[turn % monitors.all.length]!;
    const init = {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...targetOf(place), labels: { turn: String(turn) } }),
      signal: AbortSignal.timeout(10_000),
    };
    const status = await fetch(`${url}/config`, init).then(
      (response) => response.status,
      () => null,
    );
    if (status === 200) writes.accepted++;
    else writes.refused++;
    await Bun.sleep(WRITE_EVERY_MS);
  }
}

async function makeTrouble(beganMs: number): Promise<void> {
  const nowMs = () => performance.now() - beganMs;
  for (let turn = 0; nowMs() + CALM_MS < durationMs; turn++) {
    await Bun.sleep(CALM_MS);
    const trouble = TROUBLES[turn % TROUBLES.length]!;
    const fromMs = nowMs();
    const end = await trouble.begin({ monitors: monitors.all, serverUrls });
    await Bun.sleep(trouble.lastsMs);
    await end();
    bands.push({ what: trouble.what, fromMs, untilMs: nowMs() });
  }
  await Bun.sleep(Math.max(0, durationMs - nowMs()));
}

function slope(seen: readonly Seen[], value: (look: Seen) => number): Slope {
  const warm = seen.filter(({ atMs }) => atMs >= WARM_UP_SHARE * durationMs);
  return slopeOf(warm.map((each) => ({ hours: each.atMs / 3_600_000, value: value(each) })));
}

function report(): void {
  console.log(
    "| monitor | resident, MB: first, last | MB per hour | descriptors | per hour | loop lag p99, p99.9 | probes | skipped |\n|---|---|---|---|---|---|---|---|",
  );
  for (const [monitor, seen] of looks) {
    const memory = slope(seen, ({ residentMb }) => residentMb);
    const descriptors = slope(seen, (each) => each.descriptors);
    const last = seen.at(-1)!;
    const lag = [0.99, 0.999].map((share) => `<= ${quantileBound(last.loopLag, share) * 1_000} ms`);
    console.log(
      `| ${monitor.id} | ${memory.first.toFixed(0)}, ${memory.last.toFixed(0)} ` +
        `| ${memory.perHour.toFixed(1)} ± ${memory.uncertainty.toFixed(1)} ` +
        `| ${descriptors.last} (most ${descriptors.highest}) | ${descriptors.perHour.toFixed(0)} ` +
        `| ${lag.join(", ")} | ${last.probes} | ${last.skippedProbes} |`,
    );
    const isGrowing = memory.perHour - memory.uncertainty > MOST_GROWTH_MB;
    const isLeaking = descriptors.last > 2 * SERVERS + 1.2 * targetCount;
    if (isGrowing || isLeaking) exitCode = 1;
  }
  console.log(
    `${bands.length} troubles, ${targetCount} targets, ${minutes} minutes; ` +
      `${writes.accepted} writes of the config accepted, ${writes.refused} not`,
  );
}

function figure(title: string, value: (look: Seen) => number): Figure {
  return {
    title,
    lines: Array.from(looks, ([{ id }, seen]) => ({
      name: id,
      points: seen.map((each) => ({ atMs: each.atMs, value: value(each) })),
    })),
  };
}

async function draw(): Promise<void> {
  const figures = [
    figure("resident memory, MB", ({ residentMb }) => residentMb),
    figure("descriptors", ({ descriptors }) => descriptors),
    figure("probes skipped", ({ skippedProbes }) => skippedProbes),
    figure("probes failed", ({ failedProbes }) => failedProbes),
  ];
  mkdirSync(join(values.out, ".."), { recursive: true });
  const title = `${targetCount} targets for ${minutes} minutes, with faults`;
  await Bun.write(values.out, soakPlot(title, durationMs, figures, bands));
  console.error(`soak: ${values.out}`);
}

try {
  await monitors.start();
  for (const monitor of monitors.all) await allUp(monitor);
  const beganMs = performance.now();
  const beside = [look(beganMs), write()];
  await makeTrouble(beganMs);
  over.abort();
  await Promise.all(beside);
  for (const monitor of monitors.all) {
    if (monitor.isRunning) continue;
    console.error(`soak: ${monitor.id} has died:\n${(await monitor.log()).slice(-2_000)}`);
    exitCode = 1;
  }
  report();
  await draw();
} finally {
  await monitors.stop();
  for (const process of servers) process.kill();
  await Promise.all(servers.map(({ exited }) => exited));
  rmSync(directory, { recursive: true, force: true });
}
process.exit(exitCode);
