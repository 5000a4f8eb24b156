/**
 * How long one doubt lasts: when its cause was there last comes in, and whether the monitor is in doubt
 * comes out. It begins at once. It ends when the cause has been gone for long enough that every target was
 * asked again and could answer; one that came back soon after it had ended lasts twice as long the next
 * time, so that a cause that comes and goes is one doubt, and not a hundred.
 */

export interface DoubtHoldOptions {
  /** At the least. Shorter flaps; longer misses the monitor's votes for longer. */
  readonly leastMs: number;
  /**
   * At the most, also where a target is asked less often. Shorter trusts what slow targets were last seen as
   * before the cause; longer takes a monitor of slow targets out for minutes after half a second's trouble.
   */
  readonly mostMs: number;
  /** Back within so long after its end it is the same trouble. Longer is slower to forgive. */
  readonly relapseMs: number;
}

export const DEFAULT_DOUBT_HOLD: DoubtHoldOptions = {
  leastMs: 5_000,
  mostMs: 60_000,
  relapseMs: 60_000,
};

export class DoubtHold {
  readonly #options: DoubtHoldOptions;
  #isHeld = false;
  #leastMs: number;
  #endedMs = Number.NEGATIVE_INFINITY;
  /** The moment of the cause that was held for last: it begins nothing again. */
  #heldForMs = Number.NEGATIVE_INFINITY;

  constructor(options: DoubtHoldOptions = DEFAULT_DOUBT_HOLD) {
    this.#options = options;
    this.#leastMs = options.leastMs;
  }

  get isHeld(): boolean {
    return this.#isHeld;
  }

  /**
   * As of `nowMs`, when the cause was there last at `lastPresentMs`. `askedAgainMs` says how long it takes
   * until every target was asked again, and is only called when that may end the doubt.
   */
  update(nowMs: number, lastPresentMs: number, askedAgainMs: () => number): boolean {
    if (lastPresentMs > this.#heldForMs) {
      this.#heldForMs = lastPresentMs;
      if (!this.#isHeld) this.#begin(nowMs);
    }
    if (!this.#isHeld) return false;
    const goneMs = nowMs - this.#heldForMs;
    const { mostMs } = this.#options;
    if (goneMs < this.#leastMs || goneMs < Math.min(askedAgainMs(), mostMs)) return true;
    this.#isHeld = false;
    this.#endedMs = nowMs;
    return false;
  }

  #begin(nowMs: number): void {
    const { leastMs, mostMs, relapseMs } = this.#options;
    const isRelapse = nowMs - this.#endedMs < relapseMs;
    this.#leastMs = isRelapse ? Math.min(this.#leastMs * 2, mostMs) : leastMs;
    this.#isHeld = true;
  }
}
