/**
 * A membership change, asked for until it is decided or a deadline passes: the leader takes one at a time
 * and none before it has committed in its term, so "try again" is a usual answer. What ended unknown is
 * looked up in the membership afterwards.
 */
import {
  changeMembership,
  type Membership,
  type MembershipChange,
  membersOf,
  type RaftMember,
} from "../raft/mod.ts";
import type { Clock, Timers } from "../port.ts";

export interface ChangeGrants {
  readonly clock: Clock;
  readonly timers: Timers;
}

export type ChangeResult =
  | { readonly ok: true }
  /** `refused`: it makes no sense for the membership as it is. */
  | { readonly ok: false; readonly reason: "refused" | "unavailable"; readonly detail: string };

const PAUSE_MS = 50;

/** Never rejects. Retries until `withinMs` has passed. */
export async function changeMembers(
  member: RaftMember,
  change: MembershipChange,
  withinMs: number,
  { clock, timers }: ChangeGrants,
): Promise<ChangeResult> {
  const deadlineMs = clock.monotonicMs() + withinMs;
  for (;;) {
    const outcome = await ask(member, change);
    if (outcome.ok) return outcome;
    // A change that an attempt of unknown outcome made already makes no sense a second time.
    const { membership, membershipIndex, commitIndex } = member.status();
    const again = changeMembership(membership, change);
    if (!again.ok && membershipIndex <= commitIndex) {
      return isDone(again.reason, change, membership)
        ? { ok: true }
        : { ok: false, reason: "refused", detail: again.reason };
    }
    if (clock.monotonicMs() >= deadlineMs) {
      return { ok: false, reason: "unavailable", detail: outcome.detail };
    }
    await new Promise<void>((resolve) => {
      timers.after(PAUSE_MS, resolve);
    });
  }
}

type Asked = { readonly ok: true } | { readonly ok: false; readonly detail: string };

function ask(member: RaftMember, change: MembershipChange): Promise<Asked> {
  return new Promise((resolve) => {
    member.changeMembership(change, (outcome) =>
      resolve(outcome.kind === "committed" ? { ok: true } : { ok: false, detail: outcome.reason }),
    );
  });
}

/** Whether a refusal says that the membership is as the change would have made it. */
function isDone(reason: string, change: MembershipChange, membership: Membership): boolean {
  switch (change.kind) {
    case "remove":
      return reason === "not a member";
    case "move":
      return reason === "already there";
    case "addLearner": {
      const { id, address } = change.member;
      return membersOf(membership).some((each) => each.id === id && each.address === address);
    }
    case "promote":
      return false;
  }
}
