/**
 * What one target's probes came to: counts that only grow, for a scraper that takes differences.
 * Nothing is held for what never happened, because there may be a hundred thousand of these.
 */
import { PROBE_FAILURE_REASONS, type ProbeFailureReason } from "../probe/mod.ts";
import { PROBE_DURATION_BUCKETS_SECONDS } from "./reading.ts";

const BUCKETS_MS = PROBE_DURATION_BUCKETS_SECONDS.map((seconds) => seconds * 1_000);

export class ProbeCounts {
  probeCount = 0;
  skippedCount = 0;
  durationSumMs = 0;
  /** What the last valid answer took; 0 before the first. */
  answerMs = 0;
  /** By the index of the bucket, one more for all above; those that are not there are 0. */
  readonly durationBuckets: number[] = [];
  failures: number[] | null = null;

  add(durationMs: number): void {
    this.probeCount++;
    this.durationSumMs += durationMs;
    let bucket = 0;
    while (bucket < BUCKETS_MS.length && durationMs > BUCKETS_MS[bucket]!) bucket++;
    countAt(this.durationBuckets, bucket);
  }

  addFailure(reason: ProbeFailureReason): void {
    this.failures ??= [];
    countAt(this.failures, PROBE_FAILURE_REASONS.indexOf(reason));
  }
}

/** Counts one more at `index`; a list is only as long as its last count. */
function countAt(counts: number[], index: number): void {
  while (counts.length <= index) counts.push(0);
  counts[index]!++;
}
