/** What one observer holds of one target, in a byte: its verdict, and what it remembers of the combined one. */
import { DOWN_MEMORIES, VERDICTS, type DownMemory, type Verdict } from "../verdict/mod.ts";

/** Nothing was said. No other state has this byte. */
export const NOTHING_SAID = 0;

const MOST = VERDICTS.length * DOWN_MEMORIES.length;

/** By the byte; those of `NOTHING_SAID` mean nothing. */
const VERDICT_OF: readonly Verdict[] = [
  "unknown",
  ...VERDICTS.flatMap((verdict) => DOWN_MEMORIES.map(() => verdict)),
];
const MEMORY_OF: readonly DownMemory[] = ["none", ...VERDICTS.flatMap(() => DOWN_MEMORIES)];

export function stateOf(verdict: Verdict, memory: DownMemory): number {
  return 1 + VERDICTS.indexOf(verdict) * DOWN_MEMORIES.length + DOWN_MEMORIES.indexOf(memory);
}

export function isState(byte: number): boolean {
  return byte > NOTHING_SAID && byte <= MOST;
}

/** Only of a state. */
export function verdictOf(state: number): Verdict {
  return VERDICT_OF[state]!;
}

/** Only of a state. */
export function memoryOf(state: number): DownMemory {
  return MEMORY_OF[state]!;
}
