/**
 * Quantiles of many numbers in memory that does not grow with them: values >= 0 in, the value that a
 * share of them does not exceed out, within a thousandth of itself. The idea: the leading bits of a
 * floating-point number, its exponent and the head of its fraction, are a logarithm already, so that
 * they number the bucket it is counted in.
 */

/** 1,024 buckets an octave. */
const DROPPED_BITS = 10;
/** Below 2^-10 ms all is the same, and from 2^54 ms on. */
const LOWEST_BUCKET = (1023 - 10) << (20 - DROPPED_BITS);
const HIGHEST_BUCKET = (1023 + 54) << (20 - DROPPED_BITS);

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
float[0] = 1;
/** Which of the two words is the leading one: the machine's byte order. */
const LEADING = words[1] === 0 ? 0 : 1;

export class Quantiles {
  readonly #counts = new Uint32Array(HIGHEST_BUCKET - LOWEST_BUCKET + 1);
  #count = 0;
  #least = Infinity;
  #most = -Infinity;

  get count(): number {
    return this.#count;
  }

  /** `value` >= 0; Infinity is one. */
  add(value: number): void {
    float[0] = value;
    const bucket = (words[LEADING]! >>> DROPPED_BITS) - LOWEST_BUCKET;
    const last = HIGHEST_BUCKET - LOWEST_BUCKET;
    const index = bucket < 0 ? 0 : bucket > last ? last : bucket;
    this.#counts[index] = this.#counts[index]! + 1;
    this.#count++;
    if (value < this.#least) this.#least = value;
    if (value > this.#most) this.#most = value;
  }

  /** The value at rank ceil(share * count), 0 < share <= 1; NaN if there is none. */
  at(share: number): number {
    if (this.#count === 0) return NaN;
    const rank = Math.ceil(share * this.#count);
    let seen = 0;
    let index = 0;
    while ((seen += this.#counts[index]!) < rank) index++;
    // Where all are the same, or nearly, the ends know better than the bucket.
    return Math.min(this.#most, Math.max(this.#least, middleOf(index)));
  }
}

function middleOf(index: number): number {
  words[LEADING] = ((index + LOWEST_BUCKET) << DROPPED_BITS) | (1 << (DROPPED_BITS - 1));
  words[1 - LEADING] = 0;
  return index === HIGHEST_BUCKET - LOWEST_BUCKET ? Infinity : float[0]!;
}
