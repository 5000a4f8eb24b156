/**
 * `make bench`: every figure in one run on one machine, beside what a user would pick instead. It prints a
 * table, and measures; it judges nothing but whether the aim is reached. Arguments name some of the
 * parts, for who wants no more (`make bench ONLY=raft`).
 */
import { measureBlackbox } from "./blackbox.ts";
import { runScript, startScript } from "./child.ts";
import { benchCluster } from "./cluster/mod.ts";
import { benchDetector } from "./detector.ts";
import { benchMetrics } from "./metrics_bench.ts";
import { benchObservers } from "./observers/mod.ts";
import { benchProbeClosedLoop } from "./probe_closed_loop.ts";
import { benchRaft } from "./raft/mod.ts";
import { formatRows, type BenchRow } from "./row.ts";

const TARGETS = 15_000;
const PACED_SECONDS = 30;
const BLACKBOX_PROBES = 10_000;
const PAGE_TARGETS = 10_000;
const PAGE_SECONDS = 20;

interface PacedResult {
  readonly probesPerSecond: number;
  readonly cpuMicrosPerProbe: number;
  readonly lagP50Ms: number;
  readonly lagP99Ms: number;
  readonly lagMaxMs: number;
  readonly skipped: number;
  readonly failed: number;
  readonly pausedMs: number;
  readonly rssBytesPerTarget: number;
}

interface MemoryResult {
  readonly heapBytesPerTarget: number;
  readonly rssBytesPerTarget: number;
}

async function benchProbes(): Promise<BenchRow[]> {
  const { proberMicrosPerProbe, fetchMicrosPerProbe } = await benchProbeClosedLoop();
  const ratio = proberMicrosPerProbe / fetchMicrosPerProbe;
  const rows: BenchRow[] = [
    {
      what: "CPU per probe, closed loop of 100 connections: phi / fetch",
      measured: `${micros(proberMicrosPerProbe)} / ${micros(fetchMicrosPerProbe)} = ${ratio.toFixed(3)}`,
      toReach: "<= 0.500",
      isReached: ratio <= 0.5,
    },
  ];
  const responder = await startScript("responder.ts");
  const blackboxMicros = await measureBlackbox(Number(responder.firstLine), BLACKBOX_PROBES);
  await responder.stop();
  if (blackboxMicros === undefined) return [...rows, MISSING_BLACKBOX];
  const share = proberMicrosPerProbe / blackboxMicros;
  const measured = `${micros(proberMicrosPerProbe)} / ${micros(blackboxMicros)} = ${share.toFixed(4)}`;
  const what = "CPU per probe, the same: phi / blackbox_exporter";
  return [...rows, { what, measured, toReach: "<= 0.0500", isReached: share <= 0.05 }];
}

const MISSING_BLACKBOX: BenchRow = {
  what: "CPU per probe, the same: phi / blackbox_exporter",
  measured: "prometheus-blackbox-exporter is not installed",
  toReach: "<= 0.0500",
  isReached: false,
};

async function benchPaced(): Promise<BenchRow[]> {
  const responder = await startScript("responder.ts");
  const args = [responder.firstLine, String(TARGETS), String(PACED_SECONDS)];
  const result = JSON.parse(await runScript("paced.ts", ...args)) as PacedResult;
  await responder.stop();
  const { cpuMicrosPerProbe, lagP50Ms, lagP99Ms, lagMaxMs, skipped, failed, pausedMs } = result;
  const rate = Math.round(result.probesPerSecond);
  return [
    {
      what: `CPU per probe, a whole monitor paced at ${rate} probes/s`,
      measured: micros(cpuMicrosPerProbe),
      toReach: "<= 22.0 µs",
      isReached: cpuMicrosPerProbe <= 22,
    },
    {
      what: `schedule lag of ${TARGETS} targets at 1 Hz`,
      measured: `p50 ${lagP50Ms.toFixed(1)}, p99 ${lagP99Ms.toFixed(1)}, max ${lagMaxMs.toFixed(1)} ms`,
      toReach: "p99 <= 10 ms",
      isReached: lagP99Ms <= 10,
    },
    {
      what: "slots skipped, probes failed, time taken out as a pause; rate",
      measured: `${skipped}, ${failed}, ${pausedMs.toFixed(0)} ms; ${rate}/s`,
      toReach: `0, 0, 0 ms; >= ${TARGETS * 0.99}/s`,
      isReached: skipped + failed + pausedMs === 0 && rate >= TARGETS * 0.99,
    },
    {
      what: "resident memory per target, its open connection and all",
      measured: kilobytes(result.rssBytesPerTarget),
      toReach: "",
    },
  ];
}

async function benchMemory(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const kind of ["push", "http"] as const) {
    // One process at a time.
    const result = JSON.parse(await runScript("memory.ts", kind)) as MemoryResult;
    rows.push({
      what: `heap per ${kind} target, window 200, no connection open`,
      measured: kilobytes(result.heapBytesPerTarget),
      toReach: "<= 2.50 KB",
      isReached: result.heapBytesPerTarget <= 2_500,
    });
    const what = `resident memory per ${kind} target, the same`;
    rows.push({ what, measured: kilobytes(result.rssBytesPerTarget), toReach: "" });
  }
  return rows;
}

interface PageResult {
  readonly firstPaintMs: number;
  readonly rowsMs: number;
  readonly coreShare: number;
}

async function benchPage(): Promise<BenchRow[]> {
  const what = `the page with ${PAGE_TARGETS} targets in Chromium`;
  if (Bun.which("chromium") === null) {
    const measured = "chromium is not installed";
    return [{ what, measured, toReach: "<= 1.00 s, <= 10.0 % of a core", isReached: false }];
  }
  const args = [String(PAGE_TARGETS), String(PAGE_SECONDS)];
  const result = JSON.parse(await runScript("page.ts", ...args)) as PageResult;
  const { firstPaintMs, rowsMs, coreShare } = result;
  const [paint, rows] = [firstPaintMs, rowsMs].map((ms) => (ms / 1_000).toFixed(2));
  return [
    {
      what: `${what}: first paint (first row of the list)`,
      measured: `${paint} s (${rows} s)`,
      toReach: "<= 1.00 s",
      isReached: firstPaintMs <= 1_000,
    },
    {
      what: `${what}, live: all of its processes`,
      measured: `${(coreShare * 100).toFixed(1)} % of a core`,
      toReach: "<= 10.0 %",
      isReached: coreShare <= 0.1,
    },
  ];
}

function micros(value: number): string {
  return `${value.toFixed(1)} µs`;
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1_000).toFixed(2)} KB`;
}

const PARTS: Readonly<Record<string, () => Promise<BenchRow[]> | BenchRow[]>> = {
  detector: benchDetector,
  probes: benchProbes,
  paced: benchPaced,
  metrics: benchMetrics,
  memory: benchMemory,
  raft: benchRaft,
  cluster: benchCluster,
  observers: benchObservers,
  page: benchPage,
};

const names = process.argv.length > 2 ? process.argv.slice(2) : Object.keys(PARTS);
const unknown = names.find((name) => PARTS[name] === undefined);
if (unknown !== undefined) {
  console.error(`There is no part "${unknown}"; there are: ${Object.keys(PARTS).join(", ")}`);
  process.exit(2);
}
const rows: BenchRow[] = [];
for (const name of names) {
  // One after the other: they must not disturb each other.
  rows.push(...(await PARTS[name]!()));
}
console.log(formatRows(rows));
