/**
 * Cassandra's model: gaps are taken for exponential, so that φ = silence / (mean · ln 10), with the mean of a window of gaps.
 * A baseline for replay. An exponential server would be as likely to be heard right now however long it was
 * silent; heartbeats that are sent at regular times are nothing like it, so φ is far too low at first and far too slow after.
 */
import { LONGEST_GAP_MS, SamplingWindow } from "./_window.ts";
import { ESTIMATE_STD_DEV_SHARE, type SuspicionModel } from "./suspicion_model.ts";

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

export class ExponentialModel implements SuspicionModel {
  readonly #window: SamplingWindow;

  /** The options are checked by whoever took them from somebody. */
  constructor(options: MeanModelOptions) {
    const estimateMs = options.firstHeartbeatEstimateMs;
    this.#window = new SamplingWindow(options.maxSampleSize);
    this.#window.expect(estimateMs, estimateMs * ESTIMATE_STD_DEV_SHARE);
  }

  get sampleCount(): number {
    return this.#window.count;
  }

  get meanMs(): number {
    return this.#window.meanMs;
  }

  get stdDevMs(): number {
    return this.#window.stdDevMs;
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

  /** A window of n gaps has seen what happens once in n. */
  isConfidentAt(silenceMs: number): boolean {
    return this.surprise(silenceMs) <= Math.log10(this.#window.count);
  }

  /** Two gaps stand for the first estimate, as with Akka's model. */
  begin(): void {
    if (this.#window.count > 0) return;
    const { meanMs, stdDevMs } = this.#window;
    this.#window.add(meanMs - stdDevMs);
    this.#window.add(meanMs + stdDevMs);
  }

  add(gapMs: number): void {
    this.begin();
    this.#window.add(gapMs);
  }

  /** An outage is no gap. */
  addAtLeast(_gapMs: number): void {
    this.begin();
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
    return Math.max(this.#window.meanMs, LEAST_MEAN_MS);
  }
}
