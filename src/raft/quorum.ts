/** The arithmetic of majorities. Only voters are ever counted; a cluster without one has no quorum. */
import type { NodeId } from "./entry.ts";
import type { Member } from "./membership.ts";

/** How many of `voterCount` voters are a majority. */
export function quorumSize(voterCount: number): number {
  return Math.floor(voterCount / 2) + 1;
}

export function isQuorum(voters: readonly Member[], counts: (id: NodeId) => boolean): boolean {
  const counted = voters.reduce((sum, { id }) => sum + (counts(id) ? 1 : 0), 0);
  return counted >= quorumSize(voters.length);
}

/** The highest value that a quorum of the voters has reached; 0 without voters. */
export function reachedByQuorum(
  voters: readonly Member[],
  valueOf: (id: NodeId) => number,
): number {
  if (voters.length === 0) return 0;
  const values = voters.map(({ id }) => valueOf(id)).toSorted((left, right) => right - left);
  return values[quorumSize(voters.length) - 1]!;
}

/** How an election stands, where each voter has granted (true), refused (false) or not answered. */
export function countVotes(
  voters: readonly Member[],
  votes: ReadonlyMap<NodeId, boolean>,
): "won" | "lost" | "open" {
  if (isQuorum(voters, (id) => votes.get(id) === true)) return "won";
  return isQuorum(voters, (id) => votes.get(id) !== false) ? "open" : "lost";
}
