/**
 * One detector at work on a trace, under a number of thresholds at once: before each gap it says at which
 * silence it would suspect, then which of the thresholds the gap went beyond, and then it learns it. What differs
 * between detectors with a φ and those without, and between those that learn the same whatever the threshold
 * and those that do not, ends here.
 */
import type { SuspicionModel, TimeoutModel } from "../detector/mod.ts";
import type { ReplayModel, ReplaySetting } from "./replay_model.ts";
import type { Trace } from "./trace.ts";

export interface Judge {
  /** The silence, in ms after the last heartbeat, at which it suspects under the threshold of this place. */
  silenceAt(place: number): number;
  /** The gap is over; the questions that follow are about it. */
  face(gapMs: number): void;
  /** Whether the gap that was faced went beyond `silenceAt`, up to rounding; cheaper than that. */
  isSuspectedAt(place: number): boolean;
  /** Heartbeat `index` of the trace ended the gap that was faced. */
  learn(index: number, gapMs: number, isOutage: boolean): void;
  /** The one whose φ is held against what happened; undefined where there is no φ. */
  readonly phiModel: SuspicionModel | undefined;
  /** φ of the gap that was faced, by that model. */
  readonly facedPhi: number;
}

/**
 * Akka's detector learns from what it did not suspect, and so its φ depends on the threshold; this is the one
 * that phi's config has if nothing is said.
 */
const USUAL_THRESHOLD = 16;

/** Has heard the trace's first heartbeat. */
export function createJudge(
  model: ReplayModel,
  setting: ReplaySetting,
  trace: Trace,
  thresholds: ArrayLike<number>,
): Judge {
  if (model.kind === "timeout") {
    return new TimeoutJudge(model.create(setting), trace, thresholds);
  }
  const create = () => {
    const made = model.create(setting);
    made.begin();
    return made;
  };
  return model.suspectedGap === "whole"
    ? new SharedPhiJudge(create(), thresholds)
    : new ApartPhiJudge(create, thresholds);
}

class TimeoutJudge implements Judge {
  readonly phiModel = undefined;
  readonly facedPhi = NaN;
  readonly #model: TimeoutModel;
  readonly #trace: Trace;
  readonly #thresholds: ArrayLike<number>;
  #facedMs = 0;

  constructor(model: TimeoutModel, trace: Trace, thresholds: ArrayLike<number>) {
    this.#model = model;
    this.#trace = trace;
    this.#thresholds = thresholds;
    model.heard(trace.sequences[0]!, trace.arrivalsMs[0]!);
  }

  silenceAt(place: number): number {
    return this.#model.silenceAt(this.#thresholds[place]!);
  }

  face(gapMs: number): void {
    this.#facedMs = gapMs;
  }

  isSuspectedAt(place: number): boolean {
    return this.#facedMs > this.silenceAt(place);
  }

  /** An outage looks to it like a number of heartbeats that were lost. */
  learn(index: number): void {
    this.#model.heard(this.#trace.sequences[index]!, this.#trace.arrivalsMs[index]!);
  }
}

class SharedPhiJudge implements Judge {
  readonly phiModel: SuspicionModel;
  readonly #thresholds: ArrayLike<number>;
  facedPhi = 0;

  constructor(model: SuspicionModel, thresholds: ArrayLike<number>) {
    this.phiModel = model;
    this.#thresholds = thresholds;
  }

  silenceAt(place: number): number {
    return this.phiModel.silenceAtPhi(this.#thresholds[place]!);
  }

  face(gapMs: number): void {
    this.facedPhi = -this.phiModel.log10Survival(gapMs);
  }

  isSuspectedAt(place: number): boolean {
    return this.facedPhi >= this.#thresholds[place]!;
  }

  learn(_index: number, gapMs: number, isOutage: boolean): void {
    if (isOutage) this.phiModel.addAtLeast(gapMs);
    else this.phiModel.add(gapMs);
  }
}

/** A history for each threshold, and one for φ itself. */
class ApartPhiJudge implements Judge {
  readonly phiModel: SuspicionModel;
  facedPhi = 0;
  readonly #models: SuspicionModel[];
  readonly #thresholds: Float64Array;
  readonly #suspected: Uint8Array;

  constructor(create: () => SuspicionModel, thresholds: ArrayLike<number>) {
    this.phiModel = create();
    this.#models = Array.from(thresholds, create);
    this.#thresholds = Float64Array.from(thresholds);
    this.#suspected = new Uint8Array(thresholds.length);
  }

  silenceAt(place: number): number {
    return this.#models[place]!.silenceAtPhi(this.#thresholds[place]!);
  }

  face(gapMs: number): void {
    this.facedPhi = -this.phiModel.log10Survival(gapMs);
    for (let place = 0; place < this.#models.length; place++) {
      const phi = -this.#models[place]!.log10Survival(gapMs);
      this.#suspected[place] = phi >= this.#thresholds[place]! ? 1 : 0;
    }
  }

  isSuspectedAt(place: number): boolean {
    return this.#suspected[place] === 1;
  }

  learn(_index: number, gapMs: number, isOutage: boolean): void {
    for (let place = 0; place < this.#models.length; place++) {
      const model = this.#models[place]!;
      if (isOutage || this.#suspected[place] === 1) model.addAtLeast(gapMs);
      else model.add(gapMs);
    }
    if (isOutage || this.facedPhi >= USUAL_THRESHOLD) this.phiModel.addAtLeast(gapMs);
    else this.phiModel.add(gapMs);
  }
}
