/** How good the detection is: live, and on recorded traces. */
export { BudgetKeeper, firstIntervalMs, savedIntervalMs } from "./budget.ts";
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
  MOST_QUESTIONS_OUT,
  mostFalseAlarmsPerMonth,
  shortestDetectionMs,
} from "./configuration.ts";
export type { LinkFacts } from "./configuration.ts";
export { GapRing } from "./gap_ring.ts";
export type { RecordedGap } from "./gap_ring.ts";
export { episodeKind, EpisodeTally, NO_EPISODES, qualityOf } from "./quality.ts";
export type { EpisodeCounts, EpisodeKind, Quality, QualityFacts } from "./quality.ts";
export type { CalibrationPoint } from "./replay_calibration.ts";
export type { CurvePoint } from "./curve_tally.ts";
export { poissonInterval } from "./poisson.ts";
export type { CountInterval } from "./poisson.ts";
export { createJudge } from "./judge.ts";
export type { Judge } from "./judge.ts";
export { HOURS_A_MONTH } from "./recommend.ts";
export type { Choice, Recommendation, ReplayBudget } from "./recommend.ts";
export { LEAST_HEARTBEATS, replay, usualWarmUp } from "./replay.ts";
export type { ModelResult, ReplayOptions, ReplayResult } from "./replay.ts";
export type { ReplayModel, ReplaySetting, StatedSettings } from "./replay_model.ts";
export { REPLAY_MODELS } from "./replay_models.ts";
export { TraceBuilder, traceOfGaps } from "./trace.ts";
export type { Trace, TraceAddition } from "./trace.ts";
export { TraceText } from "./trace_text.ts";
export type { TraceTextError, TraceTextResult } from "./trace_text.ts";
