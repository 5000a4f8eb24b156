/**
 * How a leader comes to be: PreVote, then the vote (Raft §5.2, §5.4.1; thesis §9.6). A member first
 * asks whether it could win, which changes nothing anywhere; only then does it raise its term. Votes
 * leave once they are durable, its own included.
 */
import type { NodeId } from "./entry.ts";
import { lead } from "./leader.ts";
import type { MessageOf } from "./message.ts";
import { countVotes } from "./quorum.ts";
import type { RaftState } from "./state.ts";

/** Asks the others whether they would vote for this member. */
export function startPreVote(state: RaftState): void {
  state.becomePreCandidate();
  state.votes.set(state.id, true);
  for (const voter of otherVoters(state)) {
    state.send(voter, { kind: "preVoteRequest", ...logEnd(state) }, state.term + 1);
  }
  tally(state);
}

/** Begins an election. `isTransfer`: the leader asked for it, and needs no protection. */
export function startElection(state: RaftState, isTransfer: boolean): void {
  state.becomeCandidate();
  for (const voter of otherVoters(state)) {
    state.sendOnceStored(voter, { kind: "voteRequest", ...logEnd(state), isTransfer });
  }
}

/** Counts this candidate's own vote once it is durable. */
export function ownVoteStored(state: RaftState): void {
  if (state.role !== "candidate" || state.votes.has(state.id)) return;
  if (state.outbox.storedSequence < state.ownVoteSequence) return;
  state.votes.set(state.id, true);
  tally(state);
}

export function onPreVoteRequest(state: RaftState, message: MessageOf<"preVoteRequest">): void {
  const { from, term, lastLogIndex, lastLogTerm } = message;
  const isFree = term > state.term || isVoteFree(state, from);
  const isGranted =
    isFree && mayVote(state) && state.log.isUpToDate({ index: lastLogIndex, term: lastLogTerm });
  // A grant speaks of the term asked for; a refusal tells the term that this member is in.
  state.send(from, { kind: "preVoteResponse", isGranted }, isGranted ? term : state.term);
}

export function onVoteRequest(state: RaftState, message: MessageOf<"voteRequest">): void {
  const { from, lastLogIndex, lastLogTerm } = message;
  const isUpToDate = state.log.isUpToDate({ index: lastLogIndex, term: lastLogTerm });
  if (!isVoteFree(state, from) || !isUpToDate || !mayVote(state)) {
    state.send(from, { kind: "voteResponse", isGranted: false });
    return;
  }
  state.giveVote(from);
  state.sendOnceStored(from, { kind: "voteResponse", isGranted: true });
}

export function onPreVoteResponse(state: RaftState, message: MessageOf<"preVoteResponse">): void {
  if (state.role !== "preCandidate") return;
  if (message.isGranted && message.term !== state.term + 1) return;
  countVote(state, message.from, message.isGranted);
}

export function onVoteResponse(state: RaftState, message: MessageOf<"voteResponse">): void {
  if (state.role === "candidate") countVote(state, message.from, message.isGranted);
}

/** Whoever it is from: only voters are counted. */
function countVote(state: RaftState, from: NodeId, isGranted: boolean): void {
  state.votes.set(from, isGranted);
  tally(state);
}

function tally(state: RaftState): void {
  const standing = countVotes(state.voters, state.votes);
  if (standing === "lost") state.becomeFollower(state.term, undefined);
  if (standing !== "won") return;
  if (state.role === "preCandidate") startElection(state, false);
  // The vote for itself has to be durable even where the others' votes would do: a candidate that
  // lost it in a crash could vote for another in the same term.
  else if (state.outbox.storedSequence >= state.ownVoteSequence) lead(state);
}

/** Whether this member can still vote for `candidate` in its term. */
function isVoteFree(state: RaftState, candidate: NodeId): boolean {
  if (state.vote === candidate) return true;
  return state.vote === undefined && state.leader === undefined;
}

/**
 * Who knows of no membership has never been a voter, or has lost its disk: founders begin with a
 * snapshot, and learners are promoted after one. Its empty log would find every candidate up to date.
 */
function mayVote({ voters }: RaftState): boolean {
  return voters.length > 0;
}

function otherVoters(state: RaftState): readonly NodeId[] {
  return state.voters.map(({ id }) => id).filter((id) => id !== state.id);
}

function logEnd({ log }: RaftState): { lastLogIndex: number; lastLogTerm: number } {
  return { lastLogIndex: log.lastIndex, lastLogTerm: log.lastTerm };
}
