export { PROBE_FAILURE_REASONS } from "./outcome.ts";
export type { ProbeFailureReason, ProbeOutcome, Prober, ProbeTimings } from "./outcome.ts";
export { Alarm, TimerWheel } from "./wheel.ts";
export type { TimerWheelOptions } from "./wheel.ts";
export { evenPhase, MAX_PROBES_OUT, ProbeSchedule } from "./schedule.ts";
export type { ScheduleListener } from "./schedule.ts";
