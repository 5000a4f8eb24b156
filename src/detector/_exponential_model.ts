/**
 * Cassandra's model: gaps are taken for exponential, so that φ = silence / (mean · ln 10), with the mean of a window of gaps.
 * A baseline for replay. An exponential server would be as likely to be heard right now however long it was
 * silent; heartbeats that are sent at regular times are nothing like it, so φ is far too low at first and far too slow after.
 */
import { EstimatedWindow } from "./_estimated_window.ts";
import { LONGEST_GAP_MS } from "./_window.ts";
import type { SuspicionModel } from "./suspicion_model.ts";

/** Times are in milliseconds and may have a fraction, up to LONGEST_GAP_MS. */
export interface MeanModelOptions {
  /** How many gaps the history holds; an integer >= 1. */
  readonly maxSampleSize: number;
  /** The gap to expect before any was seen; > 0. */
  readonly firstHeartbeatEstimateMs: number;
}

export const MEAN_MODEL_OPTIONS = ["maxSampleSize", "firstHeartbeatEstimateMs"] as const;

/** A mean of less than a microsecond is one of a microsecond, which is as fine as gaps are kept. */
const LEAST_MEAN_MS = 1e-3;

export class ExponentialModel extends EstimatedWindow implements SuspicionModel {
  /** The options are checked by whoever took them from somebody. */
  constructor(options: MeanModelOptions) {
    super(options.maxSampleSize, options.firstHeartbeatEstimateMs);
  }

  log10Survival(silenceMs: number): number {
    return -this.surprise(silenceMs);
  }

  silenceAtPhi(phi: number): number {
    if (phi <= 0) return 0;
    let silenceMs = phi * Math.LN10 * this.#flooredMeanMs();
    while (silenceMs <= LONGEST_GAP_MS && this.surprise(silenceMs) < phi) {
      silenceMs += silenceMs * Number.EPSILON + Number.MIN_VALUE;
    }
    return silenceMs <= LONGEST_GAP_MS ? silenceMs : Infinity;
  }

  /** Who has heard n gaps has seen what happens once in n. */
  isConfidentAt(silenceMs: number): boolean {
    return this.surprise(silenceMs) <= Math.log10(this.gapCount);
  }

  surprise(silenceMs: number): number {
    return silenceMs / (Math.LN10 * this.#flooredMeanMs());
  }

  phiOfSurprise(surprise: number): number {
    return Math.max(surprise, 0);
  }

  surpriseAtPhi(phi: number): number {
    return phi;
  }

  #flooredMeanMs(): number {
    return Math.max(this.meanMs, LEAST_MEAN_MS);
  }
}
