/**
 * Finds that the process did not run: how much time the monitor's clock has left out so far comes in, and
 * the wall clock, which alone goes on while a whole machine is suspended. After a pause everything
 * that this monitor holds is as old as the pause, and it must say so before it says anything else.
 */
import { formatSeconds } from "./_format.ts";
import type { Cause } from "./cause.ts";

export interface PausedOptions {
  /**
   * Time left out at once from which it is a pause. Lower puts a busy machine's monitor in doubt at every
   * hiccup, and its votes are missed; higher lets one that missed several probes of quick targets speak as
   * if it had not. What stays below is taken out of every silence all the same.
   */
  readonly pausedAboveMs: number;
  /**
   * How far the wall clock may get ahead of the monotonic one between two looks before the machine counts
   * as suspended. Lower takes a corrected wall clock for a suspension, which costs a few seconds of doubt;
   * higher overlooks short suspensions.
   */
  readonly suspendedAboveMs: number;
}

export const DEFAULT_PAUSED: PausedOptions = { pausedAboveMs: 500, suspendedAboveMs: 5_000 };

/** The clocks at one moment. */
export interface ClockReadings {
  /** The monitor's clock. */
  readonly nowMs: number;
  /** What it has left out since the start. */
  readonly pausedMs: number;
  readonly monotonicMs: number;
  readonly wallMs: number;
}

export class Paused implements Cause {
  readonly doubt = "paused";
  readonly #options: PausedOptions;
  #last: ClockReadings;
  lastPresentMs = Number.NEGATIVE_INFINITY;
  detail = "";

  constructor(start: ClockReadings, options: PausedOptions = DEFAULT_PAUSED) {
    this.#last = start;
    this.#options = options;
  }

  /** The process runs. The result is the pause that has just ended, in ms; 0 if there was none. */
  ran(clocks: ClockReadings): number {
    const last = this.#last;
    this.#last = clocks;
    const pauseMs = clocks.pausedMs - last.pausedMs;
    if (pauseMs >= this.#options.pausedAboveMs) {
      this.#found(clocks.nowMs, `the process did not run for ${formatSeconds(pauseMs)}`);
      return pauseMs;
    }
    const aheadMs = clocks.wallMs - last.wallMs - (clocks.monotonicMs - last.monotonicMs);
    if (aheadMs >= this.#options.suspendedAboveMs) {
      const byMs = formatSeconds(aheadMs);
      this.#found(
        clocks.nowMs,
        `the wall clock is suddenly ${byMs} ahead: the machine was suspended`,
      );
    }
    return 0;
  }

  #found(nowMs: number, detail: string): void {
    this.lastPresentMs = nowMs;
    this.detail = detail;
  }
}
