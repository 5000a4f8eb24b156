/**
 * What lies beyond the latest heartbeats: a histogram of how late they were goes in, a power law for what was never
 * seen comes out, P(later than d) ~ d^-exponent. The exponent is Hill's estimate (1975) over the latest samples, held by a prior where
 * they are few. A power law, because it is the heaviest tail that comes in question: where the truth is lighter, φ
 * is too low out there, never too high. It starts where the ranks end, so that it changes nothing that was seen.
 */
import type { LatenessHistogram } from "./_lateness_histogram.ts";

export interface Tail {
  /** From this bucket on φ is the law's word. */
  readonly bucket: number;
  readonly exponent: number;
}

/** How many of the latest samples Hill's estimate looks at: this share of all, between the two. */
const LOOK_SHARE = 1 / 32;
const LEAST_LOOK = 4;
const MOST_LOOK = 32;

/** The prior: as if one sample had spoken for this exponent, about that of a normal tail where ranks end. */
const PRIOR_SAMPLES = 4;
const PRIOR_EXPONENT = 8;
/** Below 1 a law has no mean, and no crash would ever be told; above 8 it would be as sure as a normal tail. */
const LEAST_EXPONENT = 1;
const MOST_EXPONENT = 8;

/** The tail of what a histogram holds; lateness below `resolutionUs` is not told apart. */
export function fitTail(histogram: LatenessHistogram, resolutionUs: number): Tail {
  const { unit, total, late } = histogram;
  const enough = Math.min(Math.max(total * LOOK_SHARE, LEAST_LOOK * unit), MOST_LOOK * unit);
  const look = Math.min(enough, late / 2);
  const anchor = Math.max(histogram.bucketFrom(look), 0);
  const anchorUs = Math.max(histogram.leastUs(anchor), resolutionUs);
  let seen = 0;
  let excess = 0;
  for (
    let bucket = histogram.bucketFrom(1);
    bucket >= anchor;
    bucket = histogram.bucketFrom(seen + 1)
  ) {
    const from = histogram.weightFrom(bucket);
    const middleUs = (histogram.leastUs(bucket) + histogram.leastUs(bucket + 1)) / 2;
    if (middleUs > anchorUs) excess += (from - seen) * Math.log(middleUs / anchorUs);
    seen = from;
  }
  const exponent = (seen / unit + PRIOR_SAMPLES) / (excess / unit + PRIOR_SAMPLES / PRIOR_EXPONENT);
  return {
    bucket: Math.max(histogram.bucketFrom(unit), 0),
    exponent: Math.min(Math.max(exponent, LEAST_EXPONENT), MOST_EXPONENT),
  };
}
