/**
 * A model that has to learn before it can speak, with another one to speak for it until then. Ranks say nothing of the
 * first few gaps: two that are alike make a third that is a little later look impossible. So those are
 * judged by the first estimate, as a normal distribution that is never taken for narrower than the estimate's own.
 */
import { WindowModel } from "./_window_model.ts";
import { NORMAL_CURVE } from "./normal_tail.ts";
import { ESTIMATE_STD_DEV_SHARE, type SuspicionModel } from "./suspicion_model.ts";

/** So many gaps are judged by the first estimate. */
export const FIRST_GAPS = 50;

export interface FirstGapsOptions {
  readonly acceptableHeartbeatPauseMs: number;
  readonly firstHeartbeatEstimateMs: number;
}

/** A model whose history can be saved. */
export interface LearningModel extends SuspicionModel {
  save(): number[];
  restore(saved: ArrayLike<number>): boolean;
}

export class FirstGapsModel implements SuspicionModel {
  readonly #model: LearningModel;
  /** Null once the model speaks for itself. */
  #first: SuspicionModel | null;
  #gapsLeft = FIRST_GAPS;

  /** `model` has no history yet; the options are checked. */
  constructor(model: LearningModel, options: FirstGapsOptions) {
    this.#model = model;
    this.#first = new WindowModel(NORMAL_CURVE, {
      ...options,
      maxSampleSize: FIRST_GAPS,
      minStdDeviationMs: options.firstHeartbeatEstimateMs * ESTIMATE_STD_DEV_SHARE,
    });
  }

  get sampleCount(): number {
    return this.#model.sampleCount;
  }

  get gapCount(): number {
    return this.#model.gapCount;
  }

  get meanMs(): number {
    return this.#model.meanMs;
  }

  get stdDevMs(): number {
    return this.#model.stdDevMs;
  }

  log10Survival(silenceMs: number): number {
    return (this.#first ?? this.#model).log10Survival(silenceMs);
  }

  silenceAtPhi(phi: number): number {
    return (this.#first ?? this.#model).silenceAtPhi(phi);
  }

  isConfidentAt(silenceMs: number): boolean {
    return this.#first === null && this.#model.isConfidentAt(silenceMs);
  }

  begin(): void {
    this.#first?.begin();
    this.#model.begin();
  }

  add(gapMs: number): void {
    this.#first?.add(gapMs);
    this.#model.add(gapMs);
    if (this.#first !== null && --this.#gapsLeft <= 0) this.#first = null;
  }

  addAtLeast(gapMs: number): void {
    this.#first?.addAtLeast(gapMs);
    this.#model.addAtLeast(gapMs);
  }

  /** φ itself: whose it is may change from one gap to the next. */
  surprise(silenceMs: number): number {
    return -this.log10Survival(silenceMs);
  }

  phiOfSurprise(surprise: number): number {
    return Math.max(surprise, 0);
  }

  surpriseAtPhi(phi: number): number {
    return phi;
  }

  /** What the model knows, as whole numbers >= 0; null while it does not speak for itself. */
  save(): number[] | null {
    return this.#first === null ? this.#model.save() : null;
  }

  /** For one that has heard nothing: goes on where `save` ended. False, and as it was, if that never gave this. */
  restore(saved: ArrayLike<number>): boolean {
    if (!this.#model.restore(saved)) return false;
    this.#first = null;
    return true;
  }
}
