/**
 * When the leader takes a membership change: one server at a time (thesis §4.1), only once an entry of
 * its own term is committed and the change before it too (the flaw found in 2015 needs both), and
 * only if the new membership could go on. It is in force from the moment it is in the log.
 */
import type { RequestId } from "./entry.ts";
import type { Leadership } from "./leadership.ts";
import { appendEntries } from "./leader.ts";
import { changeMembership, type Membership, type MembershipChange } from "./membership.ts";
import { isQuorum } from "./quorum.ts";
import type { RaftState } from "./state.ts";

/** Takes the change into the log, or says why not. */
export function proposeChange(
  state: RaftState,
  leadership: Leadership,
  id: RequestId,
  change: MembershipChange,
): string | undefined {
  const { log } = state;
  if (log.commitIndex < leadership.noopIndex) return "the leader is new: try again";
  if (log.commitIndex < log.membershipIndex) return "another membership change is under way";
  const changed = changeMembership(log.membership, change);
  if (!changed.ok) return changed.reason;
  const { membership } = changed;
  if (change.kind === "promote" && !isCaughtUp(state, leadership, change.id)) {
    return "it has not caught up yet: try again";
  }
  if (!canGoOn(state, leadership, membership)) {
    return "too few of the voters that would be left can be reached";
  }
  // Before the entry goes out, so that it goes to a new member too.
  leadership.follow(membership, state.id, log.lastIndex + 1, state.nowTick);
  appendEntries(state, [{ kind: "membership", id, membership }]);
  return undefined;
}

/** Whether a learner would not hold commits up as a voter (thesis §4.2.1). */
function isCaughtUp({ log, options }: RaftState, leadership: Leadership, id: string): boolean {
  const peer = leadership.peer(id);
  if (peer?.state !== "replicate") return false;
  return peer.matchIndex + options.maxPromotionLagEntries >= log.lastIndex;
}

/** Whether a quorum of the voters to be was heard of lately. */
function canGoOn(
  { id: self, nowTick, options }: RaftState,
  { peers }: Leadership,
  { voters }: Membership,
): boolean {
  return isQuorum(voters, (id) => {
    const lastHeardTick = id === self ? nowTick : peers.get(id)?.lastHeardTick;
    return lastHeardTick !== undefined && nowTick - lastHeardTick <= options.electionTicks;
  });
}
