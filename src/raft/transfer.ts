/**
 * Handing leadership over (thesis §3.10): the leader stops taking proposals, brings the chosen voter
 * up to date, and asks it to start an election at once, without PreVote. If no election comes of it
 * within an election timeout, the leader goes on.
 */
import type { NodeId } from "./entry.ts";
import type { Leadership } from "./leadership.ts";
import { isVoter } from "./membership.ts";
import type { RaftState } from "./state.ts";

export function startTransfer(state: RaftState, to: NodeId): void {
  const { leadership, log, id, options } = state;
  if (leadership === undefined) return dropTransfer(state, to, "this member does not lead");
  if (to === id) return dropTransfer(state, to, "this member leads already");
  // A learner cannot lead, so a transfer to one would leave the cluster without a leader.
  if (!isVoter(log.membership, to)) return dropTransfer(state, to, "it is not a voter");
  if (leadership.transfer !== undefined) {
    return dropTransfer(state, to, "another transfer is under way");
  }
  leadership.transfer = { to, ticksLeft: options.electionTicks, isAsked: false };
  continueTransfer(state, leadership, to);
}

/** Asks the successor once it has the whole log. */
export function continueTransfer(state: RaftState, leadership: Leadership, from: NodeId): void {
  const { transfer } = leadership;
  if (transfer === undefined || transfer.to !== from || transfer.isAsked) return;
  if (leadership.peer(from)?.matchIndex !== state.log.lastIndex) return;
  transfer.isAsked = true;
  askToTakeOver(state, from);
}

export function askToTakeOver(state: RaftState, to: NodeId): void {
  state.send(to, { kind: "timeoutNow" });
}

export function tickTransfer(state: RaftState, leadership: Leadership): void {
  const { transfer } = leadership;
  if (transfer === undefined || --transfer.ticksLeft > 0) return;
  leadership.transfer = undefined;
  dropTransfer(state, transfer.to, "it did not take over in time");
}

function dropTransfer({ outbox }: RaftState, to: NodeId, reason: string): void {
  outbox.emit({ kind: "dropped", what: "transfer", to, reason });
}
