import { expect, test } from "bun:test";
import { readOpenMetrics, type ReadFamily } from "../../test/kit/open_metrics.ts";
import { makeReading, READING_NOW_MS } from "../../test/kit/watch_reading.ts";
import type { WatchReading } from "../monitor/mod.ts";
import type { Timers } from "../port.ts";
import { COMPAT_SERIES, TARGET_SERIES } from "./series.ts";
import { renderTargets } from "./targets.ts";
import type { MetricsFormat } from "./text.ts";

const TIME = {
  nowMs: READING_NOW_MS,
  wallMsOf: (monitorMs: number) => 1_700_000_000_000 + monitorMs,
};

/** Timers whose turns are counted, and in which something may happen. */
function makeTimers(onTurn: () => void = () => {}): Timers & { readonly turnCount: number } {
  let turnCount = 0;
  return {
    after: () => () => {},
    async yieldToLoop() {
      turnCount++;
      onTurn();
    },
    get turnCount() {
      return turnCount;
    },
  };
}

async function pieces(
  watches: readonly WatchReading[],
  format: MetricsFormat,
  timers = makeTimers(),
): Promise<string[]> {
  const series = [...TARGET_SERIES, ...COMPAT_SERIES];
  return Array.fromAsync(renderTargets(watches, { series, format, time: TIME, timers }));
}

async function families(
  watches: readonly WatchReading[],
  timers = makeTimers(),
): Promise<Map<string, ReadFamily>> {
  const text = (await pieces(watches, "openmetrics", timers)).join("");
  return new Map(readOpenMetrics(`${text}# EOF\n`).map((family) => [family.name, family]));
}

const THREE = [
  makeReading({
    target: {
      name: "a",
      url: 'http://10.1.0.101:8080/heartbeat?token="secret"',
      labels: { team: 'pay"ments' },
    },
  }),
  makeReading({
    target: { name: "new", url: "https://10.1.0.102/heartbeat" },
    verdict: "unknown",
    lastHeartbeatMs: Number.NaN,
    probeCount: 0,
    heartbeatCount: 0,
    failureCounts: null,
    durationBucketCounts: [],
    durationSumMs: 0,
    certificateExpiresWallMs: 1_800_000_000_000,
  }),
  makeReading({ target: { name: "pushed", url: "push:" }, verdict: "down", failureCounts: null }),
];

const GOLDEN = `\
# TYPE phi_suspicion gauge
# HELP phi_suspicion Suspicion level (phi) that the target has failed, at the moment of the scrape.
phi_suspicion{target="a"} 0.4
phi_suspicion{target="new"} 0.4
phi_suspicion{target="pushed"} 0.4
# TYPE phi_suspicion_threshold gauge
# HELP phi_suspicion_threshold Suspicion level from which the target is down, as it is now.
phi_suspicion_threshold{target="a"} 16
phi_suspicion_threshold{target="new"} 16
phi_suspicion_threshold{target="pushed"} 16
# TYPE phi_target_state gauge
# HELP phi_target_state 1 for the verdict on the target as it is now, 0 for the others.
phi_target_state{target="a",state="unknown"} 0
phi_target_state{target="a",state="up"} 1
phi_target_state{target="a",state="suspect"} 0
phi_target_state{target="a",state="down"} 0
phi_target_state{target="new",state="unknown"} 1
phi_target_state{target="new",state="up"} 0
phi_target_state{target="new",state="suspect"} 0
phi_target_state{target="new",state="down"} 0
phi_target_state{target="pushed",state="unknown"} 0
phi_target_state{target="pushed",state="up"} 0
phi_target_state{target="pushed",state="suspect"} 0
phi_target_state{target="pushed",state="down"} 1
# TYPE phi_heartbeats counter
# HELP phi_heartbeats Heartbeats that arrived: valid answers, or beats that the target pushed.
phi_heartbeats_total{target="a"} 19
phi_heartbeats_total{target="new"} 0
phi_heartbeats_total{target="pushed"} 19
# TYPE phi_probes counter
# HELP phi_probes Probes that were answered or failed.
phi_probes_total{target="a"} 20
phi_probes_total{target="new"} 0
# TYPE phi_probe_failures counter
# HELP phi_probe_failures Probes that failed, by reason; a reason is there once it occurred.
phi_probe_failures_total{target="a",reason="timeout"} 1
# TYPE phi_probes_skipped counter
# HELP phi_probes_skipped Probes that were due and not sent: too many were still out, or the monitor was late.
phi_probes_skipped_total{target="a"} 0
phi_probes_skipped_total{target="new"} 0
# TYPE phi_probe_duration_seconds histogram
# UNIT phi_probe_duration_seconds seconds
# HELP phi_probe_duration_seconds Time from a probe's start to its end, failed probes included.
phi_probe_duration_seconds_bucket{target="a",le="0.001"} 12
phi_probe_duration_seconds_bucket{target="a",le="0.005"} 18
phi_probe_duration_seconds_bucket{target="a",le="0.025"} 19
phi_probe_duration_seconds_bucket{target="a",le="0.1"} 19
phi_probe_duration_seconds_bucket{target="a",le="0.5"} 19
phi_probe_duration_seconds_bucket{target="a",le="1.0"} 19
phi_probe_duration_seconds_bucket{target="a",le="5.0"} 19
phi_probe_duration_seconds_bucket{target="a",le="+Inf"} 20
phi_probe_duration_seconds_sum{target="a"} 5.25
phi_probe_duration_seconds_count{target="a"} 20
phi_probe_duration_seconds_bucket{target="new",le="0.001"} 0
phi_probe_duration_seconds_bucket{target="new",le="0.005"} 0
phi_probe_duration_seconds_bucket{target="new",le="0.025"} 0
phi_probe_duration_seconds_bucket{target="new",le="0.1"} 0
phi_probe_duration_seconds_bucket{target="new",le="0.5"} 0
phi_probe_duration_seconds_bucket{target="new",le="1.0"} 0
phi_probe_duration_seconds_bucket{target="new",le="5.0"} 0
phi_probe_duration_seconds_bucket{target="new",le="+Inf"} 0
phi_probe_duration_seconds_sum{target="new"} 0
phi_probe_duration_seconds_count{target="new"} 0
# TYPE phi_heartbeat_interval_seconds_mean gauge
# HELP phi_heartbeat_interval_seconds_mean Mean of the sampling window's intervals; the first estimate before the first heartbeat.
phi_heartbeat_interval_seconds_mean{target="a"} 1
phi_heartbeat_interval_seconds_mean{target="new"} 1
phi_heartbeat_interval_seconds_mean{target="pushed"} 1
# TYPE phi_heartbeat_interval_seconds_stddev gauge
# HELP phi_heartbeat_interval_seconds_stddev Standard deviation of the sampling window's intervals, before any least one is applied.
phi_heartbeat_interval_seconds_stddev{target="a"} 0.0625
phi_heartbeat_interval_seconds_stddev{target="new"} 0.0625
phi_heartbeat_interval_seconds_stddev{target="pushed"} 0.0625
# TYPE phi_last_heartbeat_timestamp_seconds gauge
# UNIT phi_last_heartbeat_timestamp_seconds seconds
# HELP phi_last_heartbeat_timestamp_seconds Unix time of the last heartbeat; not there before the first.
phi_last_heartbeat_timestamp_seconds{target="a"} 1700000039.5
phi_last_heartbeat_timestamp_seconds{target="pushed"} 1700000039.5
# TYPE phi_target_watched_seconds gauge
# UNIT phi_target_watched_seconds seconds
# HELP phi_target_watched_seconds How long the target has been watched, less the time in which the monitor did not run.
phi_target_watched_seconds{target="a"} 30
phi_target_watched_seconds{target="new"} 30
phi_target_watched_seconds{target="pushed"} 30
# TYPE phi_target info
# HELP phi_target Always 1: the target's URL, without its query, and the labels of its config.
phi_target_info{target="a",url="http://10.1.0.101:8080/heartbeat",team="pay\\"ments"} 1
phi_target_info{target="new",url="https://10.1.0.102/heartbeat"} 1
phi_target_info{target="pushed",url="push:"} 1
# TYPE phi_tls_certificate_expiry_timestamp_seconds gauge
# UNIT phi_tls_certificate_expiry_timestamp_seconds seconds
# HELP phi_tls_certificate_expiry_timestamp_seconds Unix time at which the certificate that the target showed last ends.
phi_tls_certificate_expiry_timestamp_seconds{target="new"} 1800000000
# TYPE phi_suspicion_confident gauge
# HELP phi_suspicion_confident 1 where phi is known from the target's history, 0 where it is extrapolated from it.
phi_suspicion_confident{target="a"} 1
phi_suspicion_confident{target="new"} 1
phi_suspicion_confident{target="pushed"} 1
# TYPE phi_quality_mistakes counter
# HELP phi_quality_mistakes Times the target was called down without evidence of a real outage: an upper bound of mistakes.
phi_quality_mistakes_total{target="a"} 0
phi_quality_mistakes_total{target="new"} 0
phi_quality_mistakes_total{target="pushed"} 0
# TYPE phi_quality_outages counter
# HELP phi_quality_outages Times the target was down with evidence of a real outage, or for longer than a mistake can last.
phi_quality_outages_total{target="a"} 0
phi_quality_outages_total{target="new"} 0
phi_quality_outages_total{target="pushed"} 0
# TYPE phi_quality_detection_seconds gauge
# UNIT phi_quality_detection_seconds seconds
# HELP phi_quality_detection_seconds Estimated time from the last heartbeat before a crash to the verdict down, T_D; not there where none is.
phi_quality_detection_seconds{target="a"} 5
phi_quality_detection_seconds{target="new"} 5
phi_quality_detection_seconds{target="pushed"} 5
# TYPE phi_calibration_intervals counter
# HELP phi_calibration_intervals Intervals that a heartbeat ended, outages apart.
phi_calibration_intervals_total{target="a"} 0
phi_calibration_intervals_total{target="new"} 0
phi_calibration_intervals_total{target="pushed"} 0
# TYPE server_phivalue gauge
# HELP server_phivalue The same as phi_suspicion.
server_phivalue{server_name="a"} 0.4
server_phivalue{server_name="new"} 0.4
server_phivalue{server_name="pushed"} 0.4
# TYPE server_runtime_seconds gauge
# UNIT server_runtime_seconds seconds
# HELP server_runtime_seconds The same as phi_target_watched_seconds.
server_runtime_seconds{server_name="a"} 30
server_runtime_seconds{server_name="new"} 30
server_runtime_seconds{server_name="pushed"} 30
`;

test("renderTargets() writes a probed, a new and a pushed target as this golden text", async () => {
  expect((await pieces(THREE, "openmetrics")).join("")).toBe(GOLDEN);
  expect(readOpenMetrics(`${GOLDEN}# EOF\n`).length).toBe(21);
});

function samplesOf(text: string): string[] {
  return text.split("\n").filter((line) => !line.startsWith("#"));
}

test("renderTargets() writes the same samples in both formats", async () => {
  const text = (await pieces(THREE, "text")).join("");
  expect(samplesOf(text)).toEqual(samplesOf(GOLDEN));
  expect(text).toContain("# TYPE phi_probes_total counter\n");
  expect(text).toContain("# TYPE phi_target_info gauge\n");
  expect(text).not.toContain("# UNIT");
});

test("renderTargets() of no targets writes nothing", async () => {
  expect(await pieces([], "openmetrics")).toEqual([]);
});

/** With all that most targets have nothing of. */
const BUDGETED = makeReading({
  target: { name: "budgeted" },
  episodes: { mistakeCount: 2, mistakeMs: 3_000, outageCount: 1, outageMs: 90_000 },
  judgedIntervalCount: 500,
  reachedCountOf: (levelIndex) => (levelIndex === 0 ? 48 : 0),
  quality: () => ({
    ...makeReading().quality(40_000),
    mistakesPerHour: 0.5,
    queryAccuracy: 0.9,
  }),
  budget: () => ({
    detectWithinMs: 5_000,
    falseAlarmsPerMonth: 1.5,
    threshold: 6.5,
    intervalMs: 500,
    isFeasible: false,
    mostFalseAlarmsPerMonth: 12,
  }),
});

test("renderTargets() writes of mistakes, calibration and budgets what there is", async () => {
  const lines = samplesOf((await pieces([BUDGETED], "text")).join(""));
  const of = (name: string) => lines.filter((line) => line.startsWith(name));
  expect([...of("phi_quality"), ...of("phi_calibration"), ...of("phi_budget")]).toEqual([
    'phi_quality_mistakes_total{target="budgeted"} 2',
    'phi_quality_outages_total{target="budgeted"} 1',
    'phi_quality_mistake_seconds_total{target="budgeted"} 3',
    'phi_quality_outage_seconds_total{target="budgeted"} 90',
    'phi_quality_query_accuracy{target="budgeted"} 0.9',
    'phi_quality_detection_seconds{target="budgeted"} 5',
    'phi_calibration_intervals_total{target="budgeted"} 500',
    'phi_calibration_reached_total{target="budgeted",level="1"} 48',
    'phi_budget_detection_seconds{target="budgeted"} 5',
    'phi_budget_false_alarms_per_month{target="budgeted"} 1.5',
    'phi_budget_achieved_false_alarms_per_month{target="budgeted"} 360',
    'phi_budget_feasible{target="budgeted"} 0',
    'phi_budget_probe_interval_seconds{target="budgeted"} 0.5',
  ]);
});

test("renderTargets() writes every series of the table, with the labels it says", async () => {
  const found = await families([...THREE, BUDGETED]);
  const written = [...found.values()].flatMap(({ samples }) => samples);
  for (const { name, type, labels } of [...TARGET_SERIES, ...COMPAT_SERIES]) {
    const sampleName = type === "histogram" ? `${name}_bucket` : name;
    const [sample] = written.filter((one) => one.name === sampleName).toReversed();
    expect([...sample!.labels.keys()]).toEqual([...labels]);
  }
});

test("renderTargets() gives the loop a turn between pieces, and no piece is long", async () => {
  const many = Array.from({ length: 2_000 }, (_, index) =>
    makeReading({ target: { name: `server${index}` } }),
  );
  const timers = makeTimers();
  const all = await pieces(many, "text", timers);
  expect(all.length).toBeGreaterThan(40);
  expect(timers.turnCount).toBeGreaterThanOrEqual(all.length - 1);
  for (const piece of all) expect(piece.length).toBeLessThan(68_000);
});

test("renderTargets() gives the loop turns where targets have nothing to write, too", async () => {
  const pushed = makeReading({ target: { url: "push:" } });
  const timers = makeTimers();
  const series = TARGET_SERIES.filter(({ name }) => name === "phi_probes_total");
  const many = Array.from({ length: 100_000 }, () => pushed);
  const options = { series, format: "text", time: TIME, timers } as const;
  expect(await Array.fromAsync(renderTargets(many, options))).toEqual([]);
  expect(timers.turnCount).toBeGreaterThan(20);
});

test("a target that comes or goes between two pieces is in all families or in none", async () => {
  const watches = Array.from({ length: 1_000 }, (_, index) =>
    makeReading({ target: { name: `server${index}` } }),
  );
  const live = [...watches];
  let comer = 0;
  const timers = makeTimers(() => {
    live.splice((comer * 37) % live.length, 1);
    live.push(makeReading({ target: { name: `comer${comer++}` } }));
  });
  // As the exposition does it: what is watched is taken down at the start.
  const found = await families([...live], timers);
  expect(comer).toBeGreaterThan(10);
  const names = watches.map(({ target }) => target.name);
  for (const series of ["phi_suspicion", "phi_heartbeats", "phi_target_watched_seconds"]) {
    expect(found.get(series)!.samples.map(({ labels }) => labels.get("target")!)).toEqual(names);
  }
});

test("a target that changes from asked to pushed meanwhile keeps the families it began with", async () => {
  const asked = makeReading({ target: { name: "a" } });
  let current = asked.target;
  const changing = Array.from({ length: 1_000 }, (_, index) =>
    Object.defineProperty(makeReading({ target: { name: `server${index}` } }), "target", {
      get: () => ({ ...current, name: `server${index}` }),
    }),
  );
  const timers = makeTimers(() => {
    current = { ...asked.target, url: "push:" };
  });
  const found = await families(changing, timers);
  expect(found.get("phi_probes")!.samples.length).toBe(1_000);
  expect(found.get("phi_probe_duration_seconds")!.samples.length).toBe(10_000);
});

test("renderTargets() computes phi at the moment of the scrape", async () => {
  const asked: number[] = [];
  const phi = (nowMs: number): number => {
    asked.push(nowMs);
    return 1.5;
  };
  await pieces([makeReading({ phi })], "text");
  expect(new Set(asked)).toEqual(new Set([READING_NOW_MS]));
});
