/**
 * The sampling window: the last inter-arrival times go in, their mean and population standard
 * deviation come out, in constant time and with no drift however long it runs. The idea: samples
 * are whole microseconds, and the sums are over their deviations from a whole-numbered centre, so
 * that they are exact integers, and a sample that leaves takes away precisely what it had brought.
 * The sum of squares is the one that outgrows 2^53; it carries along what its additions round off.
 * The centre moves to the mean when the variance has become too small, beside the mean's distance
 * from the centre, to be told from it.
 */

/** Longest gap that is told from longer ones: 2^53 - 1 microseconds, 285 years. */
export const LONGEST_GAP_MS = Number.MAX_SAFE_INTEGER / 1000;

const FIRST_RING_SAMPLES = 8;
const LONGEST_NARROW_US = 2 ** 32 - 1;

/**
 * The share of the squared distance between mean and centre that the variance must have. Of the 53
 * bits that the difference of the two sums starts with, it costs 20 at most.
 */
const LEAST_VARIANCE_SHARE = 2 ** -20;

/** Half the memory, for gaps up to 71 minutes; a window that meets a longer one changes over. */
type Ring = Uint32Array | Float64Array;

const NO_SAMPLES: Ring = new Uint32Array(0);

export class SamplingWindow {
  /** Invariant: #count <= #ring.length <= #maxSampleCount. */
  #ring = NO_SAMPLES;
  #maxSampleCount: number;
  #count = 0;
  /** Where the next sample goes. Invariant: #count, or the oldest one's place in a full window. */
  #next = 0;
  #centreUs = 0;
  /** Invariant: the sum of (sample - centre) over the window. */
  #sumUs = 0;
  /** Invariant: #squares + #squaresError is the sum of (sample - centre)² over the window. */
  #squares = 0;
  #squaresError = 0;
  #meanMs = NaN;
  #stdDevMs = NaN;

  /** Holds the newest `maxSampleCount` samples, an integer >= 1. Memory is taken as they come. */
  constructor(maxSampleCount: number) {
    this.#maxSampleCount = maxSampleCount;
  }

  /** What an empty window says until it has a sample; a window that is not empty knows better. */
  expect(meanMs: number, stdDevMs: number): void {
    if (this.#count > 0) return;
    this.#meanMs = meanMs;
    this.#stdDevMs = stdDevMs;
  }

  get count(): number {
    return this.#count;
  }

  /** While the window is empty what it was told to expect, or else NaN. */
  get meanMs(): number {
    return this.#meanMs;
  }

  /** Of the population, never negative; while the window is empty as `meanMs`. */
  get stdDevMs(): number {
    return this.#stdDevMs;
  }

  /** Takes one more gap, of 0..LONGEST_GAP_MS, to the microsecond; the oldest goes if it is full. */
  add(gapMs: number): void {
    const sampleUs = Math.floor(gapMs * 1000 + 0.5);
    if (this.#count < this.#maxSampleCount) this.#makeRoom(sampleUs);
    if (sampleUs > LONGEST_NARROW_US) this.#widen();
    const ring = this.#ring;
    const next = this.#next;
    let sum = this.#sumUs;
    let squares = this.#squares;
    let squaresError = this.#squaresError;
    if (this.#count === this.#maxSampleCount) {
      const deviation = ring[next]! - this.#centreUs;
      const square = -deviation * deviation;
      const before = squares;
      sum -= deviation;
      squares += square;
      squaresError += roundedOff(before, square, squares);
    } else {
      this.#count++;
    }
    const deviation = sampleUs - this.#centreUs;
    const square = deviation * deviation;
    const before = squares;
    sum += deviation;
    squares += square;
    squaresError += roundedOff(before, square, squares);
    ring[next] = sampleUs;
    this.#next = next + 1 === this.#maxSampleCount ? 0 : next + 1;
    const isSettled = this.#settle(sum, squares, squaresError);
    // Decades of deviation round off even what was rounded off: once a wrap, that is wiped out.
    if (!isSettled || (this.#next === 0 && squaresError !== 0)) this.#recentre();
  }

  /** A copy of the samples in whole microseconds, oldest first. */
  samplesUs(): Float64Array<ArrayBuffer> {
    const samplesUs = new Float64Array(this.#count);
    for (let age = this.#count; age >= 1; age--) {
      samplesUs[this.#count - age] = this.#sampleOfAge(age);
    }
    return samplesUs;
  }

  /** For an empty window: begins with these, of 0..LONGEST_GAP_MS in whole microseconds, oldest first. */
  restore(samplesUs: ArrayLike<number>): void {
    const kept = Math.min(samplesUs.length, this.#maxSampleCount);
    const dropped = samplesUs.length - kept;
    const ring = new Float64Array(kept);
    for (let index = 0; index < kept; index++) ring[index] = samplesUs[dropped + index]!;
    this.#takeOver(
      ring.every((sampleUs) => sampleUs <= LONGEST_NARROW_US) ? Uint32Array.from(ring) : ring,
    );
  }

  /** Forgets every sample, and what it was told to expect. */
  clear(): void {
    this.#ring = NO_SAMPLES;
    this.#count = 0;
    this.#next = 0;
    this.#sumUs = 0;
    this.#squares = 0;
    this.#squaresError = 0;
    this.#meanMs = NaN;
    this.#stdDevMs = NaN;
  }

  /** Holds another number of samples from now on, and of those it has the newest that fit. */
  resize(maxSampleCount: number): void {
    const kept = Math.min(this.#count, maxSampleCount);
    const ring = makeRing(this.#ring, kept);
    for (let age = kept; age >= 1; age--) ring[kept - age] = this.#sampleOfAge(age);
    this.#maxSampleCount = maxSampleCount;
    this.#takeOver(ring);
  }

  /** In whole microseconds; the oldest that is left has place 0. */
  protected sampleAt(place: number): number {
    return this.#sampleOfAge(this.#count - place);
  }

  /** The newest has age 1. */
  #sampleOfAge(age: number): number {
    const index = this.#next - age;
    return this.#ring[index < 0 ? index + this.#count : index]!;
  }

  /** Goes on with a ring of samples, oldest first and no more than fit, in place of its own. */
  #takeOver(ring: Ring): void {
    this.#ring = ring;
    this.#count = ring.length;
    this.#next = ring.length === this.#maxSampleCount ? 0 : ring.length;
    if (ring.length > 0) this.#recentre();
  }

  /** Takes over new sums; false, and no use, if the centre is too far off for the variance. */
  #settle(sum: number, squares: number, squaresError: number): boolean {
    this.#sumUs = sum;
    this.#squares = squares;
    this.#squaresError = squaresError;
    const meanDeviation = sum / this.#count;
    const offset = meanDeviation * meanDeviation;
    const variance = (squares + squaresError) / this.#count - offset;
    this.#meanMs = (this.#centreUs + meanDeviation) / 1000;
    this.#stdDevMs = variance > 0 ? Math.sqrt(variance) / 1000 : 0;
    return variance >= offset * LEAST_VARIANCE_SHARE;
  }

  /**
   * Moves the centre to the mean and sums anew. Rare: whole-numbered samples that are not all alike
   * have a variance of no less than about their mean's distance from the nearest whole number,
   * squared, so it takes a change of rhythm to get here again.
   */
  #recentre(): void {
    const ring = this.#ring;
    const count = this.#count;
    const first = ring[0]!;
    let sumFromFirst = 0;
    for (let index = 0; index < count; index++) sumFromFirst += ring[index]! - first;
    const centre = first + Math.round(sumFromFirst / count);
    let sum = 0;
    let squares = 0;
    let squaresError = 0;
    for (let index = 0; index < count; index++) {
      const deviation = ring[index]! - centre;
      const square = deviation * deviation;
      const before = squares;
      sum += deviation;
      squares += square;
      squaresError += roundedOff(before, square, squares);
    }
    this.#centreUs = centre;
    this.#settle(sum, squares, squaresError);
  }

  #makeRoom(nextSampleUs: number): void {
    // The first sample is the first centre: whatever comes later is most likely near it.
    if (this.#count === 0) this.#centreUs = nextSampleUs;
    if (this.#count < this.#ring.length) return;
    const length = Math.max(FIRST_RING_SAMPLES, 2 * this.#ring.length);
    const ring = makeRing(this.#ring, Math.min(length, this.#maxSampleCount));
    ring.set(this.#ring);
    this.#ring = ring;
  }

  #widen(): void {
    if (this.#ring instanceof Uint32Array) this.#ring = Float64Array.from(this.#ring);
  }
}

function makeRing(like: Ring, length: number): Ring {
  return like instanceof Uint32Array ? new Uint32Array(length) : new Float64Array(length);
}

/** What floating-point addition dropped of a + b, exactly (Knuth's TwoSum). Whole numbers only. */
function roundedOff(a: number, b: number, sum: number): number {
  if (a <= Number.MAX_SAFE_INTEGER && sum <= Number.MAX_SAFE_INTEGER) return 0;
  const addedB = sum - a;
  return a - (sum - addedB) + (b - addedB);
}
