/**
 * What a scrape of 10,000 targets costs: the exposition beside prom-client with the same series and values, in
 * one process, round by round in turn; and how long the event loop is held while an answer is read.
 * prom-client's own phi is set beforehand, which spares it a computation that the exposition makes.
 */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { bunTimers, createOwnMetrics } from "../../src/bun/mod.ts";
import { createExposition, TARGET_SERIES, type Exposition } from "../../src/metrics/mod.ts";
import {
  PROBE_DURATION_BUCKETS_SECONDS,
  PROBE_FAILURE_REASONS,
  WatchSet,
  type Watch,
} from "../../src/monitor/mod.ts";
import { VERDICTS } from "../../src/verdict/mod.ts";
import { ANSWER, failure } from "../../test/kit/hand_prober.ts";
import { makeTarget } from "../../test/kit/target.ts";
import { formatRows, quantile, type BenchRow } from "./row.ts";

const TARGETS = 10_000;
const HEARTBEATS = 24;
const ROUNDS = 12;
/** A monitor has run for longer than the compiler needs; after ten rounds both have settled. */
const WARM_UP_ROUNDS = 10;

/** The request headers of the scrapes during which the loop is watched. */
const SCRAPES = {
  plain: {},
  gzip: { "accept-encoding": "gzip" },
} as const;

/** Measures, and returns the rows of the bench's table. */
export async function benchMetrics(): Promise<BenchRow[]> {
  const { watches, registry } = makeTwins();
  const exposition = createExposition({
    monitor: watches,
    own: createOwnMetrics("bench"),
    timers: bunTimers,
  });
  await checkTwins(exposition, registry);
  const rows = [await compareTime(exposition, registry)];
  // A monitor has no such twin, whose hundreds of megabytes every collection would have to walk over.
  registry.clear();
  for (const [name, headers] of Object.entries(SCRAPES)) {
    const request = new Request("http://127.0.0.1/metrics", { headers });
    // Rounds follow each other; each is one scrape.
    rows.push(await measureStall(name, exposition, request));
  }
  return rows;
}

async function compareTime(exposition: Exposition, registry: Registry): Promise<BenchRow> {
  const oursMs: number[] = [];
  const theirsMs: number[] = [];
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    const ours = await timeMs(async () => {
      for await (const piece of exposition.render("text")) consume(piece);
    });
    const theirs = await timeMs(async () => {
      consume(new TextEncoder().encode(await registry.metrics()));
    });
    if (round < WARM_UP_ROUNDS) continue;
    oursMs.push(ours);
    theirsMs.push(theirs);
  }
  const ours = median(oursMs);
  const theirs = median(theirsMs);
  const ratio = ours / theirs;
  return {
    what: `/metrics of ${TARGETS} targets: exposition / prom-client`,
    measured: `${ours.toFixed(0)} ms / ${theirs.toFixed(0)} ms = ${ratio.toFixed(3)}`,
    toReach: "<= 0.250",
    isReached: ratio <= 0.25,
  };
}

async function measureStall(
  name: string,
  exposition: Exposition,
  request: Request,
): Promise<BenchRow> {
  const gapsMs: number[] = [];
  const tookMs: number[] = [];
  for (let round = 0; round < WARM_UP_ROUNDS + ROUNDS; round++) {
    let gaps: readonly number[] = [];
    const took = await timeMs(async () => {
      const stop = watchLoop();
      const { body } = await exposition.respond(request);
      for await (const piece of body!) consume(piece);
      gaps = stop();
    });
    if (round < WARM_UP_ROUNDS) continue;
    gapsMs.push(...gaps);
    tookMs.push(took);
  }
  const ascending = gapsMs.toSorted((a, b) => a - b);
  const p99Ms = quantile(ascending, 0.99);
  const maxMs = ascending.at(-1)!;
  return {
    what: `event-loop stall during a ${name} scrape of ${median(tookMs).toFixed(0)} ms`,
    measured: `p99 ${p99Ms.toFixed(2)} ms, max ${maxMs.toFixed(2)} ms`,
    toReach: "p99 <= 5 ms, max <= 15 ms",
    isReached: p99Ms <= 5 && maxMs <= 15,
  };
}

/** Asks for every turn of the event loop; the result stops, and says how far apart the turns were. */
function watchLoop(): () => readonly number[] {
  const gapsMs: number[] = [];
  let lastMs = performance.now();
  let isWatching = true;
  const turn = (): void => {
    const nowMs = performance.now();
    gapsMs.push(nowMs - lastMs);
    lastMs = nowMs;
    if (isWatching) setImmediate(turn);
  };
  setImmediate(turn);
  return () => {
    isWatching = false;
    turn();
    return gapsMs;
  };
}

interface Twins {
  readonly watches: WatchSet;
  readonly registry: Registry;
}

/** The same targets twice: under watch, and as prom-client's metrics. */
function makeTwins(): Twins {
  let nowMs = 0;
  const time = {
    nowMs: () => nowMs,
    wallMsOf: (ms: number) => 1.7e12 + ms,
    pausedMs: 0,
    excusingPauses: [],
  };
  const watches = new WatchSet(time);
  for (let index = 0; index < TARGETS; index++) {
    const url = `http://10.1.${index >> 8}.${index & 255}:8080/heartbeat`;
    watches.put(makeTarget({ name: `server${index}`, url, labels: { team: "payments" } }));
  }
  const registry = new Registry();
  const prom = makePromClient(registry);
  for (let beat = 0; beat < HEARTBEATS; beat++) {
    nowMs += 1_000;
    for (const [index, watch] of [...watches.watches()].entries()) {
      const jitter = (index * 7_919 + beat * 104_729) % 997;
      const totalMs = jitter / 7;
      const timings = { ...ANSWER.timings, totalMs };
      const isFailure = index % 20 === 0 && beat === 3;
      watch.probed({ ...(isFailure ? failure("timeout") : ANSWER), timings }, nowMs + jitter / 10);
      prom.duration.observe({ target: watch.target.name }, totalMs / 1_000);
    }
  }
  nowMs += 700;
  for (const watch of watches.watches()) prom.set(watch, nowMs, time.wallMsOf);
  return { watches, registry };
}

function makePromClient(registry: Registry) {
  const registers = [registry];
  const describe = (name: string) => {
    const { help, labels } = TARGET_SERIES.find((series) => series.name === name)!;
    return { name, help, labelNames: labels.filter((label) => label !== "le"), registers };
  };
  const gauge = (name: string) => new Gauge(describe(name));
  const counter = (name: string) => new Counter(describe(name));
  const suspicion = gauge("phi_suspicion");
  const threshold = gauge("phi_suspicion_threshold");
  const state = gauge("phi_target_state");
  const heartbeats = counter("phi_heartbeats_total");
  const probes = counter("phi_probes_total");
  const failures = counter("phi_probe_failures_total");
  const skipped = counter("phi_probes_skipped_total");
  const mean = gauge("phi_heartbeat_interval_seconds_mean");
  const stdDev = gauge("phi_heartbeat_interval_seconds_stddev");
  const lastHeartbeat = gauge("phi_last_heartbeat_timestamp_seconds");
  const watched = gauge("phi_target_watched_seconds");
  const infoSeries = describe("phi_target_info");
  const info = new Gauge({ ...infoSeries, labelNames: [...infoSeries.labelNames, "team"] });
  const duration = new Histogram({
    ...describe("phi_probe_duration_seconds"),
    buckets: [...PROBE_DURATION_BUCKETS_SECONDS],
  });
  const setQuality = makePromQuality(gauge, counter);
  const set = (watch: Watch, nowMs: number, wallMsOf: (ms: number) => number): void => {
    const target = watch.target.name;
    suspicion.set({ target }, watch.phi(nowMs));
    threshold.set({ target }, watch.target.monitor.threshold);
    for (const verdict of VERDICTS) {
      state.set({ target, state: verdict }, verdict === watch.verdict ? 1 : 0);
    }
    heartbeats.inc({ target }, watch.heartbeatCount);
    probes.inc({ target }, watch.probeCount);
    for (const [index, reason] of PROBE_FAILURE_REASONS.entries()) {
      const count = watch.failureCounts?.[index] ?? 0;
      if (count > 0) failures.inc({ target, reason }, count);
    }
    skipped.inc({ target }, watch.skippedCount);
    mean.set({ target }, watch.intervalMeanMs / 1_000);
    stdDev.set({ target }, watch.intervalStdDevMs / 1_000);
    lastHeartbeat.set({ target }, Math.round(wallMsOf(watch.lastHeartbeatMs)) / 1_000);
    watched.set({ target }, (nowMs - watch.watchedSinceMs) / 1_000);
    info.set({ target, url: watch.target.url, team: watch.target.labels["team"]! }, 1);
    setQuality(watch, nowMs);
  };
  return { duration, set };
}

/** Of targets that were never down and have no budget. */
function makePromQuality(
  gauge: (name: string) => Gauge,
  counter: (name: string) => Counter,
): (watch: Watch, nowMs: number) => void {
  const confident = gauge("phi_suspicion_confident");
  const mistakes = counter("phi_quality_mistakes_total");
  const outages = counter("phi_quality_outages_total");
  const detection = gauge("phi_quality_detection_seconds");
  const judged = counter("phi_calibration_intervals_total");
  const reached = counter("phi_calibration_reached_total");
  return (watch, nowMs) => {
    const target = watch.target.name;
    confident.set({ target }, Number(watch.isConfident(nowMs)));
    mistakes.inc({ target }, watch.episodes.mistakeCount);
    outages.inc({ target }, watch.episodes.outageCount);
    detection.set({ target }, watch.detectionMs / 1_000);
    judged.inc({ target }, watch.judgedIntervalCount);
    for (const { level, reachedCount } of watch.calibration()) {
      if (reachedCount > 0) reached.inc({ target, level }, reachedCount);
    }
  };
}

/** Throws unless both write the same series, so that the race is one. */
async function checkTwins(exposition: Exposition, registry: Registry): Promise<void> {
  const response = await exposition.respond(new Request("http://127.0.0.1/metrics"));
  const ours = seriesOf(await response.text());
  const theirs = seriesOf(await registry.metrics());
  for (const [name, count] of ours) {
    const isPerTarget = TARGET_SERIES.some((series) => name.startsWith(series.name));
    if (!isPerTarget || theirs.get(name) === count) continue;
    throw new Error(`${name}: ${count} samples here, ${theirs.get(name)} with prom-client`);
  }
}

/** How many samples there are of each name. */
function seriesOf(exposition: string): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [, name] of exposition.matchAll(/^([a-z_]+)[{ ]/gm)) {
    counts.set(name!, (counts.get(name!) ?? 0) + 1);
  }
  return counts;
}

/** Begins with a clean heap, so that nobody is charged for the other's garbage. */
async function timeMs(run: () => Promise<void>): Promise<number> {
  Bun.gc(true);
  const startMs = performance.now();
  await run();
  return performance.now() - startMs;
}

let consumedBytes = 0;

function consume(piece: Uint8Array): void {
  consumedBytes += piece.length;
}

function median(values: readonly number[]): number {
  return quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  );
}

if (import.meta.main) {
  console.log(formatRows(await benchMetrics()));
  if (consumedBytes === 0) throw new Error("nothing was written");
}
