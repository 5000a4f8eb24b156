/**
 * The buckets of lateness: how much later than the median a gap was goes in, as a share of the median, and the number of a bucket
 * comes out, the later the higher. The idea: buckets an eighth of an octave wide see a spread of a millionth of the interval and
 * a silence of years alike. But a lost heartbeat is late by a whole interval, give or take what the others
 * are, and a bucket there would be wider than that; so around one and two intervals the buckets are laid out anew, a quarter of an octave
 * wide to either side.
 */

/** Lateness is counted in millionths (2^-20) of the interval. */
export const STEPS_PER_INTERVAL = 2 ** 20;

const PER_OCTAVE_BITS = 3;

/** Around whole intervals: steps of so many, and half an interval to either side. */
const FOLDS = 2;
const FOLD_STEP = 2 ** 8;
const FOLD_BITS = 2;
const FOLD_FROM = STEPS_PER_INTERVAL / 2;
const FOLD_TO = STEPS_PER_INTERVAL * (FOLDS + 1 / 2);
const FOLD_HALF = octaveIndex(FOLD_FROM / FOLD_STEP, FOLD_BITS);
const FOLD_BUCKETS = 2 * FOLD_HALF * FOLDS;

const BUCKETS_BEFORE = octaveIndex(FOLD_FROM, PER_OCTAVE_BITS);
/** What the folds move all later buckets by. */
const SHIFT = BUCKETS_BEFORE + FOLD_BUCKETS - octaveIndex(FOLD_TO, PER_OCTAVE_BITS);

export const BUCKETS = 512;

/** The bucket of a lateness in steps, at least 0. What is later than 2^28 intervals is in the last. */
export function bucketOf(steps: number): number {
  if (steps < FOLD_FROM) return octaveIndex(steps, PER_OCTAVE_BITS);
  if (steps >= FOLD_TO) {
    return Math.min(octaveIndex(steps, PER_OCTAVE_BITS) + SHIFT, BUCKETS - 1);
  }
  const fold = Math.round(steps / STEPS_PER_INTERVAL);
  const offset = (steps - fold * STEPS_PER_INTERVAL) / FOLD_STEP;
  const centre = BUCKETS_BEFORE + (2 * fold - 1) * FOLD_HALF;
  if (offset >= 0) return centre + Math.min(octaveIndex(offset, FOLD_BITS), FOLD_HALF - 1);
  return centre - 1 - Math.min(octaveIndex(-offset, FOLD_BITS), FOLD_HALF - 1);
}

/** The least lateness in steps of each bucket, and of one more. */
export const LEAST_STEPS = Float64Array.from({ length: BUCKETS + 1 }, (_, bucket) => {
  if (bucket < BUCKETS_BEFORE) return leastOf(bucket, PER_OCTAVE_BITS);
  if (bucket >= BUCKETS_BEFORE + FOLD_BUCKETS) return leastOf(bucket - SHIFT, PER_OCTAVE_BITS);
  const inFolds = bucket - BUCKETS_BEFORE;
  const fold = Math.floor(inFolds / (2 * FOLD_HALF)) + 1;
  const side = inFolds - (2 * fold - 1) * FOLD_HALF;
  const offset = side >= 0 ? leastOf(side, FOLD_BITS) : -leastOf(-side, FOLD_BITS);
  return fold * STEPS_PER_INTERVAL + offset * FOLD_STEP;
});

/** Counts up from 0: one at a time to 2^bits, and from there 2^bits to an octave. */
function octaveIndex(size: number, bits: number): number {
  if (size < 1 << bits) return Math.floor(size);
  // `clz32` reads 32 bits; of what has more, the upper ones are enough.
  const isWide = size >= 2 ** 31;
  const whole = (isWide ? Math.min(size, 2 ** 50) / 2 ** 20 : size) | 0;
  const octave = 31 - bits - Math.clz32(whole);
  return ((isWide ? octave + 20 : octave) << bits) + (whole >> octave);
}

/** The least size of an index. */
function leastOf(index: number, bits: number): number {
  const octave = Math.max((index >> bits) - 1, 0);
  return (index - (octave << bits)) * 2 ** octave;
}
