/**
 * Linearizable reads without a write (ReadIndex, thesis §6.4). A leader notes its commit index, has a
 * quorum confirm in a heartbeat round begun afterwards that it still leads, and the read is served
 * once that index is applied. A round counts up within a leadership and messages carry the term, so
 * that an answer to an earlier attempt never confirms a later one. Reads that come while a round is
 * out share the next one.
 */
import { isSameRequest, type NodeId, type RequestId } from "./entry.ts";
import type { Leadership, PendingRead } from "./leadership.ts";
import { isMember } from "./membership.ts";
import type { MessageOf } from "./message.ts";
import { reachedByQuorum } from "./quorum.ts";
import type { OwnRead, RaftState } from "./state.ts";

/** How long an answer is waited for, in election timeouts: long enough for one election. */
const PATIENCE_IN_ELECTIONS = 2;

/** A read of this member's own: answered here if it leads, else forwarded to the leader. */
export function requestRead(state: RaftState, id: RequestId): void {
  if (state.leader === undefined) return dropRead(state, id, "there is no leader");
  if (state.ownReads.length >= state.options.maxPendingReads) {
    return dropRead(state, id, "too many reads are waiting");
  }
  state.ownReads.push({ id, askedTick: state.nowTick, index: undefined });
  if (state.leadership === undefined) state.send(state.leader, { kind: "readIndexRequest", id });
  else takeRead(state, state.leadership, id, state.id);
}

export function onReadIndexRequest(state: RaftState, message: MessageOf<"readIndexRequest">): void {
  const { leadership } = state;
  const isTaken = leadership !== undefined && isMember(state.log.membership, message.from);
  if (!isTaken) answer(state, message.from, message.id, undefined);
  else takeRead(state, leadership, message.id, message.from);
}

export function onReadIndexResponse(
  state: RaftState,
  { id, index }: MessageOf<"readIndexResponse">,
): void {
  const own = state.ownReads.find((read) => isSameRequest(read.id, id));
  if (own === undefined || own.index !== undefined) return;
  if (index === undefined) forgetRead(state, own, "the leader did not take the read");
  else own.index = index;
}

function takeRead(state: RaftState, leadership: Leadership, id: RequestId, from: NodeId): void {
  const { log, options } = state;
  if (leadership.reads.length + leadership.earlyReads.length >= options.maxPendingReads) {
    return answer(state, from, id, undefined);
  }
  // Before its no-op is committed a leader may not know what its predecessors committed.
  if (log.commitIndex < leadership.noopIndex) {
    leadership.earlyReads.push({ id, from });
    return;
  }
  const isRoundOut = leadership.reads.length > 0;
  leadership.reads.push({ id, from, index: log.commitIndex, round: leadership.round + 1 });
  if (!isRoundOut) startRound(state, leadership);
}

/** Something of this term is committed, and so its no-op is. */
export function releaseEarlyReads(state: RaftState, leadership: Leadership): void {
  const early = leadership.earlyReads;
  leadership.earlyReads = [];
  for (const { id, from } of early) takeRead(state, leadership, id, from);
}

/** Shows all members that the leader lives, and begins a round that their answers confirm. */
export function startRound(state: RaftState, leadership: Leadership): void {
  const { commitIndex } = state.log;
  leadership.round++;
  leadership.ticksSinceHeartbeat = 0;
  for (const [id, { matchIndex }] of leadership.peers) {
    const leaderCommit = Math.min(commitIndex, matchIndex);
    state.send(id, { kind: "heartbeatRequest", leaderCommit, round: leadership.round });
  }
  confirmReads(state, leadership);
}

/** Answers the reads whose round a quorum has confirmed, and begins one for those that are left. */
export function confirmReads(state: RaftState, leadership: Leadership): void {
  const { reads, round } = leadership;
  const confirmed = reachedByQuorum(state.voters, (id) =>
    id === state.id ? round : (leadership.peer(id)?.ackedRound ?? 0),
  );
  const isConfirmed = (read: PendingRead) => read.round <= confirmed;
  leadership.reads = reads.filter((read) => !isConfirmed(read));
  for (const { id, from, index } of reads.filter(isConfirmed)) answer(state, from, id, index);
  if (leadership.reads.some((read) => read.round > round)) startRound(state, leadership);
}

function answer(state: RaftState, to: NodeId, id: RequestId, index: number | undefined): void {
  if (to !== state.id) {
    state.send(to, { kind: "readIndexResponse", id, index });
    return;
  }
  const own = state.ownReads.find((read) => isSameRequest(read.id, id));
  if (own === undefined) return;
  if (index === undefined) forgetRead(state, own, "too many reads are waiting");
  else own.index = index;
}

/** Says which of this member's reads may be served now. */
export function emitReadyReads(state: RaftState): void {
  const { appliedIndex } = state.log;
  const isReady = ({ index }: OwnRead) => index !== undefined && index <= appliedIndex;
  const ready = state.ownReads.filter(isReady);
  state.ownReads = state.ownReads.filter((read) => !isReady(read));
  for (const { id } of ready) state.outbox.emit({ kind: "readReady", id, index: appliedIndex });
}

/** Whenever anything of role, term and leader has changed: the leader that was asked leads no more, and nobody will answer. */
export function dropUnansweredReads(state: RaftState): void {
  for (const own of state.ownReads.filter(({ index }) => index === undefined)) {
    forgetRead(state, own, "the leader changed");
  }
}

/** A question or its answer was lost: whoever asked may ask again, under a new id. */
export function expireReads(state: RaftState): void {
  const patienceTicks = PATIENCE_IN_ELECTIONS * state.options.electionTicks;
  for (const own of state.ownReads) {
    // Oldest first.
    if (state.nowTick - own.askedTick <= patienceTicks) return;
    forgetRead(state, own, "no answer came in time");
  }
}

function forgetRead(state: RaftState, own: OwnRead, reason: string): void {
  state.ownReads = state.ownReads.filter((read) => read !== own);
  dropRead(state, own.id, reason);
}

function dropRead({ outbox }: RaftState, id: RequestId, reason: string): void {
  outbox.emit({ kind: "dropped", what: "read", id, outcome: "dropped", reason });
}
