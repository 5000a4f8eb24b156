/** What a file given by --config means for a store that has a config already: nothing, but it is said. */
import type { Logger } from "@logtape/logtape";
import { diffTargets } from "../../config/mod.ts";
import type { ConfigFileResult } from "../config_file.ts";
import type { OpenMember } from "./open_member.ts";

const MOST_NAMES = 10;

/** Says how the file differs from what is kept, or what is wrong with it. A founder has begun with the file. */
export function logSeed(
  file: string | undefined,
  seed: ConfigFileResult,
  { store, isFounder }: Pick<OpenMember, "store" | "isFounder">,
  log: Logger,
): void {
  const kept = Array.from(store.readLocal().targets.values(), ({ target }) => target);
  if (file === undefined || isFounder) return;
  if (!seed.ok) {
    for (const line of seed.lines) log.error("{line}; the config that is kept stays", { line });
    return;
  }
  const { written, deleted } = diffTargets(kept, seed.targets);
  const names = new Set(kept.map(({ name }) => name));
  const [changed, added] = [true, false].map((isKept) =>
    written.filter(({ name }) => names.has(name) === isKept).map(({ name }) => name),
  );
  const parts = [
    ["only in the file", added!],
    ["different in the file", changed!],
    ["not in the file", deleted],
  ] as const;
  const told = parts
    .filter(([, of]) => of.length > 0)
    .map(([what, of]) => `${what}: ${shortened(of)}`)
    .join("; ");
  if (told === "") return;
  log.warning(
    "{file} differs from the config that is kept, which stays ({told}); `phi apply -f {file}` writes it",
    {
      file,
      told,
    },
  );
}

function shortened(names: readonly string[]): string {
  const more = names.length - MOST_NAMES;
  const shown = names.slice(0, MOST_NAMES).join(", ");
  return more > 0 ? `${shown} and ${more} more` : shown;
}
