/**
 * Whether a silence is of anything that is watched: the config and the matchers in, a line for people out where
 * none is. Silences may be made ahead, so that this is no error; but a name that was mistyped keeps nobody quiet.
 */
import { isMatch } from "../alert/mod.ts";
import { parseMatcher } from "../api/mod.ts";
import type { Target } from "../config/mod.ts";
import type { Matcher } from "../store/mod.ts";

/** `matchers` as people write them. Undefined where there is nothing to warn of, as far as can be known. */
export function warnOfNoTarget(
  targets: readonly Pick<Target, "name" | "labels">[],
  matchers: readonly string[],
): string | undefined {
  const labelNames = new Set(targets.flatMap(({ labels }) => Object.keys(labels)));
  const judged = matchers
    .flatMap((text) => parseMatcher(text) ?? [])
    // A verdict is to come, and what is no target's label may be a rule's, of the monitors' alerts file.
    .filter(({ name }) => name === "target" || labelNames.has(name));
  const isSilenced = ({ name, labels }: Pick<Target, "name" | "labels">) =>
    judged.every((matcher) => isMatch(matcher, valueOf(matcher, name, labels)));
  if (targets.some(isSilenced)) return undefined;
  return `no target that is watched now matches ${matchers.join(" ")}`;
}

function valueOf({ name }: Matcher, target: string, labels: Target["labels"]): string {
  if (name === "target") return target;
  return Object.hasOwn(labels, name) ? labels[name]! : "";
}
