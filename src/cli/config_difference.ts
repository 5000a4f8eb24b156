/** What differs between two configs, as people want to see it before they let it happen: a line a target. */
import { encodeTarget, sameTarget, type Target } from "../config/mod.ts";
import { printable } from "./output.ts";

export interface ConfigDifference {
  readonly added: readonly Target[];
  readonly changed: readonly { readonly before: Target; readonly after: Target }[];
  /** Names. */
  readonly deleted: readonly string[];
}

export const NO_DIFFERENCE: ConfigDifference = { added: [], changed: [], deleted: [] };

export function countTargets({ added, changed, deleted }: ConfigDifference): number {
  return added.length + changed.length + deleted.length;
}

/** What was done in two goes. A target that both had to do with counts once, as what it was first: added, then changed is new. */
export function addDifferences(first: ConfigDifference, then: ConfigDifference): ConfigDifference {
  const known = new Set([
    ...first.added.map(({ name }) => name),
    ...first.changed.map(({ after }) => after.name),
    ...first.deleted,
  ]);
  const isNew = (name: string) => !known.has(name);
  return {
    added: [...first.added, ...then.added.filter(({ name }) => isNew(name))],
    changed: [...first.changed, ...then.changed.filter(({ after }) => isNew(after.name))],
    deleted: [...first.deleted, ...then.deleted.filter(isNew)],
  };
}

export function compareConfigs(
  before: readonly Target[],
  after: readonly Target[],
): ConfigDifference {
  const old = new Map(before.map((target) => [target.name, target]));
  const added: Target[] = [];
  const changed: { before: Target; after: Target }[] = [];
  for (const target of after) {
    const was = old.get(target.name);
    old.delete(target.name);
    if (was === undefined) added.push(target);
    else if (!sameTarget(was, target)) changed.push({ before: was, after: target });
  }
  return { added, changed, deleted: [...old.keys()] };
}

/** `+` is to be watched, `~` is to be watched otherwise, `-` no longer. Empty if nothing differs. */
export function describeDifference({ added, changed, deleted }: ConfigDifference): string[] {
  return [
    ...added.map(({ name, url }) => `+ ${name}  ${url}`),
    ...changed.map(({ before, after }) => `~ ${after.name}  ${changedFields(before, after)}`),
    ...deleted.map((name) => `- ${name}`),
  ].map(printable);
}

function changedFields(before: Target, after: Target): string {
  const [old, now] = [
    new Map(fieldsOf(encodeTarget(before))),
    new Map(fieldsOf(encodeTarget(after))),
  ];
  const fields = [...new Set([...old.keys(), ...now.keys()])];
  return fields
    .filter((field) => old.get(field) !== now.get(field))
    .map((field) => `${field}: ${show(old.get(field))} -> ${show(now.get(field))}`)
    .join(", ");
}

/** `monitor.threshold` and its value as JSON, for everything that a target says. */
function* fieldsOf(value: object, prefix = ""): Generator<readonly [string, string]> {
  for (const [key, member] of Object.entries(value) as [string, unknown][]) {
    const field = prefix + key;
    if (typeof member === "object" && member !== null && !Array.isArray(member)) {
      yield* fieldsOf(member, `${field}.`);
    } else yield [field, JSON.stringify(member)];
  }
}

const MAX_SHOWN = 60;

function show(json: string | undefined): string {
  if (json === undefined) return "none";
  return json.length > MAX_SHOWN ? `${json.slice(0, MAX_SHOWN)}…` : json;
}

/** What there is, with what is wanted added or changed: in the order of the former, the new ones behind them. */
export function mergeTargets(
  current: readonly Target[],
  wanted: readonly Target[],
): readonly Target[] {
  const merged = new Map(current.map((target) => [target.name, target]));
  for (const target of wanted) merged.set(target.name, target);
  return [...merged.values()];
}
