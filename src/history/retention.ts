/**
 * How much is kept: limits in, what has to go out. History is bounded by age and by bytes; the bytes are those
 * of the whole on the disk, the write-ahead log included. Pure, so that weeks can be tried in a second.
 */

export interface RetentionLimits {
  /** > 0. */
  readonly maxAgeMs: number;
  /** At least `MIN_HISTORY_BYTES`. */
  readonly maxBytes: number;
}

/** Below this nothing useful fits. */
export const MIN_HISTORY_BYTES = 1024 * 1024;

const DAY_MS = 86_400_000;
/** What is dated so much later than now was recorded while a clock was wrong. */
const LONGEST_AHEAD_MS = DAY_MS;

/** The write-ahead log's share, which need not grow with the whole. */
const LOG_SHARE = 1 / 4;
const LARGEST_LOG_BYTES = 16 * 1024 * 1024;

/** Room is made above the first of these, until no more is used than the second. */
const HIGH_WATER = 0.92;
const LOW_WATER = 0.85;

export interface ByteBudget {
  readonly databaseBytes: number;
  readonly logBytes: number;
}

export function budgetOf(maxBytes: number): ByteBudget {
  const logBytes = Math.min(Math.floor(maxBytes * LOG_SHARE), LARGEST_LOG_BYTES);
  return { databaseBytes: maxBytes - logBytes, logBytes };
}

/** When room is made in a database that may have so many bytes, and until when. */
export function watermarksOf(databaseBytes: number): { highBytes: number; lowBytes: number } {
  return {
    highBytes: Math.floor(databaseBytes * HIGH_WATER),
    lowBytes: Math.floor(databaseBytes * LOW_WATER),
  };
}

/** What is kept by age: from the first, inclusive, to the second. */
export function keptSpan(nowWallMs: number, { maxAgeMs }: RetentionLimits): [number, number] {
  return [nowWallMs - maxAgeMs, nowWallMs + LONGEST_AHEAD_MS];
}

/**
 * For making room: everything before this goes next. A twentieth of the time that is covered, so that little
 * more than needed is lost; and at least `leastMs`, so that it comes to an end.
 */
export function nextCutoff(oldestWallMs: number, nowWallMs: number, leastMs: number): number {
  return oldestWallMs + Math.max((nowWallMs - oldestWallMs) / 20, leastMs);
}
