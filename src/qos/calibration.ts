/**
 * Does φ mean what it says? Of the intervals that a heartbeat ended, a share of 10^-k should have got to
 * φ = k. This counts how many did. The counters are cells of an array that its owner has anyway, because
 * there may be a hundred thousand owners.
 */

/** The levels of φ that are counted. */
export const CALIBRATION_LEVELS = [1, 2, 3, 4] as const;

/** One for the intervals judged, and one for each level. A cell wraps at 2^32, as a counter that starts again. */
export const CALIBRATION_CELLS = 1 + CALIBRATION_LEVELS.length;

export interface CalibrationReading {
  /** The level k of φ. */
  readonly level: number;
  /** Intervals that a heartbeat ended and that were no outage. */
  readonly judgedCount: number;
  /** Of those, how many got to φ >= k before it came. */
  readonly reachedCount: number;
  /** What share that should be: 10^-k. */
  readonly expectedShare: number;
}

/** A heartbeat ended an interval in which φ had risen to `phi`. */
export function countInterval(cells: Uint32Array, firstCell: number, phi: number): void {
  cells[firstCell]!++;
  for (let index = 0; index < CALIBRATION_LEVELS.length; index++) {
    if (!(phi >= CALIBRATION_LEVELS[index]!)) return;
    cells[firstCell + 1 + index]!++;
  }
}

/** One for each level; zeros where there are no cells yet. */
export function calibrationOf(cells: Uint32Array | null, firstCell: number): CalibrationReading[] {
  const judgedCount = cells?.[firstCell] ?? 0;
  return CALIBRATION_LEVELS.map((level, index) => ({
    level,
    judgedCount,
    reachedCount: cells?.[firstCell + 1 + index] ?? 0,
    expectedShare: 10 ** -level,
  }));
}
