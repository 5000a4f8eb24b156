/**
 * What a budget has learnt from the gaps of a live server: how long they are, what that says of the link, and how far φ
 * rose in them; and how one process hands it to the next. How far φ rose says something of the model and the settings
 * that it was counted under, and nothing of any others, so it is only gone on with under the same.
 */
import { LinkEstimate } from "./link_estimate.ts";
import { Recalibration, SAVED_COUNTS } from "./recalibration.ts";

/** What a model says before it has seen so many is a first guess, and not held against what it says later. */
const COUNTED_FROM_GAPS = 512;
/** The mean follows about so many. */
const MEAN_GAPS = 1_000;

export class LearntGaps {
  /** Stands for what φ follows from beside the gaps. */
  readonly #phiDigest: number;
  #link: LinkEstimate;
  #recalibration = new Recalibration();
  #gapsUntilCounted = COUNTED_FROM_GAPS;
  #meanMs: number;

  constructor(intervalMs: number, phiDigest: number) {
    this.#phiDigest = phiDigest;
    this.#link = new LinkEstimate(intervalMs);
    this.#meanMs = intervalMs;
  }

  get link(): LinkEstimate {
    return this.#link;
  }

  /** Mean gap; the interval before there was one. */
  get meanMs(): number {
    return this.#meanMs;
  }

  /** The φ that is exceeded in a share of `share` of intervals, as far as was counted. */
  levelOf(share: number): number {
    return this.#recalibration.levelOf(share);
  }

  /** A gap of a live server ended, in which φ had risen to `phi`; see `Recalibration` for `isCounted`. */
  add(gapMs: number, phi: number, isCounted: boolean): void {
    if (this.#gapsUntilCounted > 0) this.#gapsUntilCounted--;
    else this.#recalibration.add(phi, isCounted);
    this.#link.add(gapMs);
    this.#meanMs += (gapMs - this.#meanMs) / Math.min(this.#link.gapCount + 1, MEAN_GAPS);
  }

  /** Heartbeats come at another interval from now on. */
  changeInterval(beforeMs: number, intervalMs: number): void {
    this.#link.changeInterval(intervalMs);
    this.#meanMs *= intervalMs / beforeMs;
  }

  /** For `restore`, with the interval that the gaps came at as the second number. */
  save(intervalMs: number): number[] {
    const counts = this.#recalibration.save();
    return [this.#meanMs, intervalMs, ...counts, this.#phiDigest, ...this.#link.save()];
  }

  /** Goes on where `save` had ended, and gives the interval; null, and nothing has changed, if it is not what that gave. */
  restore(saved: readonly number[]): number | null {
    const [meanMs = Number.NaN, intervalMs = Number.NaN, ...rest] = saved;
    if (!isLength(meanMs) || !isLength(intervalMs)) return null;
    const [phiDigest, ...linkNumbers] = rest.slice(SAVED_COUNTS);
    const link = new LinkEstimate(intervalMs);
    const recalibration = new Recalibration();
    if (!link.restore(linkNumbers)) return null;
    if (!recalibration.restore(rest.slice(0, SAVED_COUNTS))) return null;
    this.#meanMs = meanMs;
    this.#link = link;
    if (phiDigest !== this.#phiDigest) return intervalMs;
    this.#recalibration = recalibration;
    const isCounting = recalibration.intervalCount > 0;
    this.#gapsUntilCounted = isCounting ? 0 : Math.max(COUNTED_FROM_GAPS - link.gapCount, 0);
    return intervalMs;
  }
}

function isLength(ms: number): boolean {
  return ms > 0 && ms < Infinity;
}
