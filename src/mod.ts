/**
 * The library face: what phi knows about telling a dead server from a slow one, without the
 * service around it. It runs in any JavaScript runtime, does nothing on import, and has no clock,
 * timers or network: time is an argument. A heartbeat goes to a `PhiAccrualDetector`, its φ to a
 * `VerdictMachine`, and the verdict to whoever wants to know.
 *
 * ```ts
 * const detector = new PhiAccrualDetector({
 *   threshold: 16,
 *   maxSampleSize: 200,
 *   minStdDeviationMs: 500,
 *   acceptableHeartbeatPauseMs: 0,
 *   firstHeartbeatEstimateMs: 1000,
 * });
 * const machine = new VerdictMachine({ suspectPhi: 8, downPhi: 16, upAfterHeartbeats: 2 });
 *
 * detector.heartbeat(0); // whenever one arrives, at the milliseconds of a monotonic clock
 * machine.heartbeat();
 *
 * machine.suspicion(detector.phi(4500)); // whenever somebody asks
 * machine.verdict; // "suspect"
 * ```
 */
export { createModel, ModelDetector, PhiAccrualDetector, phiOf } from "./detector/mod.ts";
export type {
  DetectorMemory,
  ModelOptions,
  PhiAccrualDetectorOptions,
  SuspicionModel,
} from "./detector/mod.ts";
export {
  BudgetKeeper,
  episodeKind,
  EpisodeTally,
  leastRecurrenceMs,
  longestIntervalMs,
  mostFalseAlarmsPerMonth,
  qualityOf,
  shortestDetectionMs,
} from "./qos/mod.ts";
export type {
  Budget,
  BudgetOptions,
  BudgetReading,
  EpisodeKind,
  FeasibleNumbers,
  LinkFacts,
  Quality,
  QualityFacts,
  SuspicionCurve,
} from "./qos/mod.ts";
export { VERDICTS, VerdictMachine } from "./verdict/mod.ts";
export type { Verdict, VerdictOptions } from "./verdict/mod.ts";
