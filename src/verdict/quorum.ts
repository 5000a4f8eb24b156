/** How many members of a cluster have to speak, and how many to agree, before anything worse than up is said. */

export interface Quorum {
  /** Members of the cluster, heard or not. */
  readonly memberCount: number;
  /** So many have to say down. */
  readonly neededCount: number;
  /** Whether fewer than a majority of the members are heard: those may see what the others do not. */
  readonly isMinority: boolean;
}

/**
 * So many of the members have to say down where so many are asked for; of three or more two at least, so that no
 * single one is ever enough, and never more than there are.
 */
export function neededOf(memberCount: number, downVotes: number): number {
  return Math.min(Math.max(downVotes, memberCount >= 3 ? 2 : 1), Math.max(memberCount, 1));
}

/** At least 1; of three or more members two at least, so that no single one is ever enough. */
export function majorityOf(memberCount: number): number {
  return Math.floor(memberCount / 2) + 1;
}

/** Of this many members so many are heard, whoever looks included if it is one. */
export function quorumOf(memberCount: number, heardCount: number): Quorum {
  const majority = majorityOf(memberCount);
  return { memberCount, neededCount: majority, isMinority: heardCount < majority };
}
