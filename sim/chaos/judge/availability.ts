/**
 * Judges how long the config could not be written: the longest time between two accepted writes while
 * clients were writing. Time in which the scenario left no majority does not count, nor could it.
 */
import type { Fault } from "../faults.ts";
import { type ConfigOperation, isAccepted } from "../operation.ts";
import { USUAL_LIMITS } from "../scenario.ts";
import { type Finding, within } from "./finding.ts";

export interface WritingTime {
  readonly fromMs: number;
  readonly untilMs: number;
}

/**
 * Milliseconds; null if no write was accepted at all. The edges of the writing time count as accepted
 * writes, and so does the end of each fault that blocks writes: the gap after it begins there.
 */
export function longestGapMs(
  operations: readonly ConfigOperation[],
  faults: readonly Fault[],
  { fromMs, untilMs }: WritingTime,
): number | null {
  const accepted = operations.filter(isAccepted).map(({ returnedAtMs }) => returnedAtMs);
  const inside = accepted.filter((atMs) => atMs >= fromMs && atMs <= untilMs);
  if (inside.length === 0) return null;
  const blocked = faults.filter(({ blocksWrites }) => blocksWrites);
  const marks = [fromMs, ...inside, untilMs].toSorted((a, b) => a - b);
  let longest = 0;
  for (const [index, mark] of marks.slice(1).entries()) {
    const begin = marks[index]!;
    longest = Math.max(longest, mark - begin - blockedMs(blocked, begin, mark));
  }
  return longest;
}

/**
 * Where less is claimed than an election takes, nobody has to be elected. A machine that stops the leader, or the
 * one follower that is left, for a second may have one elected all the same; it has no more than that for an excuse.
 */
export function availabilityFinding(
  operations: readonly ConfigOperation[],
  faults: readonly Fault[],
  time: WritingTime,
  limitMs: number,
): Finding {
  const isBlocked = faults.some(({ blocksWrites }) => blocksWrites);
  const claim = isBlocked
    ? "no longer without an accepted write, but for the time without a majority,"
    : "no longer without an accepted write";
  const gapMs = longestGapMs(operations, faults, time);
  const needsProcessors = gapMs !== null && gapMs <= USUAL_LIMITS.writeGapMs;
  return { ...within(claim, gapMs, limitMs), needsProcessors };
}

/** How much of the time from `begin` to `end` was in one of the faults. These do not overlap. */
function blockedMs(blocked: readonly Fault[], begin: number, end: number): number {
  let total = 0;
  for (const { fromMs, untilMs } of blocked) {
    total += Math.max(0, Math.min(end, untilMs ?? Infinity) - Math.max(begin, fromMs));
  }
  return total;
}
