/**
 * Satzger's model (Satzger, Pietzowski, Trumler and Ungerer 2007): the probability that a server has failed is the share
 * of the window's gaps that were no longer than this silence, with no law behind it. A baseline for replay. φ is what is left of it
 * in the logarithm. At the longest gap of the window nothing is left: there half a gap stands for none, and the
 * model knows no higher φ, however long it waits.
 */
import { EstimatedWindow } from "./_estimated_window.ts";
import type { MeanModelOptions } from "./_exponential_model.ts";
import { ESTIMATE_STD_DEV_SHARE, type SuspicionModel } from "./suspicion_model.ts";

/** What stands for none of the gaps. */
const LEAST_GAPS = 1 / 2;

export class SatzgerModel extends EstimatedWindow implements SuspicionModel {
  /** Ring of the window's gaps. */
  readonly #ringMs: Float64Array;
  /** The same gaps, shortest first: the first #count entries. */
  readonly #sortedMs: Float64Array;
  #count = 0;
  #next = 0;

  /** The options are checked by whoever took them from somebody. */
  constructor(options: MeanModelOptions) {
    const estimateMs = options.firstHeartbeatEstimateMs;
    super(options.maxSampleSize, estimateMs);
    this.#ringMs = new Float64Array(options.maxSampleSize);
    this.#sortedMs = new Float64Array(options.maxSampleSize);
    this.#insert(estimateMs * (1 - ESTIMATE_STD_DEV_SHARE));
    this.#insert(estimateMs * (1 + ESTIMATE_STD_DEV_SHARE));
  }

  log10Survival(silenceMs: number): number {
    return -this.surprise(silenceMs);
  }

  silenceAtPhi(phi: number): number {
    if (this.surprise(0) >= phi) return 0;
    if (this.surprise(Infinity) < phi) return Infinity;
    // The first of the gaps, shortest first, from which on φ is reached.
    let low = 0;
    let high = this.#count - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.surprise(this.#sortedMs[middle]!) < phi) low = middle + 1;
      else high = middle;
    }
    return this.#sortedMs[low]!;
  }

  isConfidentAt(silenceMs: number): boolean {
    return this.gapCount > 0 && silenceMs < this.#sortedMs[this.#count - 1]!;
  }

  override add(gapMs: number): void {
    super.add(gapMs);
    this.#insert(gapMs);
  }

  surprise(silenceMs: number): number {
    const longer = this.#count - this.#countUpTo(silenceMs);
    return Math.log10(this.#count / Math.max(longer, LEAST_GAPS));
  }

  phiOfSurprise(surprise: number): number {
    return Math.max(surprise, 0);
  }

  surpriseAtPhi(phi: number): number {
    return phi;
  }

  #insert(gapMs: number): void {
    const sorted = this.#sortedMs;
    if (this.#count === sorted.length) {
      const left = this.#countUpTo(this.#ringMs[this.#next]!) - 1;
      sorted.copyWithin(left, left + 1, this.#count);
      this.#count--;
    }
    this.#ringMs[this.#next] = gapMs;
    this.#next = (this.#next + 1) % this.#ringMs.length;
    const place = this.#countUpTo(gapMs);
    sorted.copyWithin(place + 1, place, this.#count);
    sorted[place] = gapMs;
    this.#count++;
  }

  /** How many of the gaps are no longer. */
  #countUpTo(silenceMs: number): number {
    let low = 0;
    let high = this.#count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#sortedMs[middle]! <= silenceMs) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
