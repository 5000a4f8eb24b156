/**
 * What a target gets for what was left out. The defaults are shared, frozen objects, and equal monitor
 * settings are one object, so that a hundred thousand targets that only differ in name and URL are small.
 */
import type { TargetInput } from "./target_input.ts";
import {
  CALIBRATED_THRESHOLD,
  DEFAULTS,
  type ModelName,
  type MonitorSettings,
  type Target,
} from "./target.ts";

const NOTHING_BY_NAME: Readonly<Record<string, string>> = Object.freeze({});

const DEFAULT_EXPECT: Target["expect"] = Object.freeze({
  ...DEFAULTS.expect,
  status: Object.freeze([...DEFAULTS.expect.status]),
});

const DEFAULT_TLS: Target["tls"] = Object.freeze({ ...DEFAULTS.tls });

/** Fills in what a valid input left out. */
export function fillDefaults(input: TargetInput): Target {
  const intervalMillis = input.intervalMillis ?? DEFAULTS.intervalMillis;
  return {
    name: String(input.name),
    url: input.url,
    intervalMillis,
    timeoutMillis: input.timeoutMillis ?? DEFAULTS.timeoutMillis,
    method: input.method ?? DEFAULTS.method,
    headers: stringsOrShared(input.headers),
    ...(input.bearerTokenFile === undefined ? {} : { bearerTokenFile: input.bearerTokenFile }),
    ...(input.basicAuth === undefined ? {} : { basicAuth: { ...input.basicAuth } }),
    expect: fillExpect(input.expect),
    tls: fillTls(input.tls),
    connection: input.connection ?? DEFAULTS.connection,
    labels: stringsOrShared(input.labels),
    monitor: fillMonitor(input.monitor ?? {}, intervalMillis),
  };
}

function stringsOrShared(
  strings: Record<string, string> | undefined,
): Readonly<Record<string, string>> {
  if (strings === undefined) return NOTHING_BY_NAME;
  const entries = Object.entries(strings);
  return entries.length === 0 ? NOTHING_BY_NAME : Object.fromEntries(entries);
}

function fillExpect(input: TargetInput["expect"]): Target["expect"] {
  const { status, bodyMatches, maxBodyBytes } = input ?? {};
  if (status === undefined && bodyMatches === undefined && maxBodyBytes === undefined) {
    return DEFAULT_EXPECT;
  }
  return {
    status: status === undefined ? DEFAULT_EXPECT.status : [...status],
    ...(bodyMatches === undefined ? {} : { bodyMatches }),
    maxBodyBytes: maxBodyBytes ?? DEFAULT_EXPECT.maxBodyBytes,
  };
}

function fillTls(input: TargetInput["tls"]): Target["tls"] {
  const { caFile, serverName, insecureSkipVerify } = input ?? {};
  if (caFile === undefined && serverName === undefined && !insecureSkipVerify) return DEFAULT_TLS;
  return {
    ...(caFile === undefined ? {} : { caFile }),
    ...(serverName === undefined ? {} : { serverName }),
    insecureSkipVerify: insecureSkipVerify ?? DEFAULT_TLS.insecureSkipVerify,
  };
}

function fillMonitor(
  input: NonNullable<TargetInput["monitor"]>,
  intervalMillis: number,
): MonitorSettings {
  const defaults = DEFAULTS.monitor;
  const { fixedTimeoutMillis, detectWithinMillis, falseAlarmsPerMonth, minIntervalMillis } = input;
  const isBudgeted = hasBudget(input);
  const model = input.model ?? (isBudgeted ? "calibrated" : defaults.model);
  return shareSettings({
    model,
    threshold: input.threshold ?? defaultThreshold(model, isBudgeted),
    suspectRatio: input.suspectRatio ?? defaults.suspectRatio,
    upAfterHeartbeats: input.upAfterHeartbeats ?? defaults.upAfterHeartbeats,
    maxSampleSize: input.maxSampleSize ?? defaults.maxSampleSize,
    minStdDeviationMillis: input.minStdDeviationMillis ?? defaults.minStdDeviationMillis,
    acceptableHeartbeatPauseMillis:
      input.acceptableHeartbeatPauseMillis ?? defaults.acceptableHeartbeatPauseMillis,
    firstHeartbeatEstimateMillis: input.firstHeartbeatEstimateMillis ?? intervalMillis,
    mistakeMaxMillis: input.mistakeMaxMillis ?? defaults.mistakeMaxMillis,
    ...(fixedTimeoutMillis !== undefined && { fixedTimeoutMillis }),
    ...(detectWithinMillis !== undefined && { detectWithinMillis }),
    ...(falseAlarmsPerMonth !== undefined && { falseAlarmsPerMonth }),
    ...(minIntervalMillis !== undefined && { minIntervalMillis }),
    ...(input.downVotes !== undefined && { downVotes: input.downVotes }),
  });
}

/** Where none was stated. */
export function defaultThreshold(model: ModelName, isBudgeted: boolean): number {
  return model === "calibrated" && !isBudgeted ? CALIBRATED_THRESHOLD : DEFAULTS.monitor.threshold;
}

/** Whether somebody stated a budget, from which the threshold is to follow. */
export function hasBudget(
  monitor: Pick<Partial<MonitorSettings>, "detectWithinMillis" | "falseAlarmsPerMonth">,
): boolean {
  return monitor.detectWithinMillis !== undefined || monitor.falseAlarmsPerMonth !== undefined;
}

const MAX_SHARED_SETTINGS = 256;
const sharedSettings = new Map<string, MonitorSettings>();

/** The same frozen object for equal settings; a memory of values that never change, so sharing it is safe. */
function shareSettings(settings: MonitorSettings): MonitorSettings {
  const key = JSON.stringify(settings);
  const shared = sharedSettings.get(key);
  if (shared !== undefined) return shared;
  if (sharedSettings.size >= MAX_SHARED_SETTINGS) sharedSettings.clear();
  sharedSettings.set(key, Object.freeze(settings));
  return settings;
}
