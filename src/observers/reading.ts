/**
 * What the rest of the house may read of the observers: who is heard, who doubts itself, what each says of
 * a target, and what all of them hold of it together. The API, the exposition, the alerts and the page see
 * the others through these types and nothing else.
 */
import type { CombinedVerdict, Doubt, Verdict } from "../verdict/mod.ts";

export { DOUBTS } from "../verdict/mod.ts";
export type { Doubt } from "../verdict/mod.ts";

/** One monitor as an observer, as this one knows it. */
export interface ObserverReading {
  readonly id: string;
  readonly isSelf: boolean;
  /** Whether what it said last is fresh enough to count. Always true for this monitor itself. */
  readonly isHeard: boolean;
  /** Milliseconds since it was heard last; 0 for this monitor, null if it never was. */
  readonly silentMs: number | null;
  /** Why it doubts itself; empty while it does not. */
  readonly doubts: readonly Doubt[];
  /** How many targets it holds for what; null while it is not heard. */
  readonly targetCounts: Readonly<Record<Verdict, number>> | null;
}

/** What one observer says of one target. */
export interface Vote {
  readonly observer: string;
  /** `unknown` of what was left suspect or down when it was started, until it has seen that itself. */
  readonly verdict: Verdict;
  /** As of when it said so, to four places; finite, from 0 up. */
  readonly phi: number;
  /** Unix time of its verdict's last change, by its own clock. */
  readonly sinceWallMs: number;
  /** False if it says so in doubt of itself, or is no member, and is therefore not counted. */
  readonly isCounted: boolean;
}

/** What all observers that can be heard hold of one target together. */
export interface CombinedReading {
  readonly target: string;
  readonly verdict: CombinedVerdict;
  /** Unix time since when it is what it is, as far as this monitor and those who are heard know. */
  readonly sinceWallMs: number;
  /** Of those who are heard, by observer in ascending order. */
  readonly votes: readonly Vote[];
  /** Those whose counted vote is another than the combined verdict; for `partial`, those who say down. */
  readonly dissenters: readonly string[];
  /** So many have to say down. */
  readonly neededCount: number;
  /** Members of the cluster, heard or not. */
  readonly memberCount: number;
}

export interface CombinedChange {
  /** False for what this monitor has only learnt, having just begun to look: it has been so before. */
  readonly isNews: boolean;
  readonly target: string;
  readonly from: CombinedVerdict;
  readonly to: CombinedVerdict;
  readonly dissenters: readonly string[];
  /** In a few words, for the log and for people: who says what. */
  readonly reason: string;
  readonly atWallMs: number;
}

/** An observer began or ceased to be heard, or to doubt itself. */
export interface ObserverChange {
  readonly observer: ObserverReading;
  readonly atWallMs: number;
}

export interface ObserversReading {
  /** By id in ascending order: all members, and this monitor even if it is none. */
  observers(): readonly ObserverReading[];
  /** Members of the cluster, heard or not. */
  readonly memberCount: number;
  /** So many of them have to say down. */
  readonly neededCount: number;
  /** Whether this monitor hears fewer members, itself counted, than a majority of them. */
  readonly isMinority: boolean;
  /** Undefined for a target that is not watched. */
  combined(target: string): CombinedReading | undefined;
  /** As `combined`, for who wants no more: cheap enough for lists. */
  combinedVerdict(target: string): CombinedVerdict | undefined;
  /** Calls back at each change until the result is called. */
  onCombinedChange(listener: (change: CombinedChange) => void): () => void;
  onObserverChange(listener: (change: ObserverChange) => void): () => void;
}
