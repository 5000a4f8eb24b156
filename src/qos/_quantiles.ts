/**
 * Quantiles of many numbers in memory that does not grow with them: values >= 0 in, the value that a
 * share of them does not exceed out, within a thousandth of itself. The idea: the leading bits of a
 * floating-point number, its exponent and the head of its fraction, are a logarithm already, so that
 * they number the bucket it is counted in. Values of one kind lie close together, so that only the octaves that
 * occur take memory.
 */

/** 1,024 buckets an octave. */
const BUCKETS = 1_024;
const DROPPED_BITS = 10;
/** Below 2^-10 ms all is the same, and from 2^54 ms on. */
const LOWEST_OCTAVE = 1_023 - 10;
const HIGHEST_OCTAVE = 1_023 + 54;
const OCTAVES = HIGHEST_OCTAVE - LOWEST_OCTAVE + 1;

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
float[0] = 1;
/** Which of the two words is the leading one: the machine's byte order. */
const LEADING = words[1] === 0 ? 0 : 1;

export class Quantiles {
  readonly #octaves: (Uint32Array | undefined)[] = Array.from({ length: OCTAVES });
  #count = 0;
  #least = Infinity;
  #most = -Infinity;

  get count(): number {
    return this.#count;
  }

  /** `value` >= 0; Infinity is one. */
  add(value: number): void {
    float[0] = value;
    const bits = words[LEADING]! >>> DROPPED_BITS;
    const exponent = (bits >>> 10) - LOWEST_OCTAVE;
    const octave = exponent < 0 ? 0 : exponent >= OCTAVES ? OCTAVES - 1 : exponent;
    const counts = (this.#octaves[octave] ??= new Uint32Array(BUCKETS));
    const bucket = exponent === octave ? bits & (BUCKETS - 1) : exponent < 0 ? 0 : BUCKETS - 1;
    counts[bucket]!++;
    this.#count++;
    if (value < this.#least) this.#least = value;
    if (value > this.#most) this.#most = value;
  }

  /** The value at rank ceil(share * count), 0 < share <= 1; NaN if there is none. */
  at(share: number): number {
    const rank = Math.ceil(share * this.#count);
    let seen = 0;
    for (const [octave, counts] of this.#octaves.entries()) {
      if (counts === undefined) continue;
      for (const [bucket, count] of counts.entries()) {
        seen += count;
        // Where all are the same, or nearly, the ends know better than the bucket.
        if (seen >= rank && seen > 0) {
          return Math.min(this.#most, Math.max(this.#least, middleOf(octave, bucket)));
        }
      }
    }
    return NaN;
  }
}

function middleOf(octave: number, bucket: number): number {
  if (octave === OCTAVES - 1 && bucket === BUCKETS - 1) return Infinity;
  const bits = ((octave + LOWEST_OCTAVE) << 10) | bucket;
  words[LEADING] = (bits << DROPPED_BITS) | (1 << (DROPPED_BITS - 1));
  words[1 - LEADING] = 0;
  return float[0]!;
}
