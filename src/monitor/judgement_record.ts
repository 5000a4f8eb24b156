/**
 * What is kept of how well one target was judged, beside the counters that every target has: the episodes in
 * which it was called down, the gaps before and between them, and its budget. Most targets have nothing of
 * this, so it is made when the first of it is there.
 */
import {
  BudgetKeeper,
  EpisodeTally,
  episodeKind,
  GapRing,
  type RecordedGap,
  type SuspicionCurve,
} from "../qos/mod.ts";
import { budgetOptions, gapCapacity, mistakeMaxMs } from "./translate.ts";
import type { Target } from "../config/mod.ts";

export class JudgementRecord {
  /** From when on the target is judged as it is now, by the monitor's clock. */
  readonly sinceMs: number;
  readonly episodes = new EpisodeTally();
  #gaps: GapRing;
  #budget: BudgetKeeper | null;
  /** Whether there is evidence of a real outage in the episode that goes on. */
  #hasEvidence = false;

  constructor(target: Target, sinceMs: number, curve: SuspicionCurve) {
    this.sinceMs = sinceMs;
    this.#gaps = new GapRing(gapCapacity(target));
    this.#budget = budgetOf(target, curve);
  }

  get gaps(): GapRing {
    return this.#gaps;
  }

  get budget(): BudgetKeeper | null {
    return this.#budget;
  }

  /** The rhythm is another, and begins with the curve of now. How the target was judged stays true, an episode that goes on as well. */
  forgetGaps(target: Target, curve: SuspicionCurve): void {
    this.#gaps = new GapRing(gapCapacity(target));
    this.#budget = budgetOf(target, curve);
  }

  /** Gaps that were known before, oldest first. */
  take(gaps: readonly RecordedGap[]): void {
    for (const { gapMs, isOutage } of gaps) this.gaps.add(gapMs, isOutage);
  }

  /** Goes on where an earlier process ended, with the model's curve as that left it. */
  goOn(gapsUs: ArrayLike<number>, budget: ArrayLike<number>, curve: SuspicionCurve): void {
    for (let index = 0; index < gapsUs.length; index++)
      this.gaps.add(gapsUs[index]! / 1_000, false);
    this.budget?.restore(Array.from(budget), curve);
  }

  /** The target was called down. */
  wentDown(): void {
    this.#hasEvidence = false;
  }

  /** A probe of the silence that just ended said that the server was not well. */
  sawEvidence(): void {
    this.#hasEvidence = true;
  }

  /** The target is up again, after it had been down since `downSinceMs`. */
  cameUp(target: Target, downSinceMs: number, nowMs: number): void {
    const durationMs = nowMs - Math.max(downSinceMs, this.sinceMs);
    const kind = episodeKind(nowMs - downSinceMs, this.#hasEvidence, mistakeMaxMs(target));
    this.episodes.ended(kind, durationMs);
  }
}

function budgetOf(target: Target, curve: SuspicionCurve): BudgetKeeper | null {
  const options = budgetOptions(target);
  return options && new BudgetKeeper(options, curve);
}

/** Whether a target has a record from the start: a budget to follow, or no sampling window that keeps its gaps. */
export function keepsRecord(target: Target): boolean {
  return budgetOptions(target) !== null || target.monitor.model !== "akka";
}

/** Those of a live server, in whole microseconds. */
export function liveGapsUs(gaps: readonly RecordedGap[]): Float64Array<ArrayBuffer> {
  const live = gaps.filter(({ isOutage }) => !isOutage);
  return Float64Array.from(live, ({ gapMs }) => Math.round(gapMs * 1_000));
}
