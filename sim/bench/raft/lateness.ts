/**
 * How late a 5 ms timer is while the same event loop keeps a member busy: whoever stamps heartbeats
 * sits on such a loop.
 */
import type { RaftMember } from "../../../src/raft/mod.ts";
import { quantile } from "../row.ts";
import { putCommand } from "./key_value.ts";
import { randomValue } from "./load.ts";

const TIMER_MS = 5;

export interface Lateness {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly commitsPerSecond: number;
}

/** Each proposer has one proposal out at any time. Without any, what the timer does by itself. */
export async function measureLateness(
  member: RaftMember,
  proposers: number,
  seconds: number,
): Promise<Lateness> {
  let commits = 0;
  let isOver = false;
  const key = new TextEncoder().encode("key");
  const propose = (): void => {
    member.propose(putCommand(key, randomValue()), (outcome) => {
      if (isOver) return;
      if (outcome.kind !== "committed") throw new Error(outcome.reason);
      commits++;
      // In a new turn of the loop, as it would be for whoever comes by a socket.
      setImmediate(propose);
    });
  };
  for (let proposer = 0; proposer < proposers; proposer++) propose();
  const latenessMs: number[] = [];
  const endMs = performance.now() + 1_000 * seconds;
  while (performance.now() < endMs) {
    const dueMs = performance.now() + TIMER_MS;
    await Bun.sleep(TIMER_MS);
    latenessMs.push(performance.now() - dueMs);
  }
  isOver = true;
  latenessMs.sort((left, right) => left - right);
  return {
    p50Ms: quantile(latenessMs, 0.5),
    p99Ms: quantile(latenessMs, 0.99),
    maxMs: latenessMs.at(-1)!,
    commitsPerSecond: commits / seconds,
  };
}
