/** Whether something is to be kept quiet: silences and a moment in, yes or no out. */
import type { Incident, Matcher, Silence } from "../store/mod.ts";

type Labelled = Pick<Incident, "target" | "verdict" | "labels">;

/** What silences and groups go by: a label of an incident, or what it is about. One that is not there is empty. */
export function labelOf({ target, verdict, labels }: Labelled, name: string): string {
  if (name === "target") return target;
  if (name === "verdict") return verdict;
  return Object.hasOwn(labels, name) ? labels[name]! : "";
}

export function isActive({ startsWallMs, endsWallMs }: Silence, wallMs: number): boolean {
  return startsWallMs <= wallMs && wallMs < endsWallMs;
}

/** Whether what it matches is this incident, whatever the time is. */
export function isSilencedBy(incident: Labelled, { matchers }: Pick<Silence, "matchers">): boolean {
  return matchers.every((matcher) => isMatch(matcher, labelOf(incident, matcher.name)));
}

/** Whether a label's value is as the matcher wants it. */
export function isMatch({ isEqual, pattern }: Omit<Matcher, "name">, value: string): boolean {
  return fits(pattern, value) === isEqual;
}

/**
 * Whether a pattern, in which `*` stands for any number of characters, is all of a text. Each piece is looked
 * for once, from left to right, so that no pattern takes long.
 */
function fits(pattern: string, text: string): boolean {
  const [first = "", ...pieces] = pattern.split("*");
  const last = pieces.pop();
  if (last === undefined) return text === pattern;
  if (!text.startsWith(first)) return false;
  let at = first.length;
  for (const piece of pieces) {
    const found = text.indexOf(piece, at);
    if (found < 0) return false;
    at = found + piece.length;
  }
  return text.length - last.length >= at && text.endsWith(last);
}
