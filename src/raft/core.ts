/**
 * The core: one member of the cluster as a pure, deterministic machine. Inputs go in one at a time,
 * and each gives the effects that it calls for; there is no clock, no I/O and no randomness in here
 * but what was handed in. This file sorts inputs and messages by kind and term; what each means is in
 * the file that its concept names.
 */
import { assert } from "./assert.ts";
import { faultOf } from "./check_message.ts";
import { onCompact, onSnapshotTaken, snapshotStored } from "./compaction.ts";
import {
  onPreVoteRequest,
  onPreVoteResponse,
  onVoteRequest,
  onVoteResponse,
  ownVoteStored,
  startElection,
  startPreVote,
} from "./election.ts";
import type { Entry, NodeId } from "./entry.ts";
import { onAppendRequest, onHeartbeatRequest, onInstallSnapshot } from "./following.ts";
import { resignIfRemoved, tickLeader } from "./leader.ts";
import type { StoredState } from "./log_storage.ts";
import {
  type Envelope,
  type ForwardedCommand,
  isForwardedCommand,
  type Message,
  type MessageBody,
} from "./message.ts";
import type { RaftOptions } from "./options.ts";
import {
  onForwardedChange,
  onForwardedCommands,
  onProposeResponse,
  propose,
  proposeOwnChange,
} from "./proposals.ts";
import {
  dropUnansweredReads,
  emitReadyReads,
  expireReads,
  onReadIndexRequest,
  onReadIndexResponse,
  requestRead,
} from "./read_index.ts";
import {
  advanceCommit,
  onAppendResponse,
  onHeartbeatResponse,
  onSnapshotResult,
  onUnreachable,
} from "./replication.ts";
import { RaftState } from "./state.ts";
import { type BriefStatus, briefStatusOf, type RaftStatus, statusOf } from "./status.ts";
import type { Effect, Input, StoreToken } from "./step.ts";
import { startTransfer } from "./transfer.ts";

/** More elections than a cluster holds while one of its members is away. */
const MAX_TERMS_AHEAD = 2 ** 32;

export class RaftCore {
  readonly #state: RaftState;
  /** What the last role effect said. */
  #told: { role: string; term: number; leader: string | undefined };

  /** Throws `RangeError` for options that cannot work, `InvariantError` for a state that cannot be. */
  constructor(options: RaftOptions, stored: StoredState) {
    this.#state = new RaftState(options, stored);
    const { role, term, leader } = this.#state;
    this.#told = { role, term, leader };
  }

  /** Takes one input and gives what it calls for, in order. Throws `InvariantError`: never go on then. */
  step(input: Input): Effect[] {
    this.#take(input);
    return this.#finish();
  }

  status(): RaftStatus {
    return statusOf(this.#state);
  }

  briefStatus(): BriefStatus {
    return briefStatusOf(this.#state);
  }

  get term(): number {
    return this.#state.term;
  }

  /** Who leads this term, as far as known. */
  get leader(): NodeId | undefined {
    return this.#state.leader;
  }

  /** The latest snapshot that is durable here; 0 for none. */
  get snapshotIndex(): number {
    return this.#state.log.snapshotIndex;
  }

  /** A message from this member in `term`. */
  message<Body extends MessageBody>(to: NodeId, body: Body, term: number): Envelope & Body {
    return this.#state.message(to, body, term);
  }

  /** What the log holds at `index`, if it does. */
  entryAt(index: number): Entry | undefined {
    return this.#state.log.entryAt(index);
  }

  #take(input: Input): void {
    const state = this.#state;
    switch (input.kind) {
      case "tick":
        return tick(state);
      case "message":
        return receive(state, input.message);
      case "forwarded":
        return receiveForwarded(state, input.messages);
      case "propose":
        return propose(state, input.commands);
      case "changeMembership":
        return proposeOwnChange(state, {
          id: input.id,
          body: { kind: "change", change: input.change },
        });
      case "readIndex":
        return requestRead(state, input.id);
      case "transferLeadership":
        return startTransfer(state, input.to);
      case "stored":
        return onStored(state, input.token);
      case "applied":
        return state.log.appliedTo(input.index);
      case "unreachable":
        return onUnreachable(state, input.peer);
      case "snapshotTaken":
        return onSnapshotTaken(state, input.index, input.data, input.checksum);
      case "snapshotResult":
        return onSnapshotResult(state, input);
      case "space":
        state.isLowOnSpace = input.isLow;
        return;
      case "compact":
        return onCompact(state, input.throughIndex);
    }
  }

  /** What follows from any input, once, in the order that others may rely on. */
  #finish(): Effect[] {
    const state = this.#state;
    const { log, outbox, options } = state;
    resignIfRemoved(state);
    this.#tellRole();
    outbox.closeWrite(state.hardState, { index: log.lastIndex, term: log.lastTerm });
    for (;;) {
      const batch = log.takeToApply(options.maxBatchBytes);
      if (batch === undefined) break;
      outbox.emit({ kind: "apply", ...batch });
    }
    emitReadyReads(state);
    assert((state.role === "leader") === (state.leadership !== undefined), "a leader has its part");
    return outbox.takeEffects();
  }

  #tellRole(): void {
    const { role, term, leader } = this.#state;
    const told = this.#told;
    if (role === told.role && term === told.term && leader === told.leader) return;
    dropUnansweredReads(this.#state);
    this.#told = { role, term, leader };
    this.#state.outbox.emit({ kind: "role", role, term, leader });
  }
}

function tick(state: RaftState): void {
  const { leadership, log, outbox } = state;
  state.nowTick++;
  state.ticksSinceContact++;
  expireReads(state);
  if (leadership !== undefined) tickLeader(state, leadership);
  else if (state.ticksSinceContact >= state.electionTimeoutTicks) missLeader(state);
  // An idle member makes the commit index durable too, so that it has all after a restart.
  const isIdle = outbox.storedSequence === outbox.issuedSequence;
  if (isIdle && outbox.storedCommit < log.commitIndex) outbox.writeHardState();
}

/** Who may not campaign waits for whoever wins, and forwards nothing to one that is gone. */
function missLeader(state: RaftState): void {
  if (state.mayCampaign) startPreVote(state);
  else if (state.leader !== undefined) state.becomeFollower(state.term, undefined);
}

function onStored(state: RaftState, token: StoreToken): void {
  state.outbox.completed(token);
  // In a later term the log may have been cut and grown again; that term's own write will tell.
  if (token.term === state.term) {
    state.log.stableTo({ index: token.lastIndex, term: token.lastTerm });
  }
  snapshotStored(state);
  ownVoteStored(state);
  advanceCommit(state);
}

function receive(state: RaftState, message: Message): void {
  if (!isLetIn(state, message)) return;
  if (message.term < state.term) handleStale(state, message);
  else handle(state, message);
}

/** Each is looked at as if it had come alone; those of an earlier term are the proposals' to refuse. */
function receiveForwarded(state: RaftState, messages: readonly ForwardedCommand[]): void {
  onForwardedCommands(
    state,
    messages.filter((message) => isLetIn(state, message)),
  );
}

/** Refuses what no correct peer sends, then settles whose term counts (Raft §5.1). */
function isLetIn(state: RaftState, message: Message): boolean {
  const { clusterId, id } = state.options;
  const fault = faultOf(message, clusterId, id) ?? faultHere(state, message);
  if (fault !== undefined) {
    state.outbox.emit({ kind: "dropped", what: "message", message, reason: fault });
    return false;
  }
  return message.term <= state.term || takeUpTerm(state, message);
}

/** What is wrong with a message, given what this member knows; undefined if nothing is. */
function faultHere(state: RaftState, message: Message): string | undefined {
  const { term, leader, log } = state;
  // One of an earlier term is not believed anyway.
  if (message.term < term) return undefined;
  // Terms rise by one an election: without this bound a single message could use them up for ever.
  if (message.term - term > MAX_TERMS_AHEAD) return "its term is too far ahead";
  if (isFromLeader(message)) {
    const isRival = message.term === term && leader !== undefined && leader !== message.from;
    return isRival ? `${leader} leads that term` : faultOfLeader(log, message);
  }
  const agreesToTooMuch =
    leader === state.id &&
    message.kind === "appendResponse" &&
    message.result.ok &&
    message.result.matchIndex > log.lastIndex;
  return agreesToTooMuch ? "it agrees to more than there is" : undefined;
}

/** What no leader can say to a member that has kept what it confirmed. */
function faultOfLeader(log: RaftState["log"], message: Message): string | undefined {
  if (message.kind === "heartbeatRequest" && message.leaderCommit > log.lastIndex) {
    return "it commits more than this member holds: was this member's data lost?";
  }
  if (message.kind !== "appendRequest") return undefined;
  const replaced = message.entries.find(
    ({ index, term }) =>
      index <= log.commitIndex && index >= log.compacted.index && log.termAt(index) !== term,
  );
  return replaced === undefined
    ? undefined
    : `it would replace the committed entry ${replaced.index}`;
}

/** Moves to a message's later term, unless it is one that must not move it. Whether to go on. */
function takeUpTerm(state: RaftState, message: Message): boolean {
  const { kind } = message;
  if (kind === "preVoteRequest") return !state.hasLiveLeader;
  if (kind === "voteRequest" && state.hasLiveLeader && !message.isTransfer) return false;
  // A grant is in the term that was asked for; nobody is in it yet.
  if (kind === "preVoteResponse" && message.isGranted) return true;
  state.becomeFollower(message.term, isFromLeader(message) ? message.from : undefined);
  return true;
}

/** A message of an earlier term counts for nothing, but its sender may have to be told. */
function handleStale(state: RaftState, message: Message): void {
  const { from, kind } = message;
  // Any answer in this term makes a stale leader step down.
  if (isFromLeader(message)) state.send(from, { kind: "heartbeatResponse", round: 0 });
  else if (kind === "preVoteRequest")
    state.send(from, { kind: "preVoteResponse", isGranted: false });
  else if (kind === "voteRequest") state.send(from, { kind: "voteResponse", isGranted: false });
  else if (isOfAnyTerm(message)) handle(state, message);
}

/** Requests and their answers are of the time they were made in, not of a leader's. */
function isOfAnyTerm({ kind }: Message): boolean {
  return (
    kind === "proposeRequest" ||
    kind === "proposeResponse" ||
    kind === "readIndexRequest" ||
    kind === "readIndexResponse"
  );
}

function handle(state: RaftState, message: Message): void {
  if (isFromLeader(message)) followSender(state, message);
  switch (message.kind) {
    case "preVoteRequest":
      return onPreVoteRequest(state, message);
    case "preVoteResponse":
      return onPreVoteResponse(state, message);
    case "voteRequest":
      return onVoteRequest(state, message);
    case "voteResponse":
      return onVoteResponse(state, message);
    case "appendRequest":
      return onAppendRequest(state, message);
    case "appendResponse":
      return onAppendResponse(state, message);
    case "heartbeatRequest":
      return onHeartbeatRequest(state, message);
    case "heartbeatResponse":
      return onHeartbeatResponse(state, message);
    case "installSnapshot":
      return onInstallSnapshot(state, message);
    case "timeoutNow":
      return onTimeoutNow(state, message);
    case "proposeRequest":
      if (isForwardedCommand(message)) return onForwardedCommands(state, [message]);
      return onForwardedChange(state, message);
    case "proposeResponse":
      return onProposeResponse(state, message);
    case "readIndexRequest":
      return onReadIndexRequest(state, message);
    case "readIndexResponse":
      return onReadIndexResponse(state, message);
  }
}

/** Only the leader of a term sends these in it. */
function isFromLeader({ kind }: Message): boolean {
  return kind === "appendRequest" || kind === "heartbeatRequest" || kind === "installSnapshot";
}

function followSender(state: RaftState, { from }: Message): void {
  if (state.leader !== from) state.becomeFollower(state.term, from);
  state.ticksSinceContact = 0;
}

function onTimeoutNow(state: RaftState, { from }: Message): void {
  if (state.role === "leader" || state.leader !== from || !state.mayCampaign) return;
  // It could lead, and would have to refuse every proposal.
  if (state.isLowOnSpace) return;
  startElection(state, true);
}
