/** Single figures of a monitor, read out of what was seen of it. */
import type { Metrics, ProcessLook, SoakRecord, TroubleRecord } from "./record.ts";

/** The median before the first trouble; undefined if there was no look. */
export function descriptorsAtRest(
  looks: readonly ProcessLook[],
  troubles: readonly TroubleRecord[],
): number | undefined {
  const firstMs = troubles[0]?.fromMs ?? Infinity;
  const calm = looks.filter(({ atMs }) => atMs < firstMs).map(({ descriptors }) => descriptors);
  return calm.toSorted((a, b) => a - b)[Math.floor(calm.length / 2)];
}

interface Answer {
  /** Counters are read as the answer is made, which for thousands of targets takes a while. */
  readonly answeredMs: number;
  readonly metrics: Metrics;
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

/** The upper bound of the bucket in which that share of the observations ends. */
export function lagMs(loopLag: Metrics["loopLag"], share: number): string {
  const total = loopLag.at(-1)?.[1] ?? 0;
  const [bound] = loopLag.find(([, count]) => count >= share * total) ?? ["+Inf"];
  return bound === "+Inf" ? "more than is counted" : `<= ${Number(bound) * 1_000} ms`;
}
