/** The pipeline from probes to verdicts, for a set of targets. */
export { Monitor } from "./monitor.ts";
export type { MonitorGauges, MonitorWorld } from "./monitor.ts";
export { PROBE_DURATION_BUCKETS_SECONDS } from "./reading.ts";
export { PROBE_FAILURE_REASONS } from "../probe/mod.ts";
export { CALIBRATION_LEVELS } from "../qos/mod.ts";
export { VERDICTS, type Verdict } from "../verdict/mod.ts";
export type {
  HeartbeatResult,
  JudgementReading,
  MonitorReading,
  ProbeError,
  PushedBeat,
  PushedBeats,
  VerdictChange,
  WatchEvent,
  WatchEvents,
  WatchReading,
} from "./reading.ts";
export type { RememberedMonitor, RememberedWatch, SavedWatch } from "./saved_watch.ts";
export { httpProbeOptions, isPushed, mostConnections } from "./translate.ts";
export { Watch } from "./watch.ts";
export { WatchSet } from "./watch_set.ts";
export type { Recall, WatchTime } from "./watch_set.ts";
