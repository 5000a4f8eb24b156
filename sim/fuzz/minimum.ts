/**
 * That a run has exercised its subject. Findings say only what was seen to be wrong: an API that refuses everything,
 * or a handshake that the attacker does not speak any more, leaves nothing to be seen. So each target names
 * tallies with the least share of them that has to come, well below what comes, so that chance does not
 * fall short of it; less shows that product and fuzzer have drifted apart.
 */
import type { Tally } from "./fuzz_target.ts";

export interface Minimum {
  /** In the tally. */
  readonly name: string;
  /** Of the cases, or of the tally `of`. Rounded down: a run too short for one of them owes none. */
  readonly share: number;
  readonly of?: string;
}

/** All of these names, each by itself. */
export function atLeast(share: number, names: readonly string[], of?: string): readonly Minimum[] {
  return names.map((name) => ({ name, share, ...(of !== undefined && { of }) }));
}

/** A sentence for each that was not reached. */
export function shortfallsOf(
  minima: readonly Minimum[],
  tally: Tally,
  cases: number,
): readonly string[] {
  return minima.flatMap(({ name, share, of }) => {
    const owed = Math.floor(share * (of === undefined ? cases : tally.of(of)));
    const count = tally.of(name);
    if (count >= owed) return [];
    return [`"${name}" came ${count} times, and has to come ${owed} times at least`];
  });
}
