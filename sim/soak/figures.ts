/** Single figures of a monitor, read out of what was seen of it. */
import type {
  Metrics,
  MetricsLook,
  MonitorRecord,
  ProcessLook,
  SoakRecord,
  TroubleRecord,
} from "./record.ts";

/** The median before the first trouble; undefined if there was no look. */
export function descriptorsAtRest(
  looks: readonly ProcessLook[],
  troubles: readonly TroubleRecord[],
): number | undefined {
  const firstMs = troubles[0]?.fromMs ?? Infinity;
  const calm = looks.filter(({ atMs }) => atMs < firstMs).map(({ descriptors }) => descriptors);
  return calm.toSorted((a, b) => a - b)[Math.floor(calm.length / 2)];
}

export interface Answer {
  /** Counters are read as the answer is made, which for thousands of targets takes a while. */
  readonly answeredMs: number;
  readonly metrics: Metrics;
}

export function answersOf(looks: readonly MetricsLook[]): Answer[] {
  return looks.flatMap(({ answeredMs, metrics }) =>
    metrics === undefined ? [] : [{ answeredMs, metrics }],
  );
}

/**
 * Expected between the two looks, missed, and skipped as the monitor says. Its clock leaves out the time in which it did not
 * run: the slots of that time are missed, but not in what it says.
 */
export function probesOf(
  first: Answer,
  last: Answer,
  { targetCount, intervalMs }: Pick<SoakRecord, "targetCount" | "intervalMs">,
): [expected: number, missed: number, skipped: number] {
  const expected = (targetCount * (last.answeredMs - first.answeredMs)) / intervalMs;
  const missed = expected - (last.metrics.probes - first.metrics.probes);
  return [expected, missed, last.metrics.skippedProbes - first.metrics.skippedProbes];
}

/** Of the probes that a monitor had to send while it ran, those that it has not sent; NaN where it has not told twice. */
export function missedShare({ id, metricsLooks }: MonitorRecord, record: SoakRecord): number {
  const answers = answersOf(metricsLooks);
  const [first, last] = [answers[0], answers.at(-1)];
  if (first === undefined || last === undefined) return Number.NaN;
  const [expected, missed] = probesOf(first, last, record);
  const stops = record.troubles.filter(({ stopped }) => stopped === id);
  const stoppedMs = stops.reduce((sum, { fromMs, untilMs }) => {
    const overlapMs = Math.min(untilMs, last.answeredMs) - Math.max(fromMs, first.answeredMs);
    return sum + Math.max(overlapMs, 0);
  }, 0);
  const notOwed = (record.targetCount * stoppedMs) / record.intervalMs;
  return Math.max(missed - notOwed, 0) / (expected - notOwed);
}

/** The upper bound of the bucket in which that share of the observations ends; NaN of none, Infinity beyond the last. */
export function lagMs(loopLag: Metrics["loopLag"], share: number): number {
  const total = loopLag.at(-1)?.[1] ?? 0;
  // Of a monitor that was started again between two answers there are less than none.
  if (total <= 0) return Number.NaN;
  const [bound] = loopLag.find(([, count]) => count >= share * total)!;
  return bound === "+Inf" ? Number.POSITIVE_INFINITY : Number(bound) * 1_000;
}

/** `<= 25 ms`, and in words what is beyond all bounds or not known. */
export function lagText(lateMs: number): string {
  if (Number.isNaN(lateMs)) return "unknown";
  return Number.isFinite(lateMs) ? `<= ${lateMs} ms` : "more than is counted";
}

/** Of the turns between two answers, p99; where it is beyond the last bound that bound, and 0 where there was no turn. */
export function lagBetweenMs(from: Answer, to: Answer): number {
  const before = new Map(from.metrics.loopLag);
  const turns = to.metrics.loopLag.map(
    ([bound, count]) => [bound, count - (before.get(bound) ?? 0)] as const,
  );
  const lateMs = lagMs(turns, 0.99);
  if (Number.isNaN(lateMs)) return 0;
  return Number.isFinite(lateMs) ? lateMs : Number(turns.at(-2)?.[0] ?? 0) * 1_000;
}
