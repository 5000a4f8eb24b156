/** How good the detection is: live, and on recorded traces. */
export { BudgetKeeper, LEAST_THRESHOLD } from "./budget.ts";
export type {
  Budget,
  BudgetOptions,
  BudgetReading,
  FeasibleNumbers,
  SuspicionCurve,
} from "./budget.ts";
export {
  CALIBRATION_CELLS,
  CALIBRATION_LEVELS,
  calibrationOf,
  countInterval,
} from "./calibration.ts";
export type { CalibrationReading } from "./calibration.ts";
export {
  leastRecurrenceMs,
  longestIntervalMs,
  MONTH_MS,
  mostFalseAlarmsPerMonth,
  shortestDetectionMs,
} from "./configuration.ts";
export type { LinkFacts } from "./configuration.ts";
export { GapRing } from "./gap_ring.ts";
export type { RecordedGap } from "./gap_ring.ts";
export { episodeKind, EpisodeTally, NO_EPISODES, qualityOf } from "./quality.ts";
export type { EpisodeCounts, EpisodeKind, Quality, QualityFacts } from "./quality.ts";
