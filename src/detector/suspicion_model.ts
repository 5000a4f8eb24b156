/**
 * What a suspicion model is: the gaps between a server's past heartbeats go in, and for any silence it
 * says how surprising that would be from a live server. It has no clock and no idea of now: whoever owns
 * it measures the silence. The idea: P(a live server is silent for longer than t) is the one thing that
 * models differ in, and it is kept as a logarithm, because the probabilities that matter are too small
 * for anything else. A call costs the same whatever the history, allocates nothing, and is finite for
 * ten years of silence.
 */

/** Times are in milliseconds and may have a fraction; a gap or a silence is 0..LONGEST_GAP_MS. */
export interface SuspicionModel {
  /**
   * log10 of the probability that a live server is silent for longer than `silenceMs`: finite, at most 0,
   * never rising with the silence. φ is its negative.
   */
  log10Survival(silenceMs: number): number;
  /**
   * The inverse: the shortest silence, up to rounding, at which φ is at least `phi`. 0 if it starts no
   * lower; Infinity if no silence gets there.
   */
  silenceAtPhi(phi: number): number;
  /** Whether the history is long enough to know φ of this silence, rather than to extrapolate to it. */
  isConfidentAt(silenceMs: number): boolean;
  /** A heartbeat ended a gap of this length. */
  add(gapMs: number): void;
  /** The gap was cut short, by an outage or by nobody listening: all that is known is that it is at least this long. */
  addAtLeast(gapMs: number): void;
  /**
   * The first heartbeat came, so that the next one ends a gap. Without it the first `add` comes to the
   * same. Later ones do nothing.
   */
  begin(): void;
  /** How many gaps the history stands for, the first estimate's included. 0 before the first heartbeat. */
  readonly sampleCount: number;
  /** How many of them were heard; the rest stands for the first estimate. */
  readonly gapCount: number;
  /** Mean gap of the history; before the first heartbeat what was told to expect. */
  readonly meanMs: number;
  /** Standard deviation of the history's gaps (of the population); before the first heartbeat as `meanMs`. */
  readonly stdDevMs: number;
  /**
   * A number that rises with φ and may be cheaper to have. For whoever compares silences at every
   * heartbeat and is seldom asked for φ.
   */
  surprise(silenceMs: number): number;
  /** φ of a `surprise`, whenever that was. -Infinity is one, and its φ is 0. */
  phiOfSurprise(surprise: number): number;
  /** The `surprise` at which φ is `phi`, up to rounding. */
  surpriseAtPhi(phi: number): number;
}

/** The share of the first estimate that stands for its standard deviation, until gaps are known. */
export const ESTIMATE_STD_DEV_SHARE = 1 / 4;
