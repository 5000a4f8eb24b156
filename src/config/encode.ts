/**
 * The way back: targets in, what people and files see out. Whatever is encoded here decodes to the same targets.
 * Secrets are paths of files, so nothing has to be hidden.
 */
import { defaultThreshold, fillDefaults, hasBudget } from "./defaults.ts";
import { isObject, sameValue } from "./_plain_value.ts";
import { DEFAULTS, PUSH_URL, type Target } from "./target.ts";

/** All settings of a target, the defaults written out; of one that reports, only what applies to it. */
export function encodeTarget(target: Target): EncodedTarget {
  if (target.url !== PUSH_URL) return target;
  const { name, url, intervalMillis, labels, monitor } = target;
  return { name, url, intervalMillis, labels, monitor };
}

export type EncodedTarget = Partial<Target> & Pick<Target, "name" | "url">;

/**
 * Only what differs from the defaults: a config of this kind stays small enough to be sent back, and says
 * what somebody wanted. Its JSON is a `TargetInput`.
 */
export function encodeTargetBriefly(target: Target): Readonly<Record<string, unknown>> {
  const { name, url, intervalMillis } = target;
  const filled = fillDefaults({ name, url, intervalMillis });
  const isBudgeted = hasBudget(target.monitor);
  const defaults: Readonly<Record<string, unknown>> = {
    ...filled,
    intervalMillis: DEFAULTS.intervalMillis,
    // A budget has another default, and so has a model.
    monitor: {
      ...filled.monitor,
      model: isBudgeted ? "calibrated" : filled.monitor.model,
      threshold: defaultThreshold(target.monitor.model, isBudgeted),
    },
  };
  const brief: Record<string, unknown> = { name, url };
  for (const [key, value] of Object.entries(target)) {
    if (key === "name" || key === "url") continue;
    const byDefault = defaults[key];
    if (sameValue(value, byDefault)) continue;
    brief[key] = PARTIAL_FIELDS.has(key) ? changedMembers(value, byDefault) : value;
  }
  return brief;
}

/** Fields of which a part can be left out. */
const PARTIAL_FIELDS = new Set(["expect", "tls", "monitor"]);

function changedMembers(value: unknown, byDefault: unknown): unknown {
  if (!isObject(value) || !isObject(byDefault)) return value;
  return Object.fromEntries(
    Object.entries(value).filter(([key, member]) => !sameValue(member, byDefault[key])),
  );
}

/** A config file in JSON, of what differs from the defaults. */
export function encodeConfigJson(targets: Iterable<Target>): string {
  const lines = Array.from(targets, (target) => JSON.stringify(encodeTargetBriefly(target)));
  return lines.length === 0 ? `{"servers":[]}\n` : `{"servers":[\n${lines.join(",\n")}\n]}\n`;
}

/** A config file in YAML, of what differs from the defaults. */
export function encodeConfigYaml(targets: Iterable<Target>): string {
  let yaml = "";
  for (const target of targets) yaml += `  - ${members(encodeTargetBriefly(target), "    ")}`;
  return yaml === "" ? "servers: []\n" : `servers:\n${yaml}`;
}

/** All settings of a target in YAML, the defaults written out. */
export function encodeTargetYaml(target: Target): string {
  return members(encodeTarget(target), "");
}

/** A block of members; the first line is not indented, because a dash may stand before it. */
function members(value: object, indent: string): string {
  return Object.entries(value)
    .map(([key, member]) => `${scalar(key)}:${memberValue(member, indent)}`)
    .join(indent);
}

function memberValue(value: unknown, indent: string): string {
  if (Array.isArray(value)) return ` [${value.map(scalar).join(", ")}]\n`;
  if (typeof value !== "object" || value === null) return ` ${scalar(value)}\n`;
  if (Object.keys(value).length === 0) return " {}\n";
  const deeper = `${indent}  `;
  return `\n${deeper}${members(value, deeper)}`;
}

/** Letters first, and nothing that YAML gives a meaning to; a colon at the end would make a key of it. */
const PLAIN = /^[A-Za-z][A-Za-z0-9_./:@%+~=&?-]*$/;
const STATUS_RANGE = /^\d{3}-\d{3}$/;
/** Of YAML 1.1 too, which others may read the file with. */
const YAML_WORD = /^(?:true|false|yes|no|on|off|null|y|n)$/i;

/** Every JSON string is a YAML string in double quotes. */
function scalar(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value);
  const isPlain = PLAIN.test(value) && !value.endsWith(":") && !YAML_WORD.test(value);
  return isPlain || STATUS_RANGE.test(value) ? value : JSON.stringify(value);
}
