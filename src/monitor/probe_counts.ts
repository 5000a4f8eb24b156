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
  /** By the index of the bucket, one more for all above; empty before the first probe. */
  readonly durationBuckets: number[] = [];
  failures: number[] | null = null;

  add(durationMs: number): void {
    this.probeCount++;
    this.durationSumMs += durationMs;
    if (this.durationBuckets.length === 0) this.#openBuckets();
    let bucket = 0;
    while (bucket < BUCKETS_MS.length && durationMs > BUCKETS_MS[bucket]!) bucket++;
    this.durationBuckets[bucket]!++;
  }

  addFailure(reason: ProbeFailureReason): void {
    this.failures ??= PROBE_FAILURE_REASONS.map(() => 0);
    this.failures[PROBE_FAILURE_REASONS.indexOf(reason)]!++;
  }

  #openBuckets(): void {
    for (let bucket = 0; bucket <= BUCKETS_MS.length; bucket++) this.durationBuckets.push(0);
  }
}
