/**
 * All that is needed to understand a verdict, as plain numbers: milliseconds, Unix times, φ. What people
 * read is made of it by `sentences.ts`, and what programs read by the API.
 */
import type { JudgementReading, ProbeError, Verdict } from "../monitor/mod.ts";
import type { CombinedReading, Doubt, ObserverReading, Vote } from "../observers/mod.ts";

export interface Explanation {
  readonly target: string;
  /** This monitor's name; null where it has none. */
  readonly observer: string | null;
  readonly atWallMs: number;
  /** This monitor's own. */
  readonly verdict: Verdict;
  readonly verdictSinceWallMs: number;
  readonly watchedSinceWallMs: number;
  /** Null before the first heartbeat. */
  readonly lastHeartbeatWallMs: number | null;
  /** What φ is of: since the last heartbeat or the watch's start, less the time in which nobody could listen. */
  readonly silenceMs: number;
  /** When that silence began: at the last heartbeat, or later where an edit or a restart has put it off. */
  readonly silenceSinceWallMs: number;
  readonly intervalMs: number;
  /** Whether the target reports by itself, and is not asked. */
  readonly isPushed: boolean;
  readonly phi: number;
  readonly suspectPhi: number;
  readonly downPhi: number;
  readonly model: JudgementReading["model"];
  /** Whether φ is known from the history, rather than extrapolated from it. */
  readonly isConfident: boolean;
  /** The silence from which it is called down; null if none is. */
  readonly detectionMs: number | null;
  readonly fit: Fit;
  /** Null where the threshold is given. */
  readonly budget: ReturnType<JudgementReading["budget"]>;
  /** What would be feasible where the budget is known not to be. */
  readonly feasibleInstead: ReturnType<JudgementReading["feasibleInstead"]>;
  /** Since `judgedSinceWallMs`. */
  readonly quality: ReturnType<JudgementReading["quality"]>;
  readonly judgedSinceWallMs: number;
  readonly calibration: ReturnType<JudgementReading["calibration"]>;
  /** When it becomes that if nothing arrives; null where it is that already, or never will be. */
  readonly suspectWallMs: number | null;
  readonly downWallMs: number | null;
  /** While down: how many heartbeats in a row have come, and how many it takes. */
  readonly recovery: { readonly heartbeats: number; readonly needed: number } | null;
  readonly probeCount: number;
  readonly failureCount: number;
  readonly lastError: ProbeError | null;
  /** Why this monitor doubts itself. */
  readonly selfDoubts: readonly SelfDoubted[];
  /** What all observers hold together; null where there are no others. */
  readonly combined: CombinedReading | null;
  /** Whether this monitor hears too few of them to call anything suspect or down. */
  readonly isMinority: boolean;
  readonly observers: readonly ExplainedObserver[];
}

/** How far the silence is past what is expected, in standard deviations: under `akka` and `normal` φ is computed from that. */
export interface Fit {
  readonly sampleCount: number;
  /** Those of them that were heard, and do not stand for the first estimate. */
  readonly gapCount: number;
  readonly meanMs: number;
  readonly stdDevMs: number;
  /** The config's least one. */
  readonly leastStdDevMs: number;
  /** The larger of the two: the one that counts. */
  readonly stdDevInForceMs: number;
  readonly acceptablePauseMs: number;
  /** The silence past the mean and the acceptable pause, over the standard deviation in force. */
  readonly deviations: number;
}

export interface SelfDoubted {
  readonly doubt: Doubt;
  /** What was seen; "" where only the doubt is known. */
  readonly detail: string;
}

/** Another monitor, or this one, and what it says of the target. */
export interface ExplainedObserver extends ObserverReading {
  /** Null where it is not heard, or says nothing of this target. */
  readonly vote: Vote | null;
}
