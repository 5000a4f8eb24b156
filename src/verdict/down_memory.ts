/**
 * What a monitor remembers of a target: whether all held it for down together when the votes told last.
 * Between too few who say down and enough who say up the votes alone do not tell, and memory does: so a target
 * neither goes down on a few votes nor comes up on a few. Monitors with different pasts remember different
 * things; so each says what it remembers, and where the votes do not tell, all of them go by the majority
 * of those who are heard. What is remembered changes only when the votes tell, or once, from nothing to what
 * the others know: so whoever hears the same holds the same, and nobody chases anybody.
 */
import type { Quorum } from "./quorum.ts";
import type { Verdict } from "./verdict.ts";

export const DOWN_MEMORIES = [
  /** Nothing: the votes have not told since the start. */
  "none",
  /** It was not down. */
  "free",
  /** It was down. */
  "held",
] as const;

export type DownMemory = (typeof DOWN_MEMORIES)[number];

/** How many counted votes say what. */
export type VoteCounts = Readonly<Record<Verdict, number>>;

/** How many of the others who are heard remember what. */
export type MemoryCounts = Readonly<Record<DownMemory, number>>;

/**
 * What to remember from now on. A minority, and one without any vote to count, neither learns nor
 * forgets: what it hears is not how things are.
 */
export function nextMemory(
  own: DownMemory,
  votes: VoteCounts,
  others: MemoryCounts,
  { neededCount, isMinority }: Quorum,
): DownMemory {
  const { unknown, up, suspect, down } = votes;
  if (isMinority || unknown + up + suspect + down === 0) return own;
  if (down >= neededCount) return "held";
  if (up >= neededCount) return "free";
  if (down > 0 || isNothingKnown(votes)) return own === "none" ? adopted(others) : own;
  // Nobody says down, which ends what was held; but where nobody says up either there is nothing to learn.
  return up > 0 || own === "held" ? "free" : own;
}

/** Whether there are votes, and none of them says anything: all have begun again, and have asked nobody yet. */
export function isNothingKnown({ unknown, up, suspect, down }: VoteCounts): boolean {
  return unknown > 0 && up + suspect + down === 0;
}

/** Whether most of those who remember anything, this monitor among them, remember it as down. */
export function isHeldDown(own: DownMemory, { held, free }: MemoryCounts): boolean {
  // Of as many on either side the others win: it takes a majority to wake people.
  return held + (own === "held" ? 1 : 0) > free + (own === "free" ? 1 : 0);
}

function adopted({ held, free }: MemoryCounts): DownMemory {
  if (held === free) return "none";
  return held > free ? "held" : "free";
}
