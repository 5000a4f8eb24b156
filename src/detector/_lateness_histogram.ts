/**
 * How late past heartbeats were: lateness beyond the running median goes in, and how much of the past was at least
 * this late comes out. The idea: a Fenwick tree over the grid's buckets, summed from the latest down, answers that in as many
 * steps as there are bits in their number. The past is forgotten by letting each sample weigh a little more than the one before; weights are
 * whole numbers, so that sums are exact and a rank never falls as it should rise.
 */

import { BUCKETS, bucketOf, LEAST_STEPS, STEPS_PER_INTERVAL } from "./_lateness_grid.ts";

/** Samples after which one weighs 1/e of the newest. The variance of a rank is that of a window of twice as many. */
export const MEMORY_SAMPLES = 3_000;

const GROWTH = 1 + 1 / MEMORY_SAMPLES;
/** The newest sample weighs between these, so that the sum of all stays below 2^32. */
const LEAST_UNIT = 2 ** 10;
const MOST_UNIT = 2 ** 20;
/** The largest power of two in the tree. */
const FIRST_STEP = 2 ** Math.floor(Math.log2(BUCKETS));

/** What a rebuilding of a tree works on. Nothing is kept in it. */
const scratch = new Float64Array(BUCKETS);

export class LatenessHistogram {
  /**
   * Invariant: entry n is the weight of the n & -n buckets that end with the n-th latest, so that the entries of a
   * descending n sum up to all that is later.
   */
  readonly #tree = new Uint32Array(BUCKETS + 1);
  #early = 0;
  #late = 0;
  #unit = LEAST_UNIT;
  /** Steps of the grid in a microsecond. */
  #stepsPerUs = 1;

  /** The weight of the newest sample, and of one that is still to come. */
  get unit(): number {
    return this.#unit;
  }

  /** The weight of all samples. */
  get total(): number {
    return this.#early + this.#late;
  }

  /** The weight of all that were no earlier than the median. */
  get late(): number {
    return this.#late;
  }

  /** Forgets everything, and lays out the grid for this interval, above 0. */
  clear(intervalUs: number): void {
    this.#stepsPerUs = STEPS_PER_INTERVAL / intervalUs;
    this.#tree.fill(0);
    this.#early = 0;
    this.#late = 0;
    this.#unit = LEAST_UNIT;
  }

  /** One more sample, which is the newest; all that is early, below 0, is alike. */
  add(lateUs: number): void {
    const unit = this.#unit * GROWTH;
    this.#unit = unit;
    const weight = Math.round(unit);
    if (lateUs < 0) {
      this.#early += weight;
    } else {
      this.#late += weight;
      const tree = this.#tree;
      for (let n = BUCKETS - this.bucketOf(lateUs); n <= BUCKETS; n += n & -n) {
        tree[n] = tree[n]! + weight;
      }
    }
    if (unit > MOST_UNIT) this.#lighten();
  }

  /** Of 0..BUCKETS - 1; `lateUs` is at least 0. */
  bucketOf(lateUs: number): number {
    return bucketOf(lateUs * this.#stepsPerUs);
  }

  /** The least lateness that is in a bucket of 0..BUCKETS, or the lower bound of it. */
  leastUs(bucket: number): number {
    return LEAST_STEPS[bucket]! / this.#stepsPerUs;
  }

  /** The weight of all samples in `bucket` or a later one. 0 for one past the last. */
  weightFrom(bucket: number): number {
    const tree = this.#tree;
    let sum = 0;
    for (let n = BUCKETS - bucket; n > 0; n &= n - 1) sum += tree[n]!;
    return sum;
  }

  /** The weight of the samples in `bucket` alone. */
  weightOf(bucket: number): number {
    const tree = this.#tree;
    const end = BUCKETS - bucket;
    let weight = tree[end]!;
    // Of the buckets that end with this one, all but this one.
    for (let n = end - 1; n !== (end & (end - 1)); n &= n - 1) weight -= tree[n]!;
    return weight;
  }

  /** The latest bucket from which on there is at least `weight`, above 0; -1 if there is none. */
  bucketFrom(weight: number): number {
    const tree = this.#tree;
    let n = 0;
    let rest = weight;
    for (let step = FIRST_STEP; step > 0; step >>= 1) {
      const next = n + step;
      if (next <= BUCKETS && tree[next]! < rest) {
        n = next;
        rest -= tree[next]!;
      }
    }
    return BUCKETS - 1 - n;
  }

  /** Whole numbers >= 0, for `restore`: three, and one for each bucket that is not empty. */
  save(): number[] {
    const intervalNs = Math.round((STEPS_PER_INTERVAL / this.#stepsPerUs) * 1000);
    const saved = [intervalNs, Math.round(this.#unit), this.#early];
    this.#unpack();
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const weight = scratch[bucket]!;
      if (weight > 0) saved.push(bucket * 2 ** 32 + weight);
    }
    return saved;
  }

  /** Becomes what was saved; false, and empty, if that is nothing that `save` gives. */
  restore(saved: ArrayLike<number>): boolean {
    const [intervalNs, unit, early] = [saved[0]!, saved[1]!, saved[2]!];
    this.clear(intervalNs > 0 ? intervalNs / 1000 : 1);
    scratch.fill(0);
    for (let index = 3; index < saved.length; index++) {
      const bucket = Math.floor(saved[index]! / 2 ** 32);
      if (!(bucket >= 0 && bucket < BUCKETS)) return false;
      scratch[bucket] = saved[index]! % 2 ** 32;
    }
    const late = scratch.reduce((sum, weight) => sum + weight, 0);
    const isUnit = unit >= LEAST_UNIT && unit <= MOST_UNIT * GROWTH;
    if (!(intervalNs > 0) || !isUnit || !(early >= 0 && early + late < 2 ** 32)) return false;
    this.#unit = unit;
    this.#early = early;
    this.#pack();
    return true;
  }

  /** All weights become smaller by the same factor, and nothing else changes. */
  #lighten(): void {
    const factor = LEAST_UNIT / MOST_UNIT;
    this.#unpack();
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      scratch[bucket] = Math.round(scratch[bucket]! * factor);
    }
    this.#early = Math.round(this.#early * factor);
    this.#unit *= factor;
    this.#pack();
  }

  /** The buckets' own weights into `scratch`. */
  #unpack(): void {
    for (let bucket = 0; bucket < BUCKETS; bucket++) scratch[bucket] = this.weightOf(bucket);
  }

  #pack(): void {
    const tree = this.#tree.fill(0);
    this.#late = 0;
    for (let n = 1; n <= BUCKETS; n++) {
      const weight = scratch[BUCKETS - n]!;
      this.#late += weight;
      tree[n] = tree[n]! + weight;
      const parent = n + (n & -n);
      if (parent <= BUCKETS) tree[parent] = tree[parent]! + tree[n]!;
    }
  }
}
