export { PROBE_FAILURE_REASONS } from "./outcome.ts";
export type { ProbeFailureReason, ProbeOutcome, Prober, ProbeTimings } from "./outcome.ts";
export { Alarm, TimerWheel } from "./wheel.ts";
export type { TimerWheelOptions } from "./wheel.ts";
