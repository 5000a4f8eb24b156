/**
 * What the gaps between heartbeats say of the way they come: how many are lost, and how much their
 * arrivals spread. A gap of about two intervals is one lost heartbeat. Only gaps of a live server may come in: an
 * outage is no loss. What was seen long ago fades.
 */
import type { LinkFacts } from "./configuration.ts";

/** So many gaps weigh the past; more follows a change later. */
const MEMORY_GAPS = 4_096;

export class LinkEstimate {
  #intervalMs: number;
  /** Weights of heartbeats that arrived and that did not, the prior's among them: one of each. */
  #arrived = 1;
  #lost = 1;
  #gapCount = 0;
  #meanMs: number;
  #variance = 0;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
    this.#meanMs = intervalMs;
  }

  /** Gaps that are remembered, up to `MEMORY_GAPS`. */
  get gapCount(): number {
    return this.#gapCount;
  }

  /** Heartbeats come at another interval from now on; what is known of the way stays. */
  changeInterval(intervalMs: number): void {
    this.#meanMs += intervalMs - this.#intervalMs;
    this.#intervalMs = intervalMs;
  }

  add(gapMs: number): void {
    const missing = Math.max(Math.round(gapMs / this.#intervalMs) - 1, 0);
    const isFull = this.#gapCount === MEMORY_GAPS;
    if (isFull) {
      this.#arrived *= 1 - 1 / MEMORY_GAPS;
      this.#lost *= 1 - 1 / MEMORY_GAPS;
    } else {
      this.#gapCount++;
    }
    this.#arrived++;
    this.#lost += missing;
    if (missing > 0) return;
    const deviation = gapMs - this.#meanMs;
    const weight = 1 / (this.#gapCount + 1);
    this.#meanMs += weight * deviation;
    this.#variance = (1 - weight) * (this.#variance + weight * deviation * deviation);
  }

  /**
   * For detection times that are counted from an arrival: what is uncertain of the next one is the gap's own
   * spread, and the delay's mean is in both. Gaps that are longer than the interval are late each time; those that are
   * shorter are sooner than anybody reckons with, which is no uncertainty.
   */
  facts(): LinkFacts {
    const lateMs = Math.max(this.#meanMs - this.#intervalMs, 0);
    return {
      lossShare: this.#lost / (this.#arrived + this.#lost),
      delayMeanMs: 0,
      delayVariance: this.#variance + lateMs ** 2,
    };
  }

  /** For `restore`, into one of the same interval. */
  save(): number[] {
    return [this.#arrived, this.#lost, this.#gapCount, this.#meanMs, this.#variance];
  }

  /** Goes on where `save` had ended; false, and nothing has changed, if it is not what that gave. */
  restore(saved: readonly number[]): boolean {
    const [arrived = NaN, lost = NaN, gapCount = NaN, meanMs = NaN, variance = NaN] = saved;
    const isWhole = saved.length === 5 && saved.every(Number.isFinite);
    if (!isWhole || !(arrived > 0 && lost > 0 && variance >= 0)) return false;
    if (!(Number.isInteger(gapCount) && gapCount >= 0 && gapCount <= MEMORY_GAPS)) return false;
    this.#arrived = arrived;
    this.#lost = lost;
    this.#gapCount = gapCount;
    this.#meanMs = meanMs;
    this.#variance = variance;
    return true;
  }
}
