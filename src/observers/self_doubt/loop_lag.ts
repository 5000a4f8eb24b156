/**
 * Finds an event loop that is held up again and again: how far apart its turns were comes in. The monitor
 * turns at least every 20 ms while all is well. What holds it up may be the turn's own work, and then the
 * time is not left out of any silence; so it is the distance between two turns that counts, and not
 * only how late the timer came.
 */
import { formatSeconds } from "./_format.ts";
import type { Cause } from "./cause.ts";

export interface LoopLagOptions {
  /**
   * Turns further apart than this count. Lower counts what a scheduler does to any process on a machine that
   * is short of processors: with 100 ms, a monitor on two processors that six times as many threads wanted was
   * in doubt for a sixth of the time. Higher overlooks what quick targets are already judged by.
   */
  readonly lateTurnMs: number;
  /**
   * So much of it within the window is a doubt; what the clock did not leave out counts twice, because
   * silences grew by it. Lower doubts for a single collection of garbage; higher lets the monitor judge
   * for longer on answers that it saw late. Half of it is what a target has to forgive, or it may be wronged
   * by a stall before there is a doubt.
   */
  readonly lostMs: number;
  /** Longer finds stalls that are rarer; shorter forgets a rough start sooner. */
  readonly windowMs: number;
}

export const DEFAULT_LOOP_LAG: LoopLagOptions = {
  lateTurnMs: 200,
  lostMs: 500,
  windowMs: 10_000,
};

/** Since the loop's last turn. */
export interface TurnGap {
  readonly gapMs: number;
  /** So much of it the monitor's clock has left out. */
  readonly leftOutMs: number;
}

interface LateTurn {
  readonly atMs: number;
  readonly lostMs: number;
}

export class LoopLag implements Cause {
  readonly doubt = "loop_lag";
  readonly #options: LoopLagOptions;
  /** Within the window, oldest first. */
  #lateTurns: LateTurn[] = [];
  lastPresentMs = Number.NEGATIVE_INFINITY;
  detail = "";

  constructor(options: LoopLagOptions = DEFAULT_LOOP_LAG) {
    this.#options = options;
  }

  /** A turn came. */
  turned(nowMs: number, gap: TurnGap): void {
    if (gap.gapMs <= this.#options.lateTurnMs) return;
    this.#lateTurns = this.#judged(nowMs, gap);
  }

  /** No turn has come yet, but what happens now may be judged already. */
  look(nowMs: number, gap: TurnGap): void {
    if (gap.gapMs > this.#options.lateTurnMs) this.#judged(nowMs, gap);
  }

  #judged(nowMs: number, { gapMs, leftOutMs }: TurnGap): LateTurn[] {
    const { lostMs, windowMs } = this.#options;
    const lateTurns = this.#lateTurns.filter(({ atMs }) => atMs > nowMs - windowMs);
    lateTurns.push({ atMs: nowMs, lostMs: leftOutMs + 2 * (gapMs - leftOutMs) });
    const sumMs = lateTurns.reduce((sum, turn) => sum + turn.lostMs, 0);
    if (sumMs >= lostMs) {
      this.lastPresentMs = nowMs;
      const times = lateTurns.length === 1 ? "once" : `${lateTurns.length} times`;
      this.detail =
        `the event loop was held up ${times} within ${formatSeconds(windowMs)}, ` +
        `the last time for ${formatSeconds(gapMs)}`;
    }
    return lateTurns;
  }
}
