/**
 * Whether a figure grows: points in, the slope of the line through them with its 95 % interval out. The line is
 * Theil's and Sen's, the median of the slopes between all pairs, and the interval is Kendall's: the slopes are put in
 * order, and how many of them lie below the true one has a distribution that needs nothing known of the noise. A dozen points
 * are too few to show that their noise is a normal one, as Student's t would want, and one odd point hardly moves it. It
 * wants points that do not depend on each other: give it a figure for each block of time, not each look.
 */

export interface Point {
  readonly hours: number;
  readonly value: number;
}

export interface Trend {
  readonly perHour: number;
  /** Ends of the 95 % interval. */
  readonly low: number;
  readonly high: number;
}

export interface Bounds {
  /** Per hour: what surely exceeds it grows. */
  readonly growth: number;
  /** Per hour, and not below `growth`: what surely does not exceed it is flat. */
  readonly flat: number;
}

export type Outcome = "grows" | "flat" | "cannot tell";

const TAIL = 0.025;

/** Undefined for fewer than five points, which have no such interval. Points are at different times. */
export function trendOf(points: readonly Point[]): Trend | undefined {
  const margin = marginOf(points.length);
  if (margin === 0) return undefined;
  const slopes = points
    .flatMap((from, index) =>
      points.slice(index + 1).map((to) => (to.value - from.value) / (to.hours - from.hours)),
    )
    .toSorted((a, b) => a - b);
  const middle = slopes.length / 2;
  return {
    perHour: (slopes[Math.ceil(middle) - 1]! + slopes[Math.floor(middle)]!) / 2,
    low: slopes[margin - 1]!,
    high: slopes[slopes.length - margin]!,
  };
}

export function outcomeOf(trend: Trend | undefined, { growth, flat }: Bounds): Outcome {
  if (trend === undefined) return "cannot tell";
  if (trend.low > growth) return "grows";
  return trend.high <= flat ? "flat" : "cannot tell";
}

/**
 * The interval is from the slope of this place to that of the same place from the end; 0 where there is none. Were all orders of
 * `count` points equally likely, fewer pairs than this would be in the wrong order in at most 2.5 % of them.
 */
export function marginOf(count: number): number {
  let margin = 0;
  let below = 0;
  for (const share of sharesByInversions(count)) {
    below += share;
    if (below > TAIL) break;
    margin++;
  }
  return margin;
}

/** The share of all orders of `count` things that have 0, 1, 2... pairs in the wrong order. */
function sharesByInversions(count: number): readonly number[] {
  let shares = [1];
  for (let size = 2; size <= count; size++) {
    // The next thing comes before 0, 1, ... or all of those before it, each as likely.
    const next = Array.from({ length: shares.length + size - 1 }, () => 0);
    for (const [inversions, share] of shares.entries()) {
      for (let more = 0; more < size; more++) next[inversions + more]! += share / size;
    }
    shares = next;
  }
  return shares;
}
