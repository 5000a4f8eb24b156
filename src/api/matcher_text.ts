/** What a silence goes by, as people write it: a text in, a matcher out. */
import type { Matcher } from "../store/mod.ts";

const MATCHER = /^(?<name>[A-Za-z_][A-Za-z0-9_]{0,127})(?<operator>!?=)(?<pattern>.{0,256})$/u;

/** `NAME=PATTERN` or `NAME!=PATTERN`; undefined for what is neither. */
export function parseMatcher(text: string): Matcher | undefined {
  const groups = MATCHER.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const { name = "", operator, pattern = "" } = groups;
  return { name, isEqual: operator === "=", pattern };
}
