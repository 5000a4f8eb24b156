/**
 * What one detector under one threshold did on a trace: before each gap the silence at which it would
 * suspect, and how long the gap then was, go in; a point of the T_D against λ_M curve comes out (Chen,
 * Toueg and Aguilera 2002 define the measures).
 */
import { Quantiles } from "./_quantiles.ts";
import { poissonUpperBound } from "./poisson.ts";

export interface CurvePoint {
  /** φ, or the detector's own parameter. */
  readonly threshold: number;
  /**
   * T_D, from the heartbeat before the crash to the suspicion, a crash right after every judged heartbeat.
   * Null if some of them would never be detected.
   */
  readonly detectionTimeMeanMs: number | null;
  readonly detectionTimeP99Ms: number | null;
  /** How often it suspected a server that was alive. */
  readonly mistakes: number;
  /** λ_M. */
  readonly mistakeRatePerHour: number;
  /** What λ_M may be at 95 %, from the number of mistakes; for none it is 3 over the judged time. */
  readonly mistakeRateUpperPerHour: number;
  /** T_M; null where there was no mistake. */
  readonly mistakeDurationMeanMs: number | null;
  /** P_A: the share of the judged time in which it did not suspect. */
  readonly queryAccuracy: number;
}

const HOUR_MS = 3_600_000;

export class CurveTally {
  readonly #detectionMs = new Quantiles();
  #detectionSumMs = 0;
  #mistakes = 0;
  #mistakeMs = 0;
  #lastMistakenGap = -1;

  /** After a heartbeat there would be suspicion, if nothing followed, in `silenceMs`. */
  addDetection(silenceMs: number): void {
    this.#detectionMs.add(silenceMs);
    this.#detectionSumMs += silenceMs;
  }

  /**
   * The gap of this index, of a server that was alive, lasted longer than the silence after which it was
   * suspected. One that a heartbeat did not end, because there was suspicion again at once, goes on.
   */
  addMistake(gapIndex: number, silenceMs: number, gapMs: number): void {
    const goesOn = silenceMs <= 0 && this.#lastMistakenGap === gapIndex - 1;
    if (!goesOn) this.#mistakes++;
    this.#mistakeMs += gapMs - silenceMs;
    this.#lastMistakenGap = gapIndex;
  }

  /** `aliveMs` > 0 is how long the server was watched and alive. */
  point(threshold: number, aliveMs: number): CurvePoint {
    const hours = aliveMs / HOUR_MS;
    const mistakes = this.#mistakes;
    return {
      threshold,
      detectionTimeMeanMs: finite(this.#detectionSumMs / this.#detectionMs.count),
      detectionTimeP99Ms: finite(this.#detectionMs.at(0.99)),
      mistakes,
      mistakeRatePerHour: mistakes / hours,
      mistakeRateUpperPerHour: poissonUpperBound(mistakes) / hours,
      mistakeDurationMeanMs: mistakes === 0 ? null : this.#mistakeMs / mistakes,
      // Sums of fractions may be rounded to a little more than all of the time.
      queryAccuracy: Math.max(0, 1 - this.#mistakeMs / aliveMs),
    };
  }
}

/** JSON has no other numbers. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
