/** Suspicion in; unknown, up, suspect or down out; and what several observers make of it together. */
export { COMBINED_VERDICTS, combinedVerdict, dissentersOf } from "./combined_verdict.ts";
export type { CombinedVerdict, CastVote } from "./combined_verdict.ts";
export { DOUBT_WORDS, DOUBTS } from "./doubt.ts";
export type { Doubt } from "./doubt.ts";
export { DOWN_MEMORIES, isHeldDown, isNothingKnown, nextMemory } from "./down_memory.ts";
export type { DownMemory, MemoryCounts, VoteCounts } from "./down_memory.ts";
export { majorityOf, neededOf, quorumOf } from "./quorum.ts";
export type { Quorum } from "./quorum.ts";
export { VERDICTS } from "./verdict.ts";
export type { Verdict } from "./verdict.ts";
export { VerdictMachine } from "./verdict_machine.ts";
export type { VerdictOptions } from "./verdict_machine.ts";
