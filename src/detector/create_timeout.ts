/**
 * The timeouts of the literature, by their names: what each is built with goes in, checked, and a `TimeoutModel` comes
 * out. They are baselines for replay. All three wait until the next heartbeat should have arrived and for a margin beyond; they
 * differ in what they take for either.
 */
import { ExpectedArrival } from "./_expected_arrival.ts";
import { requireOptions } from "./_option_rules.ts";
import type { TimeoutModel } from "./timeout_model.ts";

export interface TimeoutOptions {
  /** `chen` (NFD-E, 2002), `bertier` (2002) or `two-window` (2W-FD, Tomsic, Sens, Garcia, Arantes and Sopena 2015). */
  readonly timeout: "chen" | "bertier" | "two-window";
  /** The sender's interval in milliseconds; > 0. */
  readonly intervalMs: number;
  /** Over how many arrivals the expected one is estimated, the longer window's with two; an integer >= 1. */
  readonly windowArrivals: number;
}

/** @throws {RangeError} If an option is out of its range. */
export function createTimeout(options: TimeoutOptions): TimeoutModel {
  requireOptions(`create timeout ${options.timeout}`, options, ["intervalMs", "windowArrivals"]);
  switch (options.timeout) {
    case "chen":
      return new ChenTimeout(options);
    case "bertier":
      return new BertierTimeout(options);
    case "two-window":
      return new TwoWindowTimeout(options);
  }
}

/** Chen's: a constant margin, in milliseconds, which is its parameter. */
class ChenTimeout implements TimeoutModel {
  readonly #expected: ExpectedArrival;

  constructor({ intervalMs, windowArrivals }: TimeoutOptions) {
    this.#expected = new ExpectedArrival(intervalMs, windowArrivals);
  }

  heard(sequence: number, arrivalMs: number): void {
    this.#expected.heard(sequence, arrivalMs);
  }

  silenceAt(marginMs: number): number {
    return Math.max(this.#expected.nextMs + marginMs - this.#expected.lastMs, 0);
  }
}

/** Bertier's weights: of a new error in the estimates, and of the mean error in the margin (γ and β). */
const NEW_ERROR_SHARE = 0.1;
const MEAN_ERROR_WEIGHT = 1;

/**
 * Bertier's: Chen's estimate, and Jacobson's margin (1988) of its errors, mean + φ · mean deviation. Its parameter is φ,
 * 4 in the paper.
 */
class BertierTimeout implements TimeoutModel {
  readonly #expected: ExpectedArrival;
  #errorMs = 0;
  #deviationMs = 0;

  constructor({ intervalMs, windowArrivals }: TimeoutOptions) {
    this.#expected = new ExpectedArrival(intervalMs, windowArrivals);
  }

  heard(sequence: number, arrivalMs: number): void {
    const expectedMs = this.#expected.expectedMs(sequence);
    if (!this.#expected.heard(sequence, arrivalMs) || Number.isNaN(expectedMs)) return;
    const errorMs = arrivalMs - expectedMs - this.#errorMs;
    this.#errorMs += NEW_ERROR_SHARE * errorMs;
    this.#deviationMs += NEW_ERROR_SHARE * (Math.abs(errorMs) - this.#deviationMs);
  }

  silenceAt(deviationWeight: number): number {
    const marginMs = MEAN_ERROR_WEIGHT * this.#errorMs + deviationWeight * this.#deviationMs;
    return Math.max(this.#expected.nextMs + marginMs - this.#expected.lastMs, 0);
  }
}

/** The shorter of the two windows, as in the paper's measurements. */
const SHORT_WINDOW_ARRIVALS = 1;

/** Two windows: the later of two estimates of Chen's, over a short and a long window, and a constant margin in milliseconds. */
class TwoWindowTimeout implements TimeoutModel {
  readonly #short: ExpectedArrival;
  readonly #long: ExpectedArrival;

  constructor({ intervalMs, windowArrivals }: TimeoutOptions) {
    this.#short = new ExpectedArrival(intervalMs, SHORT_WINDOW_ARRIVALS);
    this.#long = new ExpectedArrival(intervalMs, windowArrivals);
  }

  heard(sequence: number, arrivalMs: number): void {
    this.#short.heard(sequence, arrivalMs);
    this.#long.heard(sequence, arrivalMs);
  }

  silenceAt(marginMs: number): number {
    const expectedMs = Math.max(this.#short.nextMs, this.#long.nextMs);
    return Math.max(expectedMs + marginMs - this.#long.lastMs, 0);
  }
}
