/**
 * Makes sure that a member has all that its cluster decided before: what its log lacks is no proof of anything
 * where others may have gone on without it.
 */
import type { RaftMember, ReadOutcome } from "../raft/mod.ts";
import type { ChangeGrants, ChangeResult } from "./change_members.ts";

const PAUSE_MS = 50;

/** Never rejects. Asks again until `withinMs` has passed. */
export async function catchUp(
  member: RaftMember,
  withinMs: number,
  { clock, timers }: ChangeGrants,
): Promise<ChangeResult> {
  const deadlineMs = clock.monotonicMs() + withinMs;
  for (;;) {
    const outcome = await new Promise<ReadOutcome>((resolve) => {
      member.read(resolve);
    });
    if (outcome.ok) return outcome;
    if (clock.monotonicMs() >= deadlineMs) {
      return { ok: false, reason: "unavailable", detail: outcome.reason };
    }
    await new Promise<void>((resolve) => {
      timers.after(PAUSE_MS, resolve);
    });
  }
}
