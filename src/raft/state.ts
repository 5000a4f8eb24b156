/**
 * One member's state, shared by the files that each hold one part of the protocol (election,
 * replication, ...). It owns what all of them touch: the term, the vote, the role, the clock of ticks
 * and the outbox; and the two moves that every part may have to make, sending and stepping down.
 */
import { assert } from "./assert.ts";
import type { HardState, NodeId, RequestId } from "./entry.ts";
import type { Leadership } from "./leadership.ts";
import { RaftLog } from "./log.ts";
import type { StoredState } from "./log_storage.ts";
import { isLearner, isVoter, type Member } from "./membership.ts";
import { type Envelope, type MessageBody, RAFT_FORMAT_VERSION } from "./message.ts";
import { completeOptions, type RaftOptions } from "./options.ts";
import { Outbox } from "./outbox.ts";
import type { Role } from "./step.ts";

/** A read of this member's own that has been asked for. */
export interface OwnRead {
  readonly id: RequestId;
  readonly askedTick: number;
  /** What has to be applied first; undefined until the leader has said. */
  index: number | undefined;
}

export class RaftState {
  readonly options: Required<RaftOptions>;
  readonly log: RaftLog;
  readonly outbox: Outbox;

  /** Invariant: never falls. */
  #term: number;
  /** Invariant: once set in a term, it stays for that term. */
  #vote: NodeId | undefined;
  #role: Role = "follower";
  /** Who leads this term, as far as known. Invariant: at most one a term. */
  #leader: NodeId | undefined;

  /** Invariant: set exactly while the role is leader. */
  leadership: Leadership | undefined;
  /** Who answered this campaign, and how. Emptied by each. */
  votes = new Map<NodeId, boolean>();
  /** The store effect that makes this candidate's own vote durable. */
  ownVoteSequence = 0;

  /** Ticks since start. */
  nowTick = 0;
  /** Ticks since a leader was heard, a vote was given, or a campaign began. */
  ticksSinceContact = 0;
  /**
   * 1 for the only voter, else in electionTicks..2*electionTicks-1, drawn anew for each campaign, vote
   * and change of leader.
   */
  electionTimeoutTicks = 0;

  /** Whether the disk is too full for new proposals. */
  isLowOnSpace = false;
  /** The latest snapshot that was taken here, and the store effect that carries it to the disk. */
  writtenSnapshot: { readonly index: number; readonly sequence: number } | undefined;
  /**
   * Whom a snapshot is on its way to, until it is known how that ended: one at a time goes to a member,
   * also when the follower has shown before that it arrived, or a term has passed since.
   */
  readonly snapshotStreams = new Set<NodeId>();
  /** This member's reads that have not been answered, oldest first. */
  ownReads: OwnRead[] = [];

  constructor(options: RaftOptions, stored: StoredState) {
    this.options = completeOptions(options);
    this.log = new RaftLog(stored);
    this.outbox = new Outbox(stored.hardState);
    this.#term = stored.hardState.term;
    this.#vote = stored.hardState.vote;
    assert(this.log.lastTerm <= this.#term, "no entry is of a later term than the hard state's");
    this.restartElectionTimer();
  }

  get id(): NodeId {
    return this.options.id;
  }
  get term(): number {
    return this.#term;
  }
  get vote(): NodeId | undefined {
    return this.#vote;
  }
  get role(): Role {
    return this.#role;
  }
  get leader(): NodeId | undefined {
    return this.#leader;
  }
  get voters(): readonly Member[] {
    return this.log.membership.voters;
  }
  get hardState(): HardState {
    return { term: this.#term, vote: this.#vote, commit: this.log.commitIndex };
  }

  /**
   * Whether this member may ask for votes: as a voter, or as one whose removal is in its log but not
   * committed, since its vote may still be needed to commit it (thesis §4.2.2). A learner never.
   */
  get mayCampaign(): boolean {
    const { log, id } = this;
    if (isVoter(log.membership, id)) return true;
    if (isLearner(log.membership, id)) return false;
    return isVoter(log.membershipAt(log.commitIndex), id);
  }

  /** Whether a leader was heard so lately that an election would only disturb it (thesis §4.2.3). */
  get hasLiveLeader(): boolean {
    if (this.#role === "leader") return true;
    return this.#leader !== undefined && this.ticksSinceContact < this.options.electionTicks;
  }

  /** A message from this member in its own term, unless `term` says another. */
  message<Body extends MessageBody>(to: NodeId, body: Body, term = this.#term): Envelope & Body {
    const { clusterId, id } = this.options;
    const envelope: Envelope = { clusterId, version: RAFT_FORMAT_VERSION, from: id, to, term };
    return { ...envelope, ...body };
  }

  send(to: NodeId, body: MessageBody, term = this.#term): void {
    this.outbox.sendNow(this.message(to, body, term));
  }

  /** Sends once everything written so far is durable. */
  sendOnceStored(to: NodeId, body: MessageBody): void {
    this.outbox.sendOnceStored(this.message(to, body));
  }

  /** Follows `leader`, or nobody yet, in `term`, which is this one or a later one. */
  becomeFollower(term: number, leader: NodeId | undefined): void {
    assert(term >= this.#term, "the term never falls");
    if (term > this.#term) {
      this.#term = term;
      this.#vote = undefined;
    }
    this.#enter("follower", leader);
    this.restartElectionTimer();
  }

  /** Asks whether an election could be won; neither term nor vote change (thesis §9.6). */
  becomePreCandidate(): void {
    this.#enter("preCandidate", undefined);
    this.votes.clear();
    this.restartElectionTimer();
  }

  /** Votes for itself in the next term. */
  becomeCandidate(): void {
    this.#term++;
    this.#vote = this.id;
    this.#enter("candidate", undefined);
    this.votes.clear();
    this.ownVoteSequence = this.outbox.nextSequence;
    this.restartElectionTimer();
  }

  becomeLeader(leadership: Leadership): void {
    assert(this.#role === "candidate" && this.#vote === this.id, "a leader was a candidate");
    this.#enter("leader", this.id);
    this.leadership = leadership;
  }

  giveVote(candidate: NodeId): void {
    assert(this.#vote === undefined || this.#vote === candidate, "one vote a term");
    this.#vote = candidate;
    this.restartElectionTimer();
  }

  restartElectionTimer(): void {
    const { electionTicks, random } = this.options;
    this.ticksSinceContact = 0;
    // Nobody else could lead, or be disturbed: a cluster of one need not wait.
    const isAlone = this.voters.length === 1 && isVoter(this.log.membership, this.id);
    this.electionTimeoutTicks = isAlone ? 1 : electionTicks + Math.floor(random() * electionTicks);
  }

  #enter(role: Role, leader: NodeId | undefined): void {
    if (role !== "leader") this.leadership = undefined;
    this.#role = role;
    this.#leader = leader;
  }
}
