/** What differs between targets, and between configs. Two targets are the same if all they say is the same. */
import { sameValue } from "./_plain_value.ts";
import type { Target } from "./target.ts";

export interface ConfigDiff {
  /** Created or changed, as they are to be, in the order of the new config. */
  readonly written: readonly Target[];
  /** Names, in the order of the old config. */
  readonly deleted: readonly string[];
}

export function diffTargets(before: Iterable<Target>, after: Iterable<Target>): ConfigDiff {
  const left = new Map<string, Target>();
  for (const target of before) left.set(target.name, target);
  const written: Target[] = [];
  for (const target of after) {
    const old = left.get(target.name);
    left.delete(target.name);
    if (old === undefined || !sameTarget(old, target)) written.push(target);
  }
  return { written, deleted: [...left.keys()] };
}

export function sameTarget(a: Target, b: Target): boolean {
  return sameValue(a, b);
}
