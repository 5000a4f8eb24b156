/**
 * Bytes from a peer never reach an assertion unchecked, nor undo what was promised: moves against one
 * member (`_test_hostile.ts`), and after each of them all that a member owes whatever it is told.
 */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { LoneMember } from "./_test_core.ts";
import { arbitraryMove, bodyOf, hostInput, type Move, senderOf, termOf } from "./_test_hostile.ts";
import { faultOf } from "./check_message.ts";
import type { Entry, NodeId } from "./entry.ts";
import type { Message, MessageBody } from "./message.ts";
import type { RaftStatus } from "./status.ts";

/** Where terms and indexes end: what a member says that has come to there is refused. */
const LAST_NUMBER = 2 ** 48;

class HostileRun {
  readonly member: LoneMember;
  readonly #delivered: Message[] = [];
  /** Whom this member voted for, as far as anybody was told. */
  readonly #votes = new Map<number, NodeId>();
  readonly #applied = new Map<number, Entry>();
  #sequence = 0;
  #before: RaftStatus;

  constructor(terms: readonly number[], commit: number, isAlone: boolean) {
    const voters = isAlone ? ["a"] : ["a", "b", "c"];
    const stored = { terms, voters, learners: ["d"], commit: Math.min(commit, terms.length + 1) };
    this.member = new LoneMember(stored, {
      maxBatchBytes: 100,
      maxInflightBatches: 2,
      maxUncommittedBytes: 400,
      maxPendingReads: 3,
      electionTicks: 5,
    });
    this.member.onSent = (message) => this.#checkSent(message);
    this.#before = this.member.status;
  }

  make(move: Move): void {
    const { member } = this;
    switch (move.kind) {
      case "message": {
        const { choice } = move;
        const body = bodyOf(choice, member);
        const envelope = member.messageFrom(senderOf(choice, member), body, termOf(choice, member));
        const { clusterId, version, to } = choice;
        this.#deliver({ ...envelope, clusterId, version, to });
        break;
      }
      case "replay": {
        const message = this.#delivered.at(-1 - move.which);
        if (message !== undefined) this.#deliver(message);
        break;
      }
      case "playAlong":
        this.#answer(move.count, hopedFor);
        break;
      case "refuse":
        this.#answer(move.count, refusalOf);
        break;
      case "compactAll": {
        const index = member.status.appliedIndex;
        member.step({ kind: "snapshotTaken", index, data: new Uint8Array(9) });
        member.step({ kind: "compact", throughIndex: index });
        break;
      }
      case "rise":
        member.tick(10);
        for (let round = 1; round <= 3; round++) this.#answer(4, hopedFor);
        break;
      case "tick":
        member.tick(move.ticks);
        break;
      case "hold":
        member.holdsStores = move.holds;
        break;
      case "flush":
        member.flush(move.count);
        break;
      case "crash":
        this.#crash();
        break;
      case "host": {
        const input = hostInput(move.what, move.choice, member, ++this.#sequence);
        if (input !== undefined) member.step(input);
      }
    }
    this.#check();
  }

  #deliver(message: Message): void {
    this.#delivered.push(message);
    this.member.step({ kind: "message", message });
  }

  /** Peers answer the latest requests. */
  #answer(count: number, answerTo: (request: Message) => MessageBody | undefined): void {
    for (const request of this.member.sent.slice(-count)) {
      const body = answerTo(request);
      if (body !== undefined) {
        this.#deliver(this.member.messageFrom(request.to, body, request.term));
      }
    }
  }

  #crash(): void {
    const { member } = this;
    member.restart();
    this.#before = { ...member.status, appliedIndex: 0 };
    const { compacted, commitIndex } = member.status;
    for (const [index, entry] of this.#applied) {
      if (index > compacted.index) expect(member.core.entryAt(index)).toEqual(entry);
      // That this was committed is not remembered: only a correct leader will not replace it.
      if (index > commitIndex) this.#applied.delete(index);
    }
    // As the driver does: the state machine stands at the snapshot.
    member.applied = [];
    member.step({ kind: "applied", index: member.status.snapshotIndex });
  }

  #check(): void {
    const { member } = this;
    const { status } = member;
    expect(status.term).toBeGreaterThanOrEqual(this.#before.term);
    expect(status.commitIndex).toBeGreaterThanOrEqual(this.#before.commitIndex);
    expect(status.appliedIndex).toBeGreaterThanOrEqual(this.#before.appliedIndex);
    expect(status.commitIndex).toBeLessThanOrEqual(status.lastIndex);
    expect(status.appliedIndex).toBeLessThanOrEqual(status.commitIndex);
    // Nobody takes a term over from whom it followed in it.
    if (status.term === this.#before.term && status.leader !== undefined) {
      expect(this.#before.leader ?? status.leader).toBe(status.leader);
    }
    this.#before = status;
    this.#checkApplied();
    member.sent = member.sent.slice(-8);
    member.effects = [];
  }

  #checkApplied(): void {
    for (const entry of this.member.applied) {
      const before = this.#applied.get(entry.index);
      if (before === undefined) this.#applied.set(entry.index, entry);
      else expect(entry).toEqual(before);
    }
    const indexes = this.member.applied.map(({ index }) => index);
    expect(indexes).toEqual(indexes.toSorted((left, right) => left - right));
    this.member.applied = [];
  }

  /** What has left is what any member lets in, one vote a term, and nothing that is not durable. */
  #checkSent(message: Message): void {
    const { disk, status } = this.member;
    if (Math.max(status.term, status.lastIndex) < LAST_NUMBER) {
      expect([message, faultOf(message, "test", message.to)]).toEqual([message, undefined]);
    }
    const vote = votedFor(message);
    if (vote !== undefined) {
      expect(this.#votes.get(message.term) ?? vote).toBe(vote);
      this.#votes.set(message.term, vote);
      expect(disk.hardState.term).toBeGreaterThanOrEqual(message.term);
    }
    if (message.kind === "appendResponse" && message.result.ok) {
      const durable = disk.compacted.index + disk.entries.length;
      expect(durable).toBeGreaterThanOrEqual(message.result.matchIndex);
    }
  }
}

function votedFor(message: Message): NodeId | undefined {
  if (message.kind === "voteRequest") return message.from;
  return message.kind === "voteResponse" && message.isGranted ? message.to : undefined;
}

function hopedFor(request: Message): MessageBody | undefined {
  const { kind } = request;
  if (kind === "preVoteRequest") return { kind: "preVoteResponse", isGranted: true };
  if (kind === "voteRequest") return { kind: "voteResponse", isGranted: true };
  if (kind === "heartbeatRequest") return { kind: "heartbeatResponse", round: request.round };
  if (kind !== "appendRequest") return undefined;
  const matchIndex = request.prevLogIndex + request.entries.length;
  return { kind: "appendResponse", result: { ok: true, matchIndex } };
}

function refusalOf(request: Message): MessageBody | undefined {
  const { kind } = request;
  if (kind === "preVoteRequest") return { kind: "preVoteResponse", isGranted: false };
  if (kind === "voteRequest") return { kind: "voteResponse", isGranted: false };
  if (kind !== "appendRequest") return undefined;
  const { prevLogIndex: rejectedIndex } = request;
  const result = { ok: false, rejectedIndex, hintIndex: 0, hintTerm: 0 } as const;
  return { kind: "appendResponse", result };
}

test("step() throws for no message, and breaks no promise over any", () => {
  const start = fc.tuple(
    fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 6 }).map((terms) => terms.toSorted()),
    fc.integer({ min: 1, max: 8 }),
    fc.boolean(),
  );
  fc.assert(
    fc.property(
      start,
      fc.array(arbitraryMove, { maxLength: 60, size: "max" }),
      (setting, moves) => {
        const run = new HostileRun(...setting);
        for (const move of moves) run.make(move);
      },
    ),
    { numRuns: Number(process.env["HOSTILE_RUNS"] ?? 600) },
  );
});
