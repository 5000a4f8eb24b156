/** Judges who led, by what the monitors said: in one term no two may have led (Raft's election safety). */
import type { Recording } from "../recording.ts";
import { type Finding, some } from "./finding.ts";

export function leadershipFinding({ samples }: Recording): Finding {
  const leaders = new Map<number, Set<string>>();
  for (const { leader, term } of samples) {
    if (leader === null || term === null) continue;
    const known = leaders.get(term) ?? new Set();
    leaders.set(term, known.add(leader));
  }
  const split = [...leaders].filter(([, names]) => names.size > 1);
  const told = split.map(([term, names]) => `term ${term}: ${[...names].join(" and ")}`);
  return {
    claim: "no term had two leaders",
    isMet: split.length === 0,
    measured: split.length === 0 ? `${leaders.size} terms with a leader` : some(told),
  };
}
