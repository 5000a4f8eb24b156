/**
 * One target, from a value that somebody wrote to a `Target` with every default filled in, or to all that
 * is wrong with it. Bad input is an answer here, never an exception. The schema looks first; the rules of
 * single fields look at those whose shape is right; what fields say about each other comes last.
 */
import { Value } from "@sinclair/typebox/value";
import { reportShape, type Report } from "./_check_shape.ts";
import { fillDefaults } from "./defaults.ts";
import {
  checkHeader,
  checkLabel,
  checkMethod,
  checkName,
  checkPlainText,
  checkRegExp,
  checkStatus,
  checkUrl,
  checkUser,
} from "./field_rules.ts";
import { firstGapMessage, isFirstGapSuspicious, mendedBy } from "./_first_gap.ts";
import { checkMonitor } from "./_model_rules.ts";
import { isObject } from "./_plain_value.ts";
import { show } from "./_say.ts";
import { explainFaults, parseSource, type ConfigFormat } from "./_source.ts";
import { MAX_ERRORS, type ConfigError, type ConfigPath, type Fault } from "./errors.ts";
import {
  TargetInputPartSchema,
  TargetInputSchema,
  type TargetInput,
  type TargetInputPart,
} from "./target_input.ts";
import { PUSH_URL, type Target } from "./target.ts";

export type DecodeTargetResult =
  | { readonly ok: true; readonly target: Target }
  | { readonly ok: false; readonly errors: readonly ConfigError[] };

/** A value as JSON.parse gives it. Never throws; `errors` is not empty when it fails. */
export function decodeTarget(value: unknown): DecodeTargetResult {
  const faults: Fault[] = [];
  const target = readTarget(value, MAX_ERRORS, (path, message) => faults.push({ path, message }));
  return target === undefined ? { ok: false, errors: explainFaults(faults) } : { ok: true, target };
}

/** The text of one target, as a request brings it. Errors carry lines and JSON Pointers. */
export function decodeTargetText(
  source: string | Uint8Array,
  format: ConfigFormat = "json",
): DecodeTargetResult {
  const parsed = parseSource(source, undefined, format);
  if (!parsed.ok) return parsed;
  const faults = [...parsed.text.faults];
  const report: Report = (path, message) => faults.push({ path, message });
  const target = readTarget(parsed.text.value, MAX_ERRORS, report);
  if (target !== undefined && faults.length === 0) return { ok: true, target };
  return { ok: false, errors: explainFaults(faults, parsed.text.locate) };
}

/** Reports at most about `limit` faults of `value`; a target if there are none. */
export function readTarget(value: unknown, limit: number, report: Report): Target | undefined {
  if (!isObject(value)) {
    report([], `must be an object with at least a name and a url, received ${show(value)}`);
    return undefined;
  }
  let faultCount = 0;
  const faultyFields = new Set<string | number | undefined>();
  const reportFault: Report = (path, message) => {
    faultCount++;
    faultyFields.add(path[0]);
    report(path, message);
  };
  if (!Value.Check(TargetInputSchema, value)) {
    reportShape(TargetInputSchema, value, limit, reportFault);
    const sound = Object.entries(value).filter(([key]) => !faultyFields.has(key));
    const part: unknown = Object.fromEntries(sound);
    if (Value.Check(TargetInputPartSchema, part)) checkFields(part, reportFault);
    return undefined;
  }
  checkFields(value, reportFault);
  if (faultCount === 0) checkTogether(value, reportFault);
  if (faultCount > 0) return undefined;
  const target = fillDefaults(value);
  if (!isFirstGapSuspicious(target.intervalMillis, target.monitor)) return target;
  report(
    ["monitor", mendedBy(target.monitor)],
    firstGapMessage(target.intervalMillis, target.monitor),
  );
  return undefined;
}

function checkFields(input: TargetInputPart, report: Report): void {
  function check<T>(
    path: ConfigPath,
    value: T | undefined,
    rule: (value: T) => string | undefined,
  ): void {
    const message = value === undefined ? undefined : rule(value);
    if (message !== undefined) report(path, message);
  }
  check(["name"], input.name, checkName);
  check(["url"], input.url, checkUrl);
  check(["method"], input.method, checkMethod);
  check(["bearerTokenFile"], input.bearerTokenFile, checkPlainText);
  check(["basicAuth", "user"], input.basicAuth?.user, checkUser);
  check(["basicAuth", "passwordFile"], input.basicAuth?.passwordFile, checkPlainText);
  input.expect?.status?.forEach((entry, index) =>
    check(["expect", "status", index], entry, checkStatus),
  );
  check(["expect", "bodyMatches"], input.expect?.bodyMatches, checkRegExp);
  check(["tls", "caFile"], input.tls?.caFile, checkPlainText);
  check(["tls", "serverName"], input.tls?.serverName, checkPlainText);
  checkHeaders(input.headers ?? {}, report);
  for (const [name, value] of Object.entries(input.labels ?? {})) {
    check(["labels", name], value, (text) => checkLabel(name, text));
  }
}

function checkHeaders(headers: Readonly<Record<string, string>>, report: Report): void {
  const seen = new Map<string, string>();
  for (const [name, value] of Object.entries(headers)) {
    const message = checkHeader(name, value);
    if (message !== undefined) report(["headers", name], message);
    const folded = name.toLowerCase();
    const twin = seen.get(folded);
    if (twin !== undefined) report(["headers", name], `is the same field as ${twin}; keep one`);
    seen.set(folded, name);
  }
}

/** Fields that say how to ask, which nobody does of a target that reports. */
const PROBE_ONLY_FIELDS = [
  "timeoutMillis",
  "method",
  "headers",
  "bearerTokenFile",
  "basicAuth",
  "expect",
  "tls",
  "connection",
] as const satisfies readonly (keyof TargetInput)[];

function checkTogether(input: TargetInput, report: Report): void {
  if (input.url === PUSH_URL) {
    for (const key of PROBE_ONLY_FIELDS) {
      if (input[key] === undefined) continue;
      report([key], `says how to ask, but a target with url "${PUSH_URL}" is not asked; remove it`);
    }
  }
  if (input.bearerTokenFile !== undefined && input.basicAuth !== undefined) {
    report(["basicAuth"], "cannot stand beside bearerTokenFile; remove one of the two");
  }
  if (input.method === "HEAD" && input.expect?.bodyMatches !== undefined) {
    report(["expect", "bodyMatches"], "can never match: an answer to HEAD has no body; use GET");
  }
  checkMonitor(input, report);
}
