/**
 * A leader's own life: taking office with a no-op, heartbeats, and stepping down when no quorum
 * answers (CheckQuorum, thesis §6.2), when its own disk stalls, or when it has been removed.
 */
import { assert } from "./assert.ts";
import type { Entry, EntryBody, NodeId } from "./entry.ts";
import { Leadership } from "./leadership.ts";
import { isVoter, type Member } from "./membership.ts";
import { isQuorum } from "./quorum.ts";
import { startRound } from "./read_index.ts";
import { appendToAll, tellCommitToAll } from "./replication.ts";
import type { RaftState } from "./state.ts";
import { askToTakeOver, tickTransfer } from "./transfer.ts";

/** Takes office: the no-op is how the entries of earlier terms get committed (Raft §5.4.2). */
export function lead(state: RaftState): void {
  const leadership = new Leadership(state.log.lastIndex + 1);
  state.becomeLeader(leadership);
  leadership.follow(state.log.membership, state.id, state.log.lastIndex + 1, state.nowTick);
  appendEntries(state, [{ kind: "noop" }]);
}

/** Puts new entries at the log's end and sends them off. The log of a leader only grows. */
export function appendEntries(state: RaftState, bodies: readonly EntryBody[]): void {
  const { log, term, outbox } = state;
  assert(state.leadership !== undefined, "only a leader appends entries of its own");
  const first = log.lastIndex + 1;
  const entries = bodies.map((body, place): Entry => ({ index: first + place, term, body }));
  log.replaceFrom(entries);
  outbox.writeEntries(entries);
  appendToAll(state);
}

export function tickLeader(state: RaftState, leadership: Leadership): void {
  const { options } = state;
  leadership.ticksSinceQuorumCheck++;
  if (leadership.ticksSinceQuorumCheck >= options.electionTicks) {
    leadership.ticksSinceQuorumCheck = 0;
    if (!hasQuorum(state, leadership) || isDiskStalled(state, leadership)) {
      state.becomeFollower(state.term, undefined);
      return;
    }
    if (state.isLowOnSpace) makeWay(state, leadership);
  }
  tickTransfer(state, leadership);
  tellCommitToAll(state, leadership);
  leadership.ticksSinceHeartbeat++;
  if (leadership.ticksSinceHeartbeat >= options.heartbeatTicks) startRound(state, leadership);
}

/** A removed leader manages the cluster until its removal is committed (thesis §4.2.2). */
export function resignIfRemoved(state: RaftState): void {
  const { log, id } = state;
  if (state.leadership === undefined || isVoter(log.membership, id)) return;
  if (log.commitIndex < log.membershipIndex) return;
  const successor = mostUpToDate(state);
  if (successor !== undefined) askToTakeOver(state, successor);
  state.becomeFollower(state.term, undefined);
}

/** Whether a quorum of the voters was heard lately, this member counting as heard by itself. */
function hasQuorum(state: RaftState, { peers }: Leadership): boolean {
  const { electionTicks } = state.options;
  return isQuorum(state.voters, (id) => {
    const peer = peers.get(id);
    if (peer === undefined) return id === state.id;
    return state.nowTick - peer.lastHeardTick <= electionTicks;
  });
}

/**
 * Whether this member's disk has not got in an election timeout to where a quorum of others was at its
 * beginning: then others can lead better. Where every disk is slow, nobody could.
 */
function isDiskStalled({ log }: RaftState, leadership: Leadership): boolean {
  const isStalled = log.stableIndex < leadership.commitIndexAtCheck;
  leadership.commitIndexAtCheck = log.commitIndex;
  return isStalled;
}

/**
 * Lets another voter lead while this member has no room for proposals; one without room declines, so
 * each is asked in its turn. Not a transfer, which would hold up changes of the membership.
 */
function makeWay(state: RaftState, leadership: Leadership): void {
  if (leadership.transfer !== undefined) return;
  const able = upToDate(state);
  const lastAsked = able.findIndex(({ id }) => id === leadership.lastAskedToLead);
  const successor = able[(lastAsked + 1) % able.length]?.id;
  if (successor === undefined) return;
  leadership.lastAskedToLead = successor;
  askToTakeOver(state, successor);
}

/** The voter that could win an election soonest, if one has the whole log. */
function mostUpToDate(state: RaftState): NodeId | undefined {
  return upToDate(state)[0]?.id;
}

/** The other voters that have the whole log. */
function upToDate({ leadership, log, voters }: RaftState): readonly Member[] {
  return voters.filter(({ id }) => leadership?.peer(id)?.matchIndex === log.lastIndex);
}
