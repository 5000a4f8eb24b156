/**
 * How many notices a receiver may get: a bucket of tokens that fills at a steady rate. It begins full, also
 * under a new leader.
 */
export class RateBound {
  readonly #notices: number;
  readonly #perMillis: number;
  #tokens: number;
  #atMs: number;

  /** At most `notices` at once, and as many in each `perMillis`. */
  constructor({ notices, perMillis }: { notices: number; perMillis: number }, nowMs: number) {
    this.#notices = notices;
    this.#perMillis = perMillis;
    this.#tokens = notices;
    this.#atMs = nowMs;
  }

  /** Whole notices that may go now. */
  available(nowMs: number): number {
    const gained = ((nowMs - this.#atMs) * this.#notices) / this.#perMillis;
    this.#tokens = Math.min(this.#notices, this.#tokens + Math.max(gained, 0));
    this.#atMs = Math.max(this.#atMs, nowMs);
    return Math.floor(this.#tokens);
  }

  /** One goes. To be called only where one is available. */
  take(nowMs: number): void {
    this.available(nowMs);
    this.#tokens -= 1;
  }
}
