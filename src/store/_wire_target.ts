/**
 * A target as it stands in the log and in snapshots: what differs from the defaults below. They are part
 * of the format, not of the product: should the product's defaults change, those here stay, because all
 * members have to read the same target out of the same bytes, whichever version wrote them.
 *
 * A field that a later version of phi adds gets a default here too, which says what a target was
 * before there was the field; and whoever writes anything else into it writes a later format version.
 */
import type { MonitorSettings, Target } from "../config/mod.ts";
import {
  fieldsOf,
  flagOf,
  later,
  listOf,
  malformed,
  numberOf,
  textByNameOf,
  textOf,
  wholeNumberOf,
} from "./_wire_value.ts";

/** Never to be changed. */
const INTERVAL_MILLIS = 1_000;
const TIMEOUT_MILLIS = 5_000;
const METHOD = "GET";
const CONNECTION = "reuse";
const NOTHING_BY_NAME: Readonly<Record<string, string>> = Object.freeze({});
const EXPECT: Target["expect"] = Object.freeze({
  status: Object.freeze(["200-299"]),
  maxBodyBytes: 65_536,
});
const TLS: Target["tls"] = Object.freeze({ insecureSkipVerify: false });
/** `firstHeartbeatEstimateMillis` is the target's interval, if it is not written. */
const MONITOR = Object.freeze({
  model: "akka",
  threshold: 16,
  suspectRatio: 0.5,
  upAfterHeartbeats: 2,
  maxSampleSize: 200,
  minStdDeviationMillis: 500,
  acceptableHeartbeatPauseMillis: 0,
  mistakeMaxMillis: 60_000,
});

const EXPECT_STATUS = JSON.stringify(EXPECT.status);

/** For `JSON.stringify`, which leaves out what is undefined. */
export function wireTarget(target: Target): object {
  const { name, url, intervalMillis, timeoutMillis, method, headers, labels } = target;
  return {
    name,
    url,
    intervalMillis: unless(INTERVAL_MILLIS, intervalMillis),
    timeoutMillis: unless(TIMEOUT_MILLIS, timeoutMillis),
    method: unless(METHOD, method),
    headers: unlessEmpty(headers),
    bearerTokenFile: target.bearerTokenFile,
    basicAuth: target.basicAuth,
    expect: unlessEmpty(wireExpect(target.expect)),
    tls: unlessEmpty(wireTls(target.tls)),
    connection: unless(CONNECTION, target.connection),
    labels: unlessEmpty(labels),
    monitor: unlessEmpty(wireMonitor(target.monitor, intervalMillis)),
  };
}

function wireExpect({ status, bodyMatches, maxBodyBytes }: Target["expect"]): object {
  return {
    status: JSON.stringify(status) === EXPECT_STATUS ? undefined : status,
    bodyMatches,
    maxBodyBytes: unless(EXPECT.maxBodyBytes, maxBodyBytes),
  };
}

function wireTls({ caFile, serverName, insecureSkipVerify }: Target["tls"]): object {
  return {
    caFile,
    serverName,
    insecureSkipVerify: unless(TLS.insecureSkipVerify, insecureSkipVerify),
  };
}

function wireMonitor(settings: MonitorSettings, intervalMillis: number): object {
  return {
    model: unless(MONITOR.model, settings.model),
    threshold: unless(MONITOR.threshold, settings.threshold),
    suspectRatio: unless(MONITOR.suspectRatio, settings.suspectRatio),
    upAfterHeartbeats: unless(MONITOR.upAfterHeartbeats, settings.upAfterHeartbeats),
    maxSampleSize: unless(MONITOR.maxSampleSize, settings.maxSampleSize),
    minStdDeviationMillis: unless(MONITOR.minStdDeviationMillis, settings.minStdDeviationMillis),
    acceptableHeartbeatPauseMillis: unless(
      MONITOR.acceptableHeartbeatPauseMillis,
      settings.acceptableHeartbeatPauseMillis,
    ),
    firstHeartbeatEstimateMillis: unless(intervalMillis, settings.firstHeartbeatEstimateMillis),
    mistakeMaxMillis: unless(MONITOR.mistakeMaxMillis, settings.mistakeMaxMillis),
    fixedTimeoutMillis: settings.fixedTimeoutMillis,
    detectWithinMillis: settings.detectWithinMillis,
    falseAlarmsPerMonth: settings.falseAlarmsPerMonth,
    minIntervalMillis: settings.minIntervalMillis,
    downVotes: settings.downVotes,
  };
}

/** Whether a target says what only format version `LATER_FORMAT_VERSION` can. */
export function isLaterTarget({ monitor }: Target): boolean {
  return (
    monitor.model !== MONITOR.model ||
    monitor.mistakeMaxMillis !== MONITOR.mistakeMaxMillis ||
    LATER_FIELDS.some((field) => monitor[field] !== undefined)
  );
}

const LATER_FIELDS = [
  "fixedTimeoutMillis",
  "detectWithinMillis",
  "falseAlarmsPerMonth",
  "minIntervalMillis",
  "downVotes",
] as const;

function unless<T>(byDefault: T, value: T): T | undefined {
  return value === byDefault ? undefined : value;
}

function unlessEmpty(value: object): object | undefined {
  return Object.values(value).some((member) => member !== undefined) ? value : undefined;
}

const TARGET_FIELDS = new Set([
  "name",
  "url",
  "intervalMillis",
  "timeoutMillis",
  "method",
  "headers",
  "bearerTokenFile",
  "basicAuth",
  "expect",
  "tls",
  "connection",
  "labels",
  "monitor",
]);
const BASIC_AUTH_FIELDS = new Set(["user", "passwordFile"]);
const EXPECT_FIELDS = new Set(["status", "bodyMatches", "maxBodyBytes"]);
const TLS_FIELDS = new Set(["caFile", "serverName", "insecureSkipVerify"]);
const MONITOR_FIELDS = new Set([
  "model",
  "threshold",
  "suspectRatio",
  "upAfterHeartbeats",
  "maxSampleSize",
  "minStdDeviationMillis",
  "acceptableHeartbeatPauseMillis",
  "firstHeartbeatEstimateMillis",
]);
const LATER_MONITOR_FIELDS = new Set([...MONITOR_FIELDS, "mistakeMaxMillis", ...LATER_FIELDS]);
const LATER_MODELS: readonly MonitorSettings["model"][] = ["akka", "normal", "fixed", "calibrated"];

/**
 * A target out of what `wireTarget` gave. The kinds of the fields are checked, and not what they may
 * mean together: who wrote it had decoded it.
 */
export function readTarget(value: unknown, isLater: boolean): Target {
  const fields = fieldsOf(value, TARGET_FIELDS, "a target");
  const intervalMillis = orDefault(fields["intervalMillis"], INTERVAL_MILLIS, count);
  const { bearerTokenFile, basicAuth } = fields;
  return {
    name: textOf(fields["name"], "a target's name"),
    url: textOf(fields["url"], "a target's url"),
    intervalMillis,
    timeoutMillis: orDefault(fields["timeoutMillis"], TIMEOUT_MILLIS, count),
    method: orDefault(fields["method"], METHOD, textOf),
    headers: orDefault(fields["headers"], NOTHING_BY_NAME, textByNameOf),
    ...(bearerTokenFile !== undefined && { bearerTokenFile: textOf(bearerTokenFile, "a token") }),
    ...(basicAuth !== undefined && { basicAuth: readBasicAuth(basicAuth) }),
    expect: orDefault(fields["expect"], EXPECT, readExpect),
    tls: orDefault(fields["tls"], TLS, readTls),
    connection: orDefault(fields["connection"], CONNECTION, readConnection),
    labels: orDefault(fields["labels"], NOTHING_BY_NAME, textByNameOf),
    monitor: readMonitor(fields["monitor"], intervalMillis, isLater),
  };
}

function orDefault<T>(value: unknown, byDefault: T, read: (value: unknown, what: string) => T): T {
  return value === undefined ? byDefault : read(value, "a target's field");
}

function count(value: unknown): number {
  return wholeNumberOf(value, 1, "a target's time or size");
}

function readBasicAuth(value: unknown): NonNullable<Target["basicAuth"]> {
  const fields = fieldsOf(value, BASIC_AUTH_FIELDS, "a target's basicAuth");
  return {
    user: textOf(fields["user"], "a user's name"),
    passwordFile: textOf(fields["passwordFile"], "a password's file"),
  };
}

function readExpect(value: unknown): Target["expect"] {
  const fields = fieldsOf(value, EXPECT_FIELDS, "what a target expects");
  const { bodyMatches } = fields;
  return {
    status: orDefault(fields["status"], EXPECT.status, readStatus),
    ...(bodyMatches !== undefined && { bodyMatches: textOf(bodyMatches, "an expression") }),
    maxBodyBytes: orDefault(fields["maxBodyBytes"], EXPECT.maxBodyBytes, count),
  };
}

function readStatus(value: unknown): Target["expect"]["status"] {
  return listOf(value, "the status expected").map((each) =>
    typeof each === "number" ? each : textOf(each, "a status range"),
  );
}

function readTls(value: unknown): Target["tls"] {
  const fields = fieldsOf(value, TLS_FIELDS, "a target's tls");
  const { caFile, serverName } = fields;
  return {
    ...(caFile !== undefined && { caFile: textOf(caFile, "a file") }),
    ...(serverName !== undefined && { serverName: textOf(serverName, "a server's name") }),
    insecureSkipVerify: orDefault(fields["insecureSkipVerify"], TLS.insecureSkipVerify, flagOf),
  };
}

function readConnection(value: unknown): Target["connection"] {
  if (value === "reuse" || value === "fresh") return value;
  return later(`the connection ${JSON.stringify(value)} is not known`);
}

function readMonitor(value: unknown, intervalMillis: number, isLater: boolean): MonitorSettings {
  if (value === undefined) return sharedSettings(intervalMillis);
  const known = isLater ? LATER_MONITOR_FIELDS : MONITOR_FIELDS;
  const fields = fieldsOf(value, known, "a target's monitor");
  const number = (name: string, byDefault: number) => orDefault(fields[name], byDefault, numberOf);
  const read = isLater ? readLaterModel : readModel;
  return {
    model: orDefault(fields["model"], MONITOR.model, read),
    threshold: number("threshold", MONITOR.threshold),
    suspectRatio: number("suspectRatio", MONITOR.suspectRatio),
    upAfterHeartbeats: orDefault(fields["upAfterHeartbeats"], MONITOR.upAfterHeartbeats, count),
    maxSampleSize: orDefault(fields["maxSampleSize"], MONITOR.maxSampleSize, count),
    minStdDeviationMillis: number("minStdDeviationMillis", MONITOR.minStdDeviationMillis),
    acceptableHeartbeatPauseMillis: number(
      "acceptableHeartbeatPauseMillis",
      MONITOR.acceptableHeartbeatPauseMillis,
    ),
    firstHeartbeatEstimateMillis: number("firstHeartbeatEstimateMillis", intervalMillis),
    mistakeMaxMillis: number("mistakeMaxMillis", MONITOR.mistakeMaxMillis),
    ...readLaterFields(fields),
  };
}

/** Those that have no default. */
function readLaterFields(
  fields: Readonly<Record<string, unknown>>,
): Pick<MonitorSettings, (typeof LATER_FIELDS)[number]> {
  const read: Partial<Record<(typeof LATER_FIELDS)[number], number>> = {};
  for (const name of LATER_FIELDS) {
    if (fields[name] !== undefined) read[name] = numberOf(fields[name], "a target's field");
  }
  return read;
}

function readModel(value: unknown): "akka" {
  if (value === "akka") return value;
  if (typeof value !== "string") return malformed("a model is not a text");
  return later(`the model "${value}" is not known`);
}

function readLaterModel(value: unknown): MonitorSettings["model"] {
  const model = LATER_MODELS.find((name) => name === value);
  return model ?? readModel(value);
}

const MAX_SHARED_SETTINGS = 256;
const settingsByInterval = new Map<number, MonitorSettings>();

/** One frozen object for all targets of an interval that say nothing else, as the config's decoder has it. */
function sharedSettings(intervalMillis: number): MonitorSettings {
  const shared = settingsByInterval.get(intervalMillis);
  if (shared !== undefined) return shared;
  if (settingsByInterval.size >= MAX_SHARED_SETTINGS) settingsByInterval.clear();
  const settings = Object.freeze({ ...MONITOR, firstHeartbeatEstimateMillis: intervalMillis });
  settingsByInterval.set(intervalMillis, settings);
  return settings;
}
