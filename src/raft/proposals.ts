/**
 * Proposals on their way into the log. A leader appends or refuses; a follower forwards once, to the
 * leader of its term. A refusal is certain (`dropped`) only where this attempt can have no effect now
 * or later, whatever the network doubles or delays: from the leader of exactly the term it was sent
 * in, the first time it sees it. Else it is `unknown`.
 */
import { assert } from "./assert.ts";
import { FLAT_ENTRY_BYTES, type NodeId, type RequestId } from "./entry.ts";
import type { Leadership } from "./leadership.ts";
import { appendEntries } from "./leader.ts";
import { isMember } from "./membership.ts";
import { proposeChange } from "./membership_change.ts";
import type { ForwardedCommand, MessageOf, Proposal, Refusal } from "./message.ts";
import type { RaftState } from "./state.ts";
import type { Command } from "./step.ts";

const HANDING_OVER = "leadership is being handed over";

/** Commands of this member's own. */
export function propose(state: RaftState, commands: readonly Command[]): void {
  const { leadership } = state;
  if (leadership === undefined) {
    for (const { id, data } of commands) forward(state, { id, body: { kind: "command", data } });
    return;
  }
  acceptAll(state, leadership, commands, ({ id }, reason) => drop(state, id, reason));
}

/** A membership change of this member's own. */
export function proposeOwnChange(state: RaftState, proposal: Proposal): void {
  const { leadership } = state;
  if (leadership === undefined) return forward(state, proposal);
  const reason = acceptChange(state, leadership, proposal);
  if (reason !== undefined) drop(state, proposal.id, reason);
}

/** Commands that peers put to this member, in the order of their coming. */
export function onForwardedCommands(state: RaftState, messages: readonly ForwardedCommand[]): void {
  const firsts = messages.filter((message) => isTakenUp(state, message));
  if (state.leadership === undefined) return;
  const commands = firsts.map(({ from, proposal: { id, body } }) => ({
    from,
    id,
    data: body.data,
  }));
  acceptAll(state, state.leadership, commands, ({ from, id }, reason) =>
    refuse(state, from, id, "dropped", reason),
  );
}

/** A membership change that a peer put to this member. */
export function onForwardedChange(state: RaftState, message: MessageOf<"proposeRequest">): void {
  const { from, proposal } = message;
  if (!isTakenUp(state, message) || state.leadership === undefined) return;
  const reason = acceptChange(state, state.leadership, proposal);
  if (reason !== undefined) refuse(state, from, proposal.id, "dropped", reason);
}

/** Whether the leader decides on a forwarded proposal, which it does once; refuses it if it is not to. */
function isTakenUp(
  state: RaftState,
  { from, term, proposal: { id } }: MessageOf<"proposeRequest">,
): boolean {
  const { leadership } = state;
  if (leadership === undefined || term !== state.term) {
    refuse(state, from, id, "unknown", "the leader has changed");
    return false;
  }
  if (!isMember(state.log.membership, from)) {
    refuse(state, from, id, "unknown", "it came from outside of the cluster");
    return false;
  }
  // A second copy: what became of the first has been answered, or will be seen in the log.
  if (!isFirst(leadership.lastForwarded.get(from), id)) return false;
  leadership.lastForwarded.set(from, id);
  return true;
}

export function onProposeResponse(
  { outbox }: RaftState,
  { id, outcome, reason }: MessageOf<"proposeResponse">,
): void {
  outbox.emit({ kind: "dropped", what: "proposal", id, outcome, reason });
}

function forward(state: RaftState, proposal: Proposal): void {
  const { body, id } = proposal;
  const reason = body.kind === "command" ? refusalOfSize(state, body.data.length) : undefined;
  if (reason !== undefined) return drop(state, id, reason);
  if (state.leader === undefined) return drop(state, id, "there is no leader");
  state.send(state.leader, { kind: "proposeRequest", proposal });
}

/** Takes commands into the log together, and says of each that it does not take why not. */
function acceptAll<Given extends Command>(
  state: RaftState,
  leadership: Leadership,
  commands: readonly Given[],
  refused: (command: Given, reason: string) => void,
): void {
  const accepted: Given[] = [];
  let acceptedBytes = 0;
  for (const command of commands) {
    const reason = refusalOf(state, leadership, command.data.length, acceptedBytes);
    if (reason === undefined) {
      accepted.push(command);
      acceptedBytes += FLAT_ENTRY_BYTES + command.data.length;
    } else {
      refused(command, reason);
    }
  }
  if (accepted.length === 0) return;
  appendEntries(
    state,
    accepted.map(({ id, data }) => ({ kind: "command", id, data })),
  );
}

/** Takes a membership change into the log, or says why not. */
function acceptChange(
  state: RaftState,
  leadership: Leadership,
  { id, body }: Proposal,
): string | undefined {
  assert(body.kind === "change", "a command is not a change");
  // Not refused for want of room: it may be what makes room, by removing this very member.
  return leadership.transfer === undefined
    ? proposeChange(state, leadership, id, body.change)
    : HANDING_OVER;
}

function refusalOfSize({ options }: RaftState, payloadBytes: number): string | undefined {
  return payloadBytes > options.maxCommandBytes
    ? `it has ${payloadBytes} bytes, and at most ${options.maxCommandBytes} are taken`
    : undefined;
}

/** Why a leader takes no command of this size now; undefined if it does. */
function refusalOf(
  state: RaftState,
  leadership: Leadership,
  payloadBytes: number,
  acceptedBytes: number,
): string | undefined {
  const { options, log, isLowOnSpace } = state;
  const tooLarge = refusalOfSize(state, payloadBytes);
  if (tooLarge !== undefined) return tooLarge;
  if (isLowOnSpace) return "the leader's disk is almost full";
  if (leadership.transfer !== undefined) return HANDING_OVER;
  const waitingBytes = log.uncommittedBytes + acceptedBytes;
  // One that is larger than the bound by itself may still go alone.
  const neededBytes = waitingBytes + FLAT_ENTRY_BYTES + payloadBytes;
  if (waitingBytes > 0 && neededBytes > options.maxUncommittedBytes) {
    return "too much is waiting to be committed";
  }
  return undefined;
}

/** Whether `id` is later than the last one seen. One that was overtaken counts as seen. */
function isFirst(last: RequestId | undefined, id: RequestId): boolean {
  if (last === undefined || id.incarnation > last.incarnation) return true;
  return id.incarnation === last.incarnation && id.sequence > last.sequence;
}

function drop({ outbox }: RaftState, id: RequestId, reason: string): void {
  outbox.emit({ kind: "dropped", what: "proposal", id, outcome: "dropped", reason });
}

function refuse(
  state: RaftState,
  to: NodeId,
  id: RequestId,
  outcome: Refusal,
  reason: string,
): void {
  state.send(to, { kind: "proposeResponse", id, outcome, reason });
}
