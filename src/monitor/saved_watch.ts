/**
 * What a watch leaves to the next process, and whether that may still be believed: the rhythm that was
 * learnt, the verdict, and since when. It comes back from a file that may be old, cut short or made by
 * somebody, so all of it is looked at before any of it is used.
 */
import type { Target } from "../config/mod.ts";
import { VERDICTS, type Verdict } from "../verdict/mod.ts";
import { questionDigest } from "./question.ts";
import type { MonitorReading, WatchReading } from "./reading.ts";

export interface SavedWatch {
  readonly target: string;
  /** The digest of what was asked. */
  readonly question: string;
  readonly verdict: Verdict;
  readonly verdictSinceWallMs: number;
  /** NaN before the first. */
  readonly lastHeartbeatWallMs: number;
  /** What its last valid answer took; 0 where there was none, or where nothing is asked. */
  readonly answerMs: number;
  /** The sampling window, oldest first, in whole microseconds. */
  readonly windowUs: Float64Array<ArrayBuffer>;
  /** What the model knows beyond those gaps, in whole numbers >= 0; empty where that is nothing. */
  readonly memory: Float64Array<ArrayBuffer>;
  /** What its budget's threshold follows from; empty where there is none. */
  readonly budget: Float64Array<ArrayBuffer>;
  readonly savedWallMs: number;
}

/** A watch whose rhythm can be saved, and whose highest φ can be asked for by one that remembers. */
export interface RememberedWatch extends WatchReading {
  save(nowMs: number): SavedWatch;
  /** The highest that φ was since this was asked last. There can be only one who asks. */
  takePeakPhi(nowMs: number): number;
}

/** A monitor for one that remembers what it saw. */
export interface RememberedMonitor extends MonitorReading {
  watch(name: string): RememberedWatch | undefined;
  watches(): Iterable<RememberedWatch>;
}

/** What is older says little about who is up now. */
export const LONGEST_SAVED_AGE_MS = 24 * 3_600_000;

/** So much later than now may a save be dated: clocks are set. */
const LONGEST_AHEAD_MS = 5 * 60_000;

/** Before 1970, or after the year 9999, nobody saved anything. */
const LATEST_WALL_MS = 253_402_300_799_999;

/** Whether `target`, whose watch begins at `nowWallMs`, may go on where `saved` ended. */
export function isRestorable(saved: SavedWatch, target: Target, nowWallMs: number): boolean {
  const { verdictSinceWallMs, lastHeartbeatWallMs, savedWallMs, answerMs, windowUs } = saved;
  const ageMs = nowWallMs - savedWallMs;
  return (
    saved.target === target.name &&
    VERDICTS.includes(saved.verdict) &&
    ageMs >= -LONGEST_AHEAD_MS &&
    ageMs <= LONGEST_SAVED_AGE_MS &&
    isWallMs(savedWallMs) &&
    isWallMs(verdictSinceWallMs) &&
    verdictSinceWallMs <= savedWallMs &&
    answerMs >= 0 &&
    answerMs < Infinity &&
    (windowUs.length === 0 || isWallMs(lastHeartbeatWallMs)) &&
    !(lastHeartbeatWallMs > savedWallMs) &&
    windowUs.every((gapUs) => Number.isSafeInteger(gapUs) && gapUs >= 0) &&
    // The costly one last.
    saved.question === questionDigest(target)
  );
}

function isWallMs(wallMs: number): boolean {
  return wallMs >= 0 && wallMs <= LATEST_WALL_MS;
}
