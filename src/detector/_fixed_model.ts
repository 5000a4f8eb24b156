/**
 * A timeout as a suspicion model, so that it can stand wherever one is asked for. φ = threshold · silence /
 * timeout: it reaches the threshold at the timeout, whatever the history, and rises before and after it, so that a lower
 * level is an earlier timeout of the same target. Read as a probability that is a server whose silences are exponential,
 * which is nobody's claim: it is never confident. The history is kept for those who want to see it.
 */
import { EstimatedWindow } from "./_estimated_window.ts";
import { LONGEST_GAP_MS } from "./_window.ts";
import type { SuspicionModel } from "./suspicion_model.ts";

/** Times are in milliseconds and may have a fraction, up to LONGEST_GAP_MS. */
export interface FixedModelOptions {
  /** The silence at which φ is `threshold`; > 0. Higher is later to notice a failure, lower takes more hiccups for one. */
  readonly timeoutMs: number;
  /** φ at the timeout; > 0. It changes the scale of φ and nothing else. */
  readonly threshold: number;
  /** How many gaps mean and standard deviation are of; an integer >= 1. φ does not depend on them. */
  readonly maxSampleSize: number;
  /** The mean gap before any was seen; > 0. */
  readonly firstHeartbeatEstimateMs: number;
}

export const FIXED_MODEL_OPTIONS = [
  "timeoutMs",
  "threshold",
  "maxSampleSize",
  "firstHeartbeatEstimateMs",
] as const;

export class FixedModel extends EstimatedWindow implements SuspicionModel {
  readonly #phiPerMs: number;

  /** The options are checked by whoever took them from somebody. */
  constructor(options: FixedModelOptions) {
    super(options.maxSampleSize, options.firstHeartbeatEstimateMs);
    this.#phiPerMs = options.threshold / options.timeoutMs;
  }

  log10Survival(silenceMs: number): number {
    return -this.phiOfSurprise(silenceMs);
  }

  silenceAtPhi(phi: number): number {
    if (phi <= 0) return 0;
    let silenceMs = this.surpriseAtPhi(phi);
    // The quotient may have been rounded down to a silence that falls short.
    while (silenceMs <= LONGEST_GAP_MS && this.phiOfSurprise(silenceMs) < phi) {
      silenceMs += silenceMs * Number.EPSILON + Number.MIN_VALUE;
    }
    return silenceMs <= LONGEST_GAP_MS ? silenceMs : Infinity;
  }

  isConfidentAt(_silenceMs: number): boolean {
    return false;
  }

  surprise(silenceMs: number): number {
    return silenceMs;
  }

  phiOfSurprise(silenceMs: number): number {
    return Math.min(Math.max(silenceMs, 0) * this.#phiPerMs, Number.MAX_VALUE);
  }

  surpriseAtPhi(phi: number): number {
    return phi / this.#phiPerMs;
  }
}
