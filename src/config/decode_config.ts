/**
 * A whole config, from a text in YAML or JSON to its targets, or to all that is wrong with it, each with
 * file, line and field. All or nothing: one fault, and no target comes out.
 */
import type { Report } from "./_check_shape.ts";
import { didYouMean } from "./_did_you_mean.ts";
import { isObject } from "./_plain_value.ts";
import { show } from "./_say.ts";
import { explainFaults, parseSource, type ConfigFormat } from "./_source.ts";
import type { SourceSize } from "./_source_text.ts";
import { readTarget } from "./decode_target.ts";
import { MAX_ERRORS, type ConfigError, type Fault } from "./errors.ts";
import { MAX_TARGETS, type Target } from "./target.ts";

export type DecodeConfigResult =
  | { readonly ok: true; readonly targets: readonly Target[] }
  | { readonly ok: false; readonly errors: readonly ConfigError[] };

/** A value as JSON.parse gives it. Never throws; `errors` is not empty when it fails. */
export function decodeConfig(value: unknown): DecodeConfigResult {
  const { targets, faults } = readConfig(value);
  return faults.length === 0 ? { ok: true, targets } : { ok: false, errors: explainFaults(faults) };
}

/**
 * The text of a config. `file` is only for the errors, and for its ending. Never throws. A config may come to be larger than a
 * text that is taken at once, since nothing bounds what single writes add: whoever reads all of it takes `any` size.
 */
export function decodeConfigText(
  source: string | Uint8Array,
  file?: string,
  format: ConfigFormat = "auto",
  size?: SourceSize,
): DecodeConfigResult {
  const parsed = parseSource(source, file, format, size);
  if (!parsed.ok) return parsed;
  const { value, faults: textFaults, locate } = parsed.text;
  const { targets, faults } = readConfig(value);
  if (textFaults.length + faults.length === 0) return { ok: true, targets };
  return { ok: false, errors: explainFaults([...textFaults, ...faults], locate, file) };
}

interface ReadConfig {
  readonly targets: readonly Target[];
  readonly faults: readonly Fault[];
}

function readConfig(value: unknown): ReadConfig {
  const faults: Fault[] = [];
  const report: Report = (path, message) => faults.push({ path, message });
  const servers = readServers(value, report);
  const targets: Target[] = [];
  const indexByName = new Map<string, number>();
  for (const [index, entry] of servers.entries()) {
    const target = readTarget(entry, MAX_ERRORS, (path, message) =>
      report(["servers", index, ...path], message),
    );
    // A name counts as taken although something else is wrong with its target.
    const name = target?.name ?? nameOf(entry);
    const twin = name === undefined ? undefined : indexByName.get(name);
    if (twin !== undefined) {
      report(["servers", index, "name"], `${show(name)} is the name of servers[${twin}] already`);
    } else if (name !== undefined) indexByName.set(name, index);
    if (target !== undefined) targets.push(target);
    if (faults.length >= MAX_ERRORS) break;
  }
  return { targets, faults };
}

/** The list under `servers:`; empty if there is none, which is reported. */
function readServers(value: unknown, report: Report): readonly unknown[] {
  if (value === null || value === undefined) {
    report([], "is empty; write `servers: []` to watch nothing");
    return [];
  }
  if (!isObject(value)) {
    report([], `must be an object with a list \`servers\`, received ${show(value)}`);
    return [];
  }
  const unknown = Object.keys(value).filter((key) => key !== "servers");
  // What was meant by each costs more than the key did.
  for (const key of unknown.slice(0, MAX_ERRORS)) {
    const meant = didYouMean(key, ["servers"]);
    report(
      [key],
      `unknown key; ${meant === undefined ? "known is servers" : `did you mean ${meant}?`}`,
    );
  }
  const servers = value["servers"];
  if (!Object.hasOwn(value, "servers"))
    report([], "has no list `servers`; write `servers: []` to watch nothing");
  else if (!Array.isArray(servers)) {
    report(
      ["servers"],
      `must be a list of targets, received ${show(servers)}; write \`servers: []\` to watch nothing`,
    );
  } else if (servers.length > MAX_TARGETS) {
    report(["servers"], `must be at most ${MAX_TARGETS} targets, received ${servers.length}`);
  } else return servers;
  return [];
}

function nameOf(entry: unknown): string | undefined {
  const name = isObject(entry) ? entry["name"] : undefined;
  return typeof name === "string" || Number.isSafeInteger(name) ? String(name) : undefined;
}
