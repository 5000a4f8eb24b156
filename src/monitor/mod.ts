export { PROBE_DURATION_BUCKETS_SECONDS } from "./reading.ts";
export type {
  HeartbeatResult,
  MonitorReading,
  ProbeError,
  VerdictChange,
  WatchReading,
} from "./reading.ts";
