/**
 * The last gaps between a target's heartbeats, in order and with the outages among them, so that a recorded
 * past can be judged again. Each is a single float, whose sign says whether it was an outage: exact to a
 * millionth of a gap, for any gap. Memory is taken as gaps come, 4 bytes each up to the capacity.
 */

export interface RecordedGap {
  readonly gapMs: number;
  readonly isOutage: boolean;
}

const FIRST_CAPACITY = 32;

export class GapRing {
  readonly #capacity: number;
  #ring = new Float32Array(0);
  /** Invariant: #count <= #ring.length <= #capacity. */
  #count = 0;
  /** Where the next gap goes. Invariant: #count, or the oldest one's place in a full ring. */
  #next = 0;

  /** Holds the newest `capacity` gaps, an integer >= 1. */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get count(): number {
    return this.#count;
  }

  /** A heartbeat ended a gap of `gapMs`, >= 0. The oldest one goes if the ring is full. */
  add(gapMs: number, isOutage: boolean): void {
    if (this.#count === this.#ring.length && this.#count < this.#capacity) this.#grow();
    this.#ring[this.#next] = isOutage ? -gapMs : gapMs;
    this.#next = this.#next + 1 === this.#capacity ? 0 : this.#next + 1;
    if (this.#count < this.#capacity) this.#count++;
  }

  /** Oldest first, to the microsecond. */
  gaps(): RecordedGap[] {
    const gaps: RecordedGap[] = [];
    const oldest = this.#count === this.#capacity ? this.#next : 0;
    for (let index = 0; index < this.#count; index++) {
      const value = this.#ring[(oldest + index) % this.#capacity]!;
      // A gap of nothing has a sign too.
      const isOutage = value < 0 || Object.is(value, -0);
      gaps.push({ gapMs: Math.round(Math.abs(value) * 1_000) / 1_000, isOutage });
    }
    return gaps;
  }

  #grow(): void {
    const length = Math.max(FIRST_CAPACITY, 2 * this.#ring.length);
    const ring = new Float32Array(Math.min(length, this.#capacity));
    ring.set(this.#ring);
    this.#ring = ring;
  }
}
