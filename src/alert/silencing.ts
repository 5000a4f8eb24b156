/** Whether something is to be kept quiet: silences and a moment in, yes or no out. */
import type { Incident, Matcher, Silence, TextByName } from "../store/mod.ts";

/** What a silence, a group and a receiver may look at: an incident's labels, and what it is about. */
export function allLabelsOf({
  target,
  verdict,
  labels,
}: Pick<Incident, "target" | "verdict" | "labels">): TextByName {
  return { ...labels, target, verdict };
}

export function isActive({ startsWallMs, endsWallMs }: Silence, wallMs: number): boolean {
  return startsWallMs <= wallMs && wallMs < endsWallMs;
}

/** The silences among these that hold this incident back now. */
export function silencesOf(
  incident: Pick<Incident, "target" | "verdict" | "labels">,
  silences: Iterable<Silence>,
  wallMs: number,
): readonly Silence[] {
  const labels = allLabelsOf(incident);
  return [...silences].filter(
    (silence) =>
      isActive(silence, wallMs) && silence.matchers.every((matcher) => isMatch(matcher, labels)),
  );
}

/** A label that is not there is an empty one. */
export function isMatch({ name, isEqual, pattern }: Matcher, labels: TextByName): boolean {
  const text = Object.hasOwn(labels, name) ? labels[name]! : "";
  return fits(pattern, text) === isEqual;
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
