/**
 * From what people write to what the parts are built with: one config `Target` in, the options of the
 * prober, the detector and the verdict out. The config speaks of `Millis` and has its defaults already;
 * nothing here can fail for a target that the schema accepted, which a property test shows.
 */
import { PUSH_URL, type MonitorSettings, type Target } from "../config/mod.ts";
import type { PhiAccrualDetectorOptions } from "../detector/mod.ts";
import { parseStatusRanges, type HttpProbeOptions } from "../probe/mod.ts";
import type { VerdictOptions } from "../verdict/mod.ts";

/** Whether a target reports by itself instead of being asked. */
export function isPushed(target: Target): boolean {
  return target.url === PUSH_URL;
}

export function detectorOptions({ monitor }: Target): PhiAccrualDetectorOptions {
  return {
    threshold: monitor.threshold,
    maxSampleSize: monitor.maxSampleSize,
    minStdDeviationMs: monitor.minStdDeviationMillis,
    acceptableHeartbeatPauseMs: monitor.acceptableHeartbeatPauseMillis,
    firstHeartbeatEstimateMs: monitor.firstHeartbeatEstimateMillis,
  };
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
