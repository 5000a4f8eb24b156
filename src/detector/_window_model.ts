/**
 * The models of a sampling window: the newest gaps go in, and φ is a curve over how many standard deviations
 * past their mean a silence is. Akka's and the normal model differ in the curve alone. The history is a
 * window, so a lasting change of rhythm is learnt as fast as gaps enter it; but a gap that was called an
 * outage does not, and a change that looks like one is never learnt.
 */
import { EstimatedWindow } from "./_estimated_window.ts";
import { LONGEST_GAP_MS } from "./_window.ts";
import type { DeviationCurve } from "./suspicion.ts";
import type { SuspicionModel } from "./suspicion_model.ts";

/** Times are in milliseconds and may have a fraction, up to LONGEST_GAP_MS. */
export interface WindowModelOptions {
  /**
   * How many gaps the history holds; an integer >= 1. More is steadier, fewer follow a new rhythm
   * sooner and take less memory: 4 bytes a gap, or 8 once one was longer than 71 minutes.
   */
  readonly maxSampleSize: number;
  /**
   * The standard deviation is taken for no less than this; > 0. Higher forgives a very regular
   * target its small delays, and makes every detection later (with a threshold of 16 by seven
   * times as much).
   */
  readonly minStdDeviationMs: number;
  /**
   * Silence that is nobody's fault, on top of the mean; >= 0. Higher bridges garbage collections
   * and restarts, and makes every detection later by as much.
   */
  readonly acceptableHeartbeatPauseMs: number;
  /**
   * The gap to expect before any was seen, with a standard deviation of a quarter of it; > 0.
   * Higher is slower to call a target failed that never answers. Lower, if the first real gap then
   * reaches the threshold, lets no gap into the history, ever: the target stays suspicious for
   * good. So check a config for it; a new detector's `elapsedAtPhi` says how long a gap may be.
   */
  readonly firstHeartbeatEstimateMs: number;
}

export const WINDOW_MODEL_OPTIONS = [
  "maxSampleSize",
  "minStdDeviationMs",
  "acceptableHeartbeatPauseMs",
  "firstHeartbeatEstimateMs",
] as const;

/** It is a window, and has none, because each of a hundred thousand would cost an object more. */
export class WindowModel extends EstimatedWindow implements SuspicionModel {
  readonly #curve: DeviationCurve;
  #options: WindowModelOptions;

  /** The options are checked by whoever took them from somebody, and kept, so that many models can share them. */
  constructor(curve: DeviationCurve, options: WindowModelOptions) {
    super(options.maxSampleSize, options.firstHeartbeatEstimateMs);
    this.#curve = curve;
    this.#options = options;
  }

  log10Survival(silenceMs: number): number {
    return -this.#curve.phiAtDeviation(this.surprise(silenceMs));
  }

  silenceAtPhi(phi: number): number {
    if (this.#phiAfter(0) >= phi) return 0;
    const expectedMs = this.meanMs + this.#options.acceptableHeartbeatPauseMs;
    const lateMs = this.#curve.deviationAtPhi(phi) * this.#flooredStdDevMs();
    // Up to here a few units in the last place may be lost to rounding; start beyond them.
    let stepMs = 4 * Number.EPSILON * Math.max(expectedMs, Math.abs(lateMs)) + Number.MIN_VALUE;
    let silenceMs = Math.max(0, expectedMs + lateMs + stepMs);
    while (silenceMs <= LONGEST_GAP_MS && this.#phiAfter(silenceMs) < phi) {
      silenceMs += stepMs;
      stepMs *= 2;
    }
    return silenceMs <= LONGEST_GAP_MS ? silenceMs : Infinity;
  }

  /** Who has heard n gaps has seen what happens once in n; what is rarer is the curve's word alone. */
  isConfidentAt(silenceMs: number): boolean {
    return this.#phiAfter(silenceMs) <= Math.log10(this.gapCount);
  }

  /** How many standard deviations past the expected gap the silence is. */
  surprise(silenceMs: number): number {
    const pauseMs = this.#options.acceptableHeartbeatPauseMs;
    return (silenceMs - (this.meanMs + pauseMs)) / this.#flooredStdDevMs();
  }

  phiOfSurprise(surprise: number): number {
    return this.#curve.phiAtDeviation(surprise);
  }

  surpriseAtPhi(phi: number): number {
    return this.#curve.deviationAtPhi(phi);
  }

  /** Goes on with other settings and the newest gaps that fit. */
  reconfigure(options: WindowModelOptions): void {
    this.resize(options.maxSampleSize);
    this.#options = options;
    this.expectEstimate(options.firstHeartbeatEstimateMs);
  }

  /** Goes on with other settings and none of the history; begun, if it had begun. */
  restart(options: WindowModelOptions): void {
    const hadBegun = this.count > 0;
    this.clear();
    this.reconfigure(options);
    if (hadBegun) this.begin();
  }

  #flooredStdDevMs(): number {
    const { stdDevMs } = this;
    const leastMs = this.#options.minStdDeviationMs;
    return stdDevMs > leastMs ? stdDevMs : leastMs;
  }

  #phiAfter(silenceMs: number): number {
    return this.#curve.phiAtDeviation(this.surprise(silenceMs));
  }
}
