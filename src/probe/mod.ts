/** One target, one question, one outcome; and the schedule of when to ask. */
export { PROBE_FAILURE_REASONS } from "./outcome.ts";
export type { ProbeFailureReason, ProbeOutcome, Prober, ProbeTimings } from "./outcome.ts";
export { Alarm, TimerWheel } from "./wheel.ts";
export { evenPhase, ProbeSchedule, USUAL_PROBES_OUT } from "./schedule.ts";
export type { ScheduleGround, ScheduleListener } from "./schedule.ts";
export { HttpProber } from "./http_prober.ts";
export type { AddressCheck, HttpProbeOptions, HttpProbeWorld } from "./http_plan.ts";
export { parseStatusRanges } from "./http_status.ts";
