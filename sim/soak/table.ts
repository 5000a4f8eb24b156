/** What a soak saw, as a table with a row for each monitor, and a line of what was done to them. */
import { lowPointsMb } from "./blocks.ts";
import { answersOf, descriptorsAtRest, lagMs, lagText, missedShare, probesOf } from "./figures.ts";
import { judgedWrites, MEMORY_BOUNDS } from "./findings.ts";
import type { MonitorRecord, SoakRecord } from "./record.ts";
import { outcomeOf, trendOf } from "./trend.ts";
import { TROUBLES } from "./troubles.ts";

const COLUMNS = [
  "monitor",
  "low points, MB: first, last block",
  "MB per hour (95 %)",
  "memory",
  "descriptors: at rest, most, last",
  "loop lag p99, p99.9",
  "probes expected",
  "missed",
  "missed while it ran",
  "said to be skipped",
];

export function tableOf(record: SoakRecord): string {
  const rows = record.monitors.map((monitor) => rowOf(monitor, record));
  const lines = [COLUMNS, COLUMNS.map(() => "---"), ...rows];
  const [refused, judged] = judgedWrites(record);
  const share = ((100 * refused.length) / Math.max(1, judged.length)).toFixed(1);
  const failed = record.troubles.filter(({ failures }) => failures.length > 0);
  return [
    ...lines.map((cells) => `| ${cells.join(" | ")} |`),
    `${record.troubles.length} troubles (${failed.length} not as they should be), ${record.targetCount} targets, ` +
      `${record.minutes} minutes; ${record.writes.length} writes of the config, ` +
      `${share} % of those to monitors that ran were not accepted`,
  ].join("\n");
}

function rowOf(monitor: MonitorRecord, record: SoakRecord): string[] {
  const { id, processLooks } = monitor;
  const points = lowPointsMb(processLooks, record.troubles, TROUBLES.length);
  const trend = trendOf(points);
  const descriptors = processLooks.map((look) => look.descriptors);
  const rest = descriptorsAtRest(processLooks, record.troubles);
  return [
    id,
    points.length === 0
      ? "none"
      : [points[0]!, points.at(-1)!].map(({ value }) => value.toFixed(0)).join(", "),
    trend === undefined
      ? "unknown"
      : `${trend.perHour.toFixed(0)} (${trend.low.toFixed(0)} to ${trend.high.toFixed(0)})`,
    outcomeOf(trend, MEMORY_BOUNDS),
    `${rest ?? "unknown"}, ${Math.max(0, ...descriptors)}, ${descriptors.at(-1) ?? "unknown"}`,
    ...probeCells(monitor, record),
  ];
}

function probeCells(monitor: MonitorRecord, record: SoakRecord): string[] {
  const answers = answersOf(monitor.metricsLooks);
  const [first, last] = [answers[0], answers.at(-1)];
  if (first === undefined || last === undefined) return Array.from({ length: 5 }, () => "unknown");
  const lags = [0.99, 0.999].map((share) => lagText(lagMs(last.metrics.loopLag, share)));
  const counts = probesOf(first, last, record);
  const [expected, missed, skipped] = counts.map((count) => Math.round(count).toLocaleString("en"));
  const share = `${(100 * missedShare(monitor, record)).toFixed(1)} %`;
  return [lags.join(", "), expected!, missed!, share, skipped!];
}
