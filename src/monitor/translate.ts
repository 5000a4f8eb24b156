/**
 * From what people write to what the parts are built with: one config `Target` in, the options of the
 * prober, the detector and the verdict out. The config speaks of `Millis` and has its defaults already;
 * nothing here can fail for a target that the schema accepted, which a property test shows.
 */
import { hasBudget, PUSH_URL, type MonitorSettings, type Target } from "../config/mod.ts";
import type { ModelOptions, PhiAccrualDetectorOptions } from "../detector/mod.ts";
import { parseStatusRanges, USUAL_PROBES_OUT, type HttpProbeOptions } from "../probe/mod.ts";
import { firstIntervalMs, MOST_QUESTIONS_OUT, type BudgetOptions } from "../qos/mod.ts";
import type { VerdictOptions } from "../verdict/mod.ts";
import { phiDigest } from "./question.ts";

/** Whether a target reports by itself instead of being asked. */
export function isPushed(target: Target): boolean {
  return target.url === PUSH_URL;
}

/** As `verdictOptionsOf`. */
const detectorOptionsOf = new WeakMap<MonitorSettings, PhiAccrualDetectorOptions>();

export function detectorOptions(target: Target): PhiAccrualDetectorOptions {
  const { monitor } = target;
  const firstHeartbeatEstimateMs = firstEstimateMs(target);
  const known = detectorOptionsOf.get(monitor);
  // It follows from the target's interval as well.
  if (known?.firstHeartbeatEstimateMs === firstHeartbeatEstimateMs) return known;
  const options = {
    threshold: monitor.threshold,
    maxSampleSize: monitor.maxSampleSize,
    minStdDeviationMs: monitor.minStdDeviationMillis,
    acceptableHeartbeatPauseMs: monitor.acceptableHeartbeatPauseMillis,
    firstHeartbeatEstimateMs,
  };
  detectorOptionsOf.set(monitor, options);
  return options;
}

/** The least standard deviation that is reckoned with: only a normal distribution has one. */
export function leastStdDevMs({ monitor }: Target): number {
  const { model, minStdDeviationMillis } = monitor;
  return model === "akka" || model === "normal" ? minStdDeviationMillis : 0;
}

/** For every model but Akka's, whose detector is the library's. */
export function modelOptions(target: Target): ModelOptions {
  const { monitor } = target;
  const { model, fixedTimeoutMillis = Infinity } = monitor;
  const firstHeartbeatEstimateMs = firstEstimateMs(target);
  const acceptableHeartbeatPauseMs = monitor.acceptableHeartbeatPauseMillis;
  const maxSampleSize = monitor.maxSampleSize;
  switch (model) {
    case "akka":
    case "normal":
      return {
        model,
        maxSampleSize,
        minStdDeviationMs: monitor.minStdDeviationMillis,
        acceptableHeartbeatPauseMs,
        firstHeartbeatEstimateMs,
      };
    case "fixed":
      return {
        model,
        timeoutMs: fixedTimeoutMillis,
        threshold: monitor.threshold,
        maxSampleSize,
        firstHeartbeatEstimateMs,
      };
    case "calibrated":
      return { model, acceptableHeartbeatPauseMs, firstHeartbeatEstimateMs };
  }
}

/** Whether the same model is built of both, to judge by. */
export function modelsAlike(a: Target, b: Target): boolean {
  return JSON.stringify(modelOptions(a)) === JSON.stringify(modelOptions(b));
}

/** What nobody stated is the interval: of a target that a budget has asked more often, the one at which it is asked. */
export function firstEstimateMs(target: Target): number {
  const { firstHeartbeatEstimateMillis } = target.monitor;
  const budget = budgetOptions(target);
  const isStated = firstHeartbeatEstimateMillis !== target.intervalMillis;
  return isStated || budget === null ? firstHeartbeatEstimateMillis : firstIntervalMs(budget);
}

/** Targets with the same settings share their object, and so what is made of it. */
const verdictOptionsOf = new WeakMap<MonitorSettings, VerdictOptions>();

export function verdictOptions({ monitor }: Target): VerdictOptions {
  const known = verdictOptionsOf.get(monitor);
  if (known !== undefined) return known;
  const options = {
    suspectPhi: monitor.threshold * monitor.suspectRatio,
    downPhi: monitor.threshold,
    upAfterHeartbeats: monitor.upAfterHeartbeats,
  };
  verdictOptionsOf.set(monitor, options);
  return options;
}

/** Null where the threshold is given, and as good as it can be. */
export function budgetOptions(target: Target): BudgetOptions | null {
  const { monitor, intervalMillis } = target;
  if (!hasBudget(monitor) && monitor.model !== "calibrated") return null;
  return {
    detectWithinMs: monitor.detectWithinMillis ?? null,
    falseAlarmsPerMonth: monitor.falseAlarmsPerMonth ?? null,
    intervalMs: intervalMillis,
    leastIntervalMs: monitor.minIntervalMillis ?? intervalMillis,
    suspectRatio: monitor.suspectRatio,
    threshold: monitor.threshold,
    // What is silent for longer than the longest mistake past an interval is no mistake, whatever is extrapolated.
    longestSilenceMs: intervalMillis + mistakeMaxMs(target),
    phiDigest: phiDigest(target),
  };
}

/** Whether the same is to be kept, at intervals out of the same range, so that what one has come to holds for the other. */
export function budgetsAlike(a: Target, b: Target): boolean {
  return (
    a.intervalMillis === b.intervalMillis &&
    a.monitor.model === b.monitor.model &&
    a.monitor.detectWithinMillis === b.monitor.detectWithinMillis &&
    a.monitor.falseAlarmsPerMonth === b.monitor.falseAlarmsPerMonth &&
    a.monitor.minIntervalMillis === b.monitor.minIntervalMillis
  );
}

/**
 * What was down for longer was no mistake. One lost heartbeat makes a gap of two intervals, and then as many more come
 * as it takes to be up again; that much a mistake may always last, or those of slow targets would pass for outages.
 */
export function mistakeMaxMs({ monitor, intervalMillis }: Target): number {
  const { mistakeMaxMillis, upAfterHeartbeats, detectWithinMillis = Infinity } = monitor;
  // Where there is a time it is asked more often than that, whatever its interval is.
  const longestIntervalMs = Math.min(intervalMillis, detectWithinMillis);
  return Math.max(mistakeMaxMillis, (upAfterHeartbeats + 1) * longestIntervalMs);
}

/** So many gaps are kept for a target that has a budget, or a model without a sampling window. */
const KEPT_GAPS = 1_024;

/** How many gaps are kept in order, of 4 bytes each: as many as the sampling window has, or enough to be replayed. */
export function gapCapacity(target: Target): number {
  const { model, maxSampleSize } = target.monitor;
  return model === "calibrated" || hasBudget(target.monitor) ? KEPT_GAPS : maxSampleSize;
}

/**
 * How many questions may be out at once. Where a crash is to be noticed in time each slot has to be asked, or lost
 * answers that are waited for would keep others from being asked for, and be taken for a crash; where not, descriptors are
 * dearer.
 */
export function mostProbesOut({ monitor, timeoutMillis }: Target, intervalMs: number): number {
  if (monitor.detectWithinMillis === undefined) return USUAL_PROBES_OUT;
  const slots = Math.floor(timeoutMillis / intervalMs) + 1;
  return Math.min(Math.max(slots, USUAL_PROBES_OUT), MOST_QUESTIONS_OUT);
}

/** Where a budget may shorten the interval, at its shortest. */
export function mostConnections(target: Target): number {
  const { intervalMillis, monitor } = target;
  return mostProbesOut(target, monitor.minIntervalMillis ?? intervalMillis);
}

export function httpProbeOptions(target: Target): HttpProbeOptions {
  const { expect } = target;
  return {
    url: target.url,
    method: target.method,
    headers: target.headers,
    timeoutMs: target.timeoutMillis,
    ...(target.bearerTokenFile === undefined ? {} : { bearerTokenFile: target.bearerTokenFile }),
    ...(target.basicAuth === undefined ? {} : { basicAuth: target.basicAuth }),
    statusMatches: parseStatusRanges(expect.status),
    ...(expect.bodyMatches === undefined
      ? {}
      : { bodyMatches: new RegExp(expect.bodyMatches, "u") }),
    maxBodyBytes: expect.maxBodyBytes,
    tls: target.tls,
    connection: target.connection,
  };
}
