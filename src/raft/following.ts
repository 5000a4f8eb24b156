/**
 * The follower's side of replication: taking entries, heartbeats and snapshots from the leader of the
 * term (Raft §5.3, §7). What it says it holds, it says once that is durable.
 */
import type { MessageOf } from "./message.ts";
import type { RaftState } from "./state.ts";

export function onAppendRequest(state: RaftState, message: MessageOf<"appendRequest">): void {
  const { from, prevLogIndex, prevLogTerm, entries, leaderCommit } = message;
  const { log } = state;
  // What is committed here is the leader's too; this append is an old one.
  if (prevLogIndex < log.commitIndex) return agree(state, from, log.commitIndex);
  if (log.termAt(prevLogIndex) !== prevLogTerm) return disagree(state, message);
  const missing = log.firstMissing(entries);
  if (missing !== undefined) {
    // Only from the first difference on: an old, short append must not cut off what came after it.
    const added = entries.slice(missing.index - prevLogIndex - 1);
    log.replaceFrom(added);
    state.outbox.writeEntries(added);
  }
  const matchIndex = prevLogIndex + entries.length;
  const isNews = commitUpTo(state, Math.min(leaderCommit, matchIndex));
  // That it only tells of a commit, to a follower that has agreed or is about to: nothing is asked.
  if (isNews && entries.length === 0) return;
  agree(state, from, matchIndex);
}

export function onHeartbeatRequest(state: RaftState, message: MessageOf<"heartbeatRequest">): void {
  commitUpTo(state, message.leaderCommit);
  // Claims nothing of the log or the term's votes, so it need not wait for the disk.
  state.send(message.from, { kind: "heartbeatResponse", round: message.round });
}

export function onInstallSnapshot(state: RaftState, message: MessageOf<"installSnapshot">): void {
  const { from, snapshot } = message;
  const { log } = state;
  if (snapshot.index <= log.commitIndex) return agree(state, from, log.commitIndex);
  if (log.termAt(snapshot.index) === snapshot.term) {
    commitUpTo(state, snapshot.index);
    return agree(state, from, snapshot.index);
  }
  log.restore(snapshot);
  state.outbox.writeSnapshot(snapshot, true);
  agree(state, from, snapshot.index);
}

function agree(state: RaftState, leader: string, matchIndex: number): void {
  state.sendOnceStored(leader, { kind: "appendResponse", result: { ok: true, matchIndex } });
}

/** Says where the logs may still agree, so that the leader need not go back one entry at a time. */
function disagree(state: RaftState, message: MessageOf<"appendRequest">): void {
  const { from, prevLogIndex, prevLogTerm } = message;
  const { log } = state;
  const last = Math.min(prevLogIndex, log.lastIndex);
  const { index: hintIndex, term: hintTerm } = log.lastAtOrBelowTerm(last, prevLogTerm);
  const result = { ok: false, rejectedIndex: prevLogIndex, hintIndex, hintTerm } as const;
  state.send(from, { kind: "appendResponse", result });
}

/** Whether that is news. */
function commitUpTo({ log }: RaftState, index: number): boolean {
  if (index <= log.commitIndex) return false;
  log.commitTo(index);
  return true;
}
