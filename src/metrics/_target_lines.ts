/**
 * From one target's watch to its lines in the exposition: how the value of each series is got, and how
 * the series of many samples a target (a state each, a reason each, a bucket each) are laid out. These run once
 * for each target and series, some hundred thousand times a scrape, so they join strings and make nothing else.
 */
import {
  isPushed,
  PROBE_DURATION_BUCKETS_SECONDS,
  PROBE_FAILURE_REASONS,
  type MonitorReading,
  type WatchReading,
} from "../monitor/mod.ts";
import type { ObserversReading } from "../observers/mod.ts";
import { VERDICTS } from "../verdict/mod.ts";
import { escapeLabelValue, formatBound, formatNumber, type Series } from "./text.ts";

/** One target in one scrape. Made for the scrape and dropped with it: targets are many, scrapes few. */
export interface TargetRow {
  readonly watch: WatchReading;
  /** Escaped. */
  readonly name: string;
  readonly isPushed: boolean;
}

/** What all rows of one scrape share. */
export interface ScrapeTime {
  readonly nowMs: number;
  readonly wallMsOf: MonitorReading["wallMsOf"];
  /** Absent where nobody else could watch. */
  readonly observers?: Pick<ObserversReading, "combined" | "combinedVerdict">;
}

/** All lines of one target, each with its newline; "" if it has none. */
export type TargetLines = (row: TargetRow, time: ScrapeTime) => string;

export interface TargetSeries extends Series {
  readonly lines: TargetLines;
}

/** A value; NaN where there is none yet, and then there is no line. */
export type Read = (watch: WatchReading, time: ScrapeTime) => number;

export function targetRow(watch: WatchReading): TargetRow {
  const { target } = watch;
  return { watch, name: escapeLabelValue(target.name), isPushed: isPushed(target) };
}

/** A series of one value a target. */
export function one(series: Omit<Series, "labels">, read: Read, label = "target"): TargetSeries {
  const head = `${series.name}{${label}="`;
  const lines: TargetLines = (row, time) => {
    const value = read(row.watch, time);
    return Number.isNaN(value) ? "" : `${head}${row.name}"} ${formatNumber(value)}\n`;
  };
  return { ...series, labels: [label], lines };
}

/** A series that only exists where the monitor asks. */
export function probed(series: TargetSeries): TargetSeries {
  const { lines } = series;
  return { ...series, lines: (row, time) => (row.isPushed ? "" : lines(row, time)) };
}

export const readPhi: Read = (watch, { nowMs }) => watch.phi(nowMs);

export const readWatchedSeconds: Read = (watch, { nowMs }) =>
  (nowMs - watch.watchedSinceMs) / 1_000;

/** To the millisecond: finer is the clocks' noise, and would look like a change at each scrape. */
export const readLastHeartbeatSeconds: Read = (watch, time) =>
  Math.round(time.wallMsOf(watch.lastHeartbeatMs)) / 1_000;

export function stateLines({ watch, name }: TargetRow): string {
  const { verdict } = watch;
  let text = "";
  for (const state of VERDICTS) {
    const value = state === verdict ? "1" : "0";
    text += `phi_target_state{target="${name}",state="${state}"} ${value}\n`;
  }
  return text;
}

/** Only reasons that occurred: eleven for each of 10,000 targets would be a third of the exposition, all zeros. */
export function failureLines({ watch, name }: TargetRow): string {
  const counts = watch.failureCounts;
  if (counts === null) return "";
  let text = "";
  for (const [index, reason] of PROBE_FAILURE_REASONS.entries()) {
    const count = counts[index] ?? 0;
    if (count === 0) continue;
    text += `phi_probe_failures_total{target="${name}",reason="${reason}"} ${count}\n`;
  }
  return text;
}

const BUCKET_ENDS = [...PROBE_DURATION_BUCKETS_SECONDS, Infinity].map(
  (bound) => `",le="${formatBound(bound)}"} `,
);

export function durationLines({ watch, name }: TargetRow): string {
  const counts = watch.durationBucketCounts;
  let text = "";
  let count = 0;
  for (let bucket = 0; bucket < BUCKET_ENDS.length; bucket++) {
    count += counts[bucket] ?? 0;
    text += `phi_probe_duration_seconds_bucket{target="${name}${BUCKET_ENDS[bucket]}${count}\n`;
  }
  const sum = formatNumber(watch.durationSumMs / 1_000);
  return (
    `${text}phi_probe_duration_seconds_sum{target="${name}"} ${sum}\n` +
    `phi_probe_duration_seconds_count{target="${name}"} ${count}\n`
  );
}

export function infoLines({ watch, name }: TargetRow): string {
  const { url, labels } = watch.target;
  let text = `phi_target_info{target="${name}",url="${escapeLabelValue(shownUrl(url))}"`;
  for (const label in labels) text += `,${label}="${escapeLabelValue(labels[label]!)}"`;
  return `${text}} 1\n`;
}

/**
 * The URL without its query: a token there is a secret to whoever put it in, and an exposition is
 * copied to more places, and kept longer, than the config is.
 */
function shownUrl(url: string): string {
  const end = url.search(/[?#]/);
  return end === -1 ? url : url.slice(0, end);
}
