/** What all observers together hold of one target. */
import { isNothingKnown, type VoteCounts } from "./down_memory.ts";
import type { Quorum } from "./quorum.ts";
import type { Verdict } from "./verdict.ts";

export const COMBINED_VERDICTS = ["unknown", "up", "suspect", "partial", "down"] as const;

export type CombinedVerdict = (typeof COMBINED_VERDICTS)[number];

/**
 * `votes` are those that count; `isHeld` is that of the memories (`isHeldDown`). Down if `neededCount` say
 * so, or if it was down and the votes do not tell otherwise, be it that nobody knows anything; `suspect` if as many say suspect or worse;
 * `partial` if fewer say down; up if somebody does and nobody says down. A minority says neither down,
 * suspect nor partial: it cannot know whether it is the servers or itself that is cut off.
 */
export function combinedVerdict(
  votes: VoteCounts,
  isHeld: boolean,
  { neededCount, isMinority }: Quorum,
): CombinedVerdict {
  const { up, suspect, down } = votes;
  if (isMinority) return up > 0 && down === 0 ? "up" : "unknown";
  const staysDown = isHeld && up < neededCount && (down > 0 || isNothingKnown(votes));
  if (down >= neededCount || staysDown) return "down";
  if (down + suspect >= neededCount) return "suspect";
  if (down > 0) return "partial";
  return up > 0 ? "up" : "unknown";
}

/** One observer's vote. */
export interface CastVote {
  readonly observer: string;
  readonly verdict: Verdict;
  readonly isCounted: boolean;
}

/**
 * Whose counted vote is another than what all hold together; for `partial`, who says down, and if that is nobody who
 * counts, who else does. In the order of the votes.
 */
export function dissentersOf(votes: readonly CastVote[], combined: CombinedVerdict): string[] {
  if (combined === "partial") {
    const down = votes.filter(({ verdict }) => verdict === "down");
    const counted = down.filter(({ isCounted }) => isCounted);
    return (counted.length > 0 ? counted : down).map(({ observer }) => observer);
  }
  const dissenters: string[] = [];
  for (const { observer, verdict, isCounted } of votes) {
    if (isCounted && verdict !== combined) dissenters.push(observer);
  }
  return dissenters;
}
