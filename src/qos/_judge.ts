/**
 * One detector at work on a trace, under a number of thresholds at once: gaps go in, and before each of
 * them it says at which silence it would suspect. What differs between detectors with a φ and those
 * without, and between those that learn the same whatever the threshold and those that do not, ends here.
 */
import type { SuspicionModel, TimeoutModel } from "../detector/mod.ts";
import type { ReplayModel, ReplaySetting } from "./replay_model.ts";
import type { Trace } from "./trace.ts";

export interface Judge {
  /** The silence, in ms after the last heartbeat, at which it suspects under the threshold of this place. */
  silenceAt(place: number): number;
  /**
   * Heartbeat `index` of the trace ended a gap. Suspicions are not told: a detector whose memory depends
   * on them had been asked for the silence in each place, and knows.
   */
  learn(index: number, gapMs: number, isOutage: boolean): void;
  /** The one whose φ is held against what happened; undefined where there is no φ. */
  readonly phiModel: SuspicionModel | undefined;
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
  readonly #model: TimeoutModel;
  readonly #trace: Trace;
  readonly #thresholds: ArrayLike<number>;

  constructor(model: TimeoutModel, trace: Trace, thresholds: ArrayLike<number>) {
    this.#model = model;
    this.#trace = trace;
    this.#thresholds = thresholds;
    model.heard(trace.sequences[0]!, trace.arrivalsMs[0]!);
  }

  silenceAt(place: number): number {
    return this.#model.silenceAt(this.#thresholds[place]!);
  }

  /** An outage looks to it like a number of heartbeats that were lost. */
  learn(index: number): void {
    this.#model.heard(this.#trace.sequences[index]!, this.#trace.arrivalsMs[index]!);
  }
}

class SharedPhiJudge implements Judge {
  readonly phiModel: SuspicionModel;
  readonly #thresholds: ArrayLike<number>;

  constructor(model: SuspicionModel, thresholds: ArrayLike<number>) {
    this.phiModel = model;
    this.#thresholds = thresholds;
  }

  silenceAt(place: number): number {
    return this.phiModel.silenceAtPhi(this.#thresholds[place]!);
  }

  learn(_index: number, gapMs: number, isOutage: boolean): void {
    if (isOutage) this.phiModel.addAtLeast(gapMs);
    else this.phiModel.add(gapMs);
  }
}

/** A history for each threshold, and one for φ itself. */
class ApartPhiJudge implements Judge {
  readonly phiModel: SuspicionModel;
  readonly #models: SuspicionModel[];
  readonly #thresholds: Float64Array;
  readonly #silencesMs: Float64Array;

  constructor(create: () => SuspicionModel, thresholds: ArrayLike<number>) {
    this.phiModel = create();
    this.#models = Array.from(thresholds, create);
    this.#thresholds = Float64Array.from(thresholds);
    this.#silencesMs = new Float64Array(thresholds.length).fill(NaN);
  }

  silenceAt(place: number): number {
    const silenceMs = this.#models[place]!.silenceAtPhi(this.#thresholds[place]!);
    this.#silencesMs[place] = silenceMs;
    return silenceMs;
  }

  learn(_index: number, gapMs: number, isOutage: boolean): void {
    for (let place = 0; place < this.#models.length; place++) {
      const model = this.#models[place]!;
      const known = this.#silencesMs[place]!;
      const silenceMs = Number.isNaN(known) ? this.silenceAt(place) : known;
      if (isOutage || gapMs > silenceMs) model.addAtLeast(gapMs);
      else model.add(gapMs);
      this.#silencesMs[place] = NaN;
    }
    const isSuspected = gapMs > this.phiModel.silenceAtPhi(USUAL_THRESHOLD);
    if (isOutage || isSuspected) this.phiModel.addAtLeast(gapMs);
    else this.phiModel.add(gapMs);
  }
}
