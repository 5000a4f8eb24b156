/**
 * What the rest of the house may read of a target under watch: the exposition, the API and the page
 * see targets through these types and nothing else. Numbers, not text: units are in the names.
 */
import type { ModelName, Target } from "../config/mod.ts";
import type { ProbeFailureReason } from "../probe/mod.ts";
import type {
  BudgetReading,
  CalibrationReading,
  EpisodeCounts,
  FeasibleNumbers,
  Quality,
  RecordedGap,
} from "../qos/mod.ts";
import type { Verdict } from "../verdict/mod.ts";

/** Upper bounds of the probe duration histogram's buckets, in seconds; the last, +Inf, is implied. */
export const PROBE_DURATION_BUCKETS_SECONDS = [0.001, 0.005, 0.025, 0.1, 0.5, 1, 5] as const;

/** One failed probe. */
export interface ProbeError {
  readonly reason: ProbeFailureReason;
  readonly detail: string;
  readonly atWallMs: number;
}

/** How a target is judged, and how well that went. `nowMs` is the monitor's `nowMs()`. */
export interface JudgementReading {
  readonly model: ModelName;
  /** φ from which it is suspect, and from which it is down, as they are now. */
  readonly suspectPhi: number;
  readonly downPhi: number;
  /** Whether the history is long enough to know φ as it is now, rather than to extrapolate to it. */
  isConfident(nowMs: number): boolean;
  /** The silence from which it is called down, as it is now; Infinity if none is. */
  readonly detectionMs: number;
  /** How often it is asked, or should report, now. */
  readonly intervalMs: number;
  /** From when on it has been judged as it is now, by the monitor's clock: all below is of the time since. */
  readonly judgedSinceMs: number;
  /** In which it was called down, and that ended. */
  readonly episodes: EpisodeCounts;
  quality(nowMs: number): Quality;
  /** Intervals that a heartbeat ended and that were no outage. */
  readonly judgedIntervalCount: number;
  /** How far φ had risen in those. */
  calibration(): CalibrationReading[];
  /** The same of one level, by its index in CALIBRATION_LEVELS; for whoever asks of every target. */
  reachedCountOf(levelIndex: number): number;
  /** Null where the threshold is given. */
  budget(): BudgetReading | null;
  /** What would be feasible where the budget is not; null where it is, or nobody knows. */
  feasibleInstead(): FeasibleNumbers | null;
  /** The last gaps between its heartbeats, oldest first. */
  gaps(): RecordedGap[];
}

/** One target's watch, as it is now. `nowMs` is the monitor's `nowMs()`. */
export interface WatchReading extends JudgementReading {
  readonly target: Target;
  readonly verdict: Verdict;
  /** When the verdict became what it is, by the monitor's clock. */
  readonly verdictSinceMs: number;
  /**
   * Whether it is suspect or down only by what an earlier process saw: since this one began no probe has failed,
   * nor has the silence become long enough to say so by itself.
   */
  isOnlyRemembered(nowMs: number): boolean;
  /** Finite, from 0 up; rises while nothing arrives. */
  phi(nowMs: number): number;
  /** The silence that φ is of: since the last heartbeat, less the time in which nobody could listen. */
  silenceMs(nowMs: number): number;
  /**
   * When it becomes suspect or down if nothing arrives from now on, by the monitor's clock. Infinity if it is
   * that or worse already, or if no silence gets it there. Right after a pause of the monitor's own it may
   * come sooner than this says, as soon as the target was asked again.
   */
  worsensMs(to: "suspect" | "down"): number;
  /** Heartbeats in a row since it was down, while it still is; else 0. */
  readonly recoveryCount: number;
  /** When the watch began, by the monitor's clock. */
  readonly watchedSinceMs: number;
  /** By the monitor's clock; NaN before the first heartbeat. */
  readonly lastHeartbeatMs: number;
  /** Of the sampling window; the first estimate before the first heartbeat. */
  readonly intervalMeanMs: number;
  readonly intervalStdDevMs: number;
  readonly sampleCount: number;
  /** Those of them that were heard, and do not stand for the first estimate. */
  readonly gapCount: number;
  /** Probes that were answered or failed. */
  readonly probeCount: number;
  readonly heartbeatCount: number;
  readonly skippedCount: number;
  /** By the index in PROBE_FAILURE_REASONS; null while nothing ever failed; those not there are 0. */
  readonly failureCounts: ArrayLike<number> | null;
  /** Not cumulative; by the index in PROBE_DURATION_BUCKETS_SECONDS, one more for +Inf; those not there are 0. */
  readonly durationBucketCounts: ArrayLike<number>;
  readonly durationSumMs: number;
  readonly lastError: ProbeError | null;
  /** NaN where no certificate was seen. */
  readonly certificateExpiresWallMs: number;
}

/** A verdict changed. */
export interface VerdictChange {
  readonly target: string;
  readonly from: Verdict;
  readonly to: Verdict;
  readonly phi: number;
  /** The silence that led to it; 0 when a heartbeat did. */
  readonly silenceMs: number;
  /** In a few words, for the log and for people. */
  readonly reason: string;
  readonly atWallMs: number;
}

export type HeartbeatResult = "accepted" | "stale" | "unknown_target" | "not_pushed";

/** What the API and the exposition need of a monitor. */
export interface MonitorReading {
  /** The monitor's clock: monotonic, less the time in which this process did not run. */
  nowMs(): number;
  /** The wall-clock time of a moment of the monitor's clock. */
  wallMsOf(monitorMs: number): number;
  readonly watchCount: number;
  watches(): Iterable<WatchReading>;
  watch(name: string): WatchReading | undefined;
  /** A pushed heartbeat; a sequence number not above the last is `stale` and changes nothing. */
  heartbeat(name: string, sequence?: number): HeartbeatResult;
  /** Calls back at each change until the result is called. */
  onVerdictChange(listener: (change: VerdictChange) => void): () => void;
  /** Time taken out because this process did not run, since the start. */
  readonly pausedMs: number;
}

/** A watch began, has other settings, or ended: the target is not watched any more. */
export interface WatchEvent {
  readonly kind: "began" | "changed" | "ended";
  readonly watch: WatchReading;
}

/** A heartbeat that a target pushed to this monitor, and that counts. */
export interface PushedBeat {
  readonly target: string;
  readonly sequence: number | undefined;
}

/** For whoever tells other monitors what was pushed to this one. */
export interface PushedBeats {
  /** Calls back at each until the result is called; not at those that were handed on. */
  onPushed(listener: (beat: PushedBeat) => void): () => void;
  /** One that was pushed to another monitor, for which it counts. It counts as if it had come here. */
  handedOn(name: string, sequence: number | undefined): void;
}

/** For those who keep something for each target. */
export interface WatchEvents {
  /** Calls back at each until the result is called. */
  onWatch(listener: (event: WatchEvent) => void): () => void;
}
