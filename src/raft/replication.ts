/**
 * The leader's side of log replication (Raft §5.3): what to send to whom, what the answers mean, and
 * how far a quorum has come. Entries leave for the followers while the leader's own disk still writes
 * them; the leader counts itself only up to what is durable here (thesis §10.2.1).
 */
import { assert } from "./assert.ts";
import type { NodeId } from "./entry.ts";
import type { Leadership } from "./leadership.ts";
import type { RaftLog } from "./log.ts";
import type { MessageOf } from "./message.ts";
import type { Progress } from "./progress.ts";
import { reachedByQuorum } from "./quorum.ts";
import { confirmReads, releaseEarlyReads } from "./read_index.ts";
import type { RaftState } from "./state.ts";
import { continueTransfer } from "./transfer.ts";

export function appendToAll(state: RaftState): void {
  assert(state.leadership !== undefined, "only a leader appends");
  for (const [id, peer] of state.leadership.peers) appendTo(state, id, peer);
}

/** Sends what `id` lacks, as far as it may be sent; a question whether it has all if it lacks nothing. */
function appendTo(state: RaftState, id: NodeId, peer: Progress): void {
  const { maxInflightBatches } = state.options;
  do {
    if (peer.isPaused(maxInflightBatches)) return;
    if (!sendAppend(state, id, peer)) return;
  } while (peer.nextIndex <= state.log.lastIndex);
}

function sendAppend(state: RaftState, id: NodeId, peer: Progress): boolean {
  const { log, options } = state;
  const prevLogIndex = peer.nextIndex - 1;
  const prevLogTerm = log.termAt(prevLogIndex);
  if (prevLogTerm === undefined) {
    sendSnapshot(state, id, peer);
    return false;
  }
  // Past the bound an append carries nothing: it only asks whether what was sent has arrived.
  const isFull = peer.isPaused(options.maxInflightBatches);
  const entries = isFull ? [] : log.entriesFrom(peer.nextIndex, options.maxBatchBytes);
  // One without entries is a question as long as it tells of no commit: see `tellCommit`.
  const leaderCommit = entries.length === 0 ? 0 : log.commitIndex;
  state.send(id, { kind: "appendRequest", prevLogIndex, prevLogTerm, entries, leaderCommit });
  peer.sent(prevLogIndex + entries.length, entries.length === 0);
  peer.toldCommit = Math.max(peer.toldCommit, leaderCommit);
  return true;
}

/**
 * Tells a follower that was sent everything of a commit, by an append without entries, which is
 * answered only by who knew of the commit already. One that lacks entries is told with those.
 */
function tellCommit(state: RaftState, id: NodeId, peer: Progress): void {
  const { log, options } = state;
  // One in `replicate` was sent all, or as much as may be under way.
  if (peer.state !== "replicate" || peer.isPaused(options.maxInflightBatches)) return;
  const [prevLogIndex, prevLogTerm, leaderCommit] = [log.lastIndex, log.lastTerm, log.commitIndex];
  state.send(id, { kind: "appendRequest", prevLogIndex, prevLogTerm, entries: [], leaderCommit });
  peer.toldCommit = leaderCommit;
}

/** Tells those of what is committed whom no append has told since: who did not wait for it. */
export function tellCommitToAll(state: RaftState, { peers }: Leadership): void {
  for (const [id, peer] of peers) {
    if (peer.toldCommit < state.log.commitIndex) tellCommit(state, id, peer);
  }
}

/** The entries that it needs are gone. One that does not answer is not worth a snapshot yet. */
function sendSnapshot(state: RaftState, to: NodeId, peer: Progress): void {
  const { log, term, nowTick, options } = state;
  if (nowTick - peer.lastHeardTick > options.electionTicks) return;
  if (nowTick < peer.nextSnapshotTick || state.snapshotStreams.has(to)) return;
  assert(log.snapshotIndex >= log.compacted.index, "a stored snapshot covers what was compacted");
  peer.awaitSnapshot(log.snapshotIndex);
  state.snapshotStreams.add(to);
  state.outbox.emit({ kind: "sendSnapshot", to, term, index: log.snapshotIndex });
}

export function onAppendResponse(state: RaftState, message: MessageOf<"appendResponse">): void {
  const { from, result } = message;
  const { leadership } = state;
  const peer = leadership?.peer(from);
  if (leadership === undefined || peer === undefined) return;
  peer.lastHeardTick = state.nowTick;
  if (result.ok) onMatch(state, leadership, from, result.matchIndex);
  else if (peer.rejected(result.rejectedIndex, lastInCommon(state, result)))
    appendTo(state, from, peer);
}

function onMatch(state: RaftState, leadership: Leadership, from: NodeId, matchIndex: number): void {
  const peer = leadership.peer(from)!;
  peer.matched(matchIndex);
  // An answer that says less than is known is an old one.
  const isFound = peer.state === "probe" && peer.matchIndex === matchIndex;
  const isRestored = peer.state === "snapshot" && matchIndex >= state.log.compacted.index;
  if (isFound || isRestored) peer.replicate();
  advanceCommit(state);
  if (peer.nextIndex <= state.log.lastIndex) appendTo(state, from, peer);
  continueTransfer(state, leadership, from);
}

/** Where the leader's log may agree with that of a follower that rejected an append. */
function lastInCommon(
  { log }: RaftState,
  { hintIndex, hintTerm }: { hintIndex: number; hintTerm: number },
): number {
  if (hintTerm === 0) return hintIndex;
  return log.lastAtOrBelowTerm(Math.min(hintIndex, log.lastIndex), hintTerm).index;
}

/** To a follower that as much was sent to as may be under way. */
function askWhetherArrived(state: RaftState, id: NodeId, peer: Progress): void {
  if (peer.state === "replicate") sendAppend(state, id, peer);
}

export function onHeartbeatResponse(
  state: RaftState,
  message: MessageOf<"heartbeatResponse">,
): void {
  const { leadership } = state;
  const peer = leadership?.peer(message.from);
  if (leadership === undefined || peer === undefined) return;
  peer.lastHeardTick = state.nowTick;
  // A round that was never begun confirms nothing.
  if (message.round <= leadership.round) {
    peer.ackedRound = Math.max(peer.ackedRound, message.round);
  }
  peer.resume();
  // Appends may have been lost: the next one, or an empty one, finds out.
  if (peer.matchIndex < state.log.lastIndex || peer.state === "probe") {
    if (peer.isPaused(state.options.maxInflightBatches))
      askWhetherArrived(state, message.from, peer);
    else appendTo(state, message.from, peer);
  }
  confirmReads(state, leadership);
}

/** A lost message is likely, so what was sent ahead is taken back. */
export function onUnreachable(state: RaftState, id: NodeId): void {
  const peer = state.leadership?.peer(id);
  if (peer?.state === "replicate") peer.probeFrom();
}

/** Goes on after the snapshot, or tries again, once the follower shows that it lives. */
export function onSnapshotResult(
  state: RaftState,
  result: { readonly to: NodeId; readonly index: number; readonly ok: boolean },
): void {
  state.snapshotStreams.delete(result.to);
  const peer = state.leadership?.peer(result.to);
  if (peer?.state !== "snapshot") return;
  peer.probeFrom(result.ok ? result.index + 1 : 0);
  peer.holdProbe();
  if (!result.ok) peer.nextSnapshotTick = state.nowTick + state.options.electionTicks;
}

/**
 * Commits what a quorum holds, if it is of this term: an older entry on a quorum may still be
 * overwritten, and commits only by what comes after it (Raft §5.4.2).
 */
export function advanceCommit(state: RaftState): void {
  const { leadership, log, id, voters, term } = state;
  if (leadership === undefined) return;
  const reached = reachedByQuorum(voters, (voter) =>
    voter === id ? log.stableIndex : (leadership.peer(voter)?.matchIndex ?? 0),
  );
  if (reached <= log.commitIndex || log.termAt(reached) !== term) return;
  const firstNew = log.commitIndex + 1;
  log.commitTo(reached);
  releaseEarlyReads(state, leadership);
  for (const [peerId, peer] of leadership.peers) {
    if (peer.nextIndex <= log.lastIndex) appendTo(state, peerId, peer);
    else if (waitsFor(log, firstNew, reached, peerId)) tellCommit(state, peerId, peer);
  }
}

/**
 * Whether a member is to be told at once that entries are committed: one of them is its own proposal, or
 * is everybody's business. It hears of others with the next entries, or at the next tick.
 */
function waitsFor(log: RaftLog, first: number, last: number, member: NodeId): boolean {
  for (let index = first; index <= last; index++) {
    const { body } = log.entryAt(index)!;
    if (body.kind !== "command" || body.id.node === member) return true;
  }
  return false;
}
