/**
 * Whether φ means what it says: φ of gaps that then ended go in, and for k = 1..4 it says how often φ had
 * reached k beside how often it should have, once in 10^k. A calibrated detector's counts are within their
 * intervals; one that says 8 for what happens every day is not calibrated, whatever it is good for.
 */
import type { SuspicionModel } from "../detector/mod.ts";
import { CALIBRATION_LEVELS } from "./calibration.ts";
import { poissonInterval } from "./poisson.ts";

export interface CalibrationPoint {
  /** The φ in question. */
  readonly k: number;
  /** samples * 10^-k. */
  readonly expected: number;
  /** In how many of the intervals φ was at least k when they ended. */
  readonly observed: number;
  readonly samples: number;
  /**
   * In which share of the intervals, 0..1, the model itself held its history for long enough to know φ = k, rather
   * than to extrapolate to it. Below a half it is low.
   */
  readonly confidence: number;
  /** observed / expected, and what it may be at 95 % if the intervals are independent. */
  readonly ratio: number;
  readonly ratioLow: number;
  readonly ratioHigh: number;
}

export class CalibrationTally {
  readonly #observed = new Float64Array(CALIBRATION_LEVELS.length);
  readonly #confident = new Float64Array(CALIBRATION_LEVELS.length);
  #samples = 0;
  #askedCount = 0;

  /** A gap ended in which φ had risen to `phi`. */
  add(phi: number): void {
    this.#samples++;
    for (
      let index = 0;
      index < CALIBRATION_LEVELS.length && phi >= CALIBRATION_LEVELS[index]!;
      index++
    ) {
      this.#observed[index] = this.#observed[index]! + 1;
    }
  }

  /** Now and then: what the model thinks of its own knowledge. */
  askConfidence(model: SuspicionModel): void {
    this.#askedCount++;
    for (let index = 0; index < CALIBRATION_LEVELS.length; index++) {
      const isConfident = model.isConfidentAt(model.silenceAtPhi(CALIBRATION_LEVELS[index]!));
      if (isConfident) this.#confident[index] = this.#confident[index]! + 1;
    }
  }

  /** Empty where nothing was judged. */
  points(): CalibrationPoint[] {
    const samples = this.#samples;
    if (samples === 0) return [];
    return CALIBRATION_LEVELS.map((k, index) => {
      const expected = samples * 10 ** -k;
      const observed = this.#observed[index]!;
      const { low, high } = poissonInterval(observed);
      return {
        k,
        expected,
        observed,
        samples,
        confidence: this.#confident[index]! / this.#askedCount,
        ratio: observed / expected,
        ratioLow: low / expected,
        ratioHigh: high / expected,
      };
    });
  }
}
