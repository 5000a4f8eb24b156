/** Why a verdict changed, in a few words with the numbers that led to it: for the log and for people. */
import type { Detector } from "./detector.ts";
import type { Verdict } from "../verdict/mod.ts";

/** A heartbeat made it better, and it was not down. */
export function heartbeatReason(from: Verdict, silenceMs: number): string {
  if (from === "unknown") return "first heartbeat";
  return `heartbeat after ${seconds(silenceMs)} s of silence`;
}

/** So many heartbeats in a row ended a down. Each of their own silences is a short one. */
export function recoveryReason(heartbeatCount: number, downMs: number): string {
  const heartbeats = heartbeatCount === 1 ? "heartbeat" : `${heartbeatCount} heartbeats in a row`;
  return `${heartbeats} after being down for ${seconds(downMs)} s`;
}

/** A silence made it worse. */
export function silenceReason(
  { lastHeartbeatMs, meanMs, stdDevMs }: Detector,
  level: number,
  silenceMs: number,
  watchedSinceMs: number,
  /** The least that is reckoned with; 0 where the model has no such thing. */
  leastStdDevMs: number,
): string {
  const what = Number.isNaN(lastHeartbeatMs) ? "never a heartbeat in" : "no heartbeat for";
  const since = lastHeartbeatMs < watchedSinceMs ? " since this monitor started" : "";
  const taken = stdDevMs < leastStdDevMs ? `, taken for ${seconds(leastStdDevMs)} s` : "";
  return (
    `${what} ${seconds(silenceMs)} s${since}: phi reached ${Number(level.toFixed(2))} ` +
    `(intervals: mean ${seconds(meanMs)} s, standard deviation ${seconds(stdDevMs)} s${taken})`
  );
}

function seconds(ms: number): string {
  return (ms / 1_000).toFixed(3);
}
