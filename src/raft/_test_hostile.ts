/**
 * Moves against one member, for the property that bytes from a peer never reach an assertion
 * unchecked: messages whose numbers lie near the member's own (a term above or below, around the ends
 * of its log, its commit index, its snapshot), mixed with wild ones, with old messages again, with
 * peers that play along (so that it comes to lead), with crashes, and with what its host may ask. A
 * move says what it wants relative to the member's state, so that it means something in any state, and
 * a failing run shrinks to a short one.
 */
import * as fc from "fast-check";
import type { Entry, NodeId } from "./entry.ts";
import type { Membership, MembershipChange } from "./membership.ts";
import type { ForwardedCommand, MessageBody, MessageKind } from "./message.ts";
import type { Input } from "./step.ts";
import { entryOf, type LoneMember, memberOf, requestId, snapshotOf } from "./_test_core.ts";

/** A place that a number refers to, and how far beside it. */
export interface Reference {
  readonly anchor: "zero" | "compacted" | "snapshot" | "applied" | "commit" | "last" | "wild";
  readonly offset: number;
  readonly wild: number;
}

export interface EntryChoice {
  /** Against the one before it. */
  readonly indexSkew: number;
  readonly termStep: number;
  readonly body: "noop" | "command" | "membership" | "unreadable";
  readonly membership: Membership;
}

export interface MessageChoice {
  readonly kind: MessageKind;
  /** 0: the leader, if there is one. */
  readonly from: number;
  readonly to: NodeId;
  readonly clusterId: string;
  readonly version: number;
  /** Against the member's term. */
  readonly termOffset: number;
  readonly wildTerm: number | undefined;
  readonly index: Reference;
  readonly other: Reference;
  /** Undefined: the term that the member has at `index`. */
  readonly termAtIndex: number | undefined;
  readonly entries: readonly EntryChoice[];
  readonly membership: Membership;
  readonly isYes: boolean;
  readonly isDamaged: boolean;
  readonly change: MembershipChange;
}

export type Move =
  | { readonly kind: "message"; readonly choice: MessageChoice }
  /** One of the messages so far, again. */
  | { readonly kind: "replay"; readonly which: number }
  /** Peers answer the latest requests as the member hopes. */
  | { readonly kind: "playAlong"; readonly count: number }
  /** Its time runs out, and its peers want it to lead. */
  | { readonly kind: "rise" }
  /** Peers refuse the latest requests, and have next to nothing of its log. */
  | { readonly kind: "refuse"; readonly count: number }
  /** A snapshot is taken, and nothing kept behind it. */
  | { readonly kind: "compactAll" }
  | { readonly kind: "tick"; readonly ticks: number }
  | { readonly kind: "hold"; readonly holds: boolean }
  | { readonly kind: "flush"; readonly count: number }
  | { readonly kind: "crash" }
  | { readonly kind: "host"; readonly what: Input["kind"]; readonly choice: MessageChoice };

const IDS: readonly NodeId[] = ["b", "c", "d", "e", "b", "c"];

const weighted = <T>(...of: readonly (readonly [number, fc.Arbitrary<T>])[]) =>
  fc.oneof(...of.map(([weight, arbitrary]) => ({ weight, arbitrary })));

/** Numbers as no correct member says them, among others. */
const wildNumber = weighted(
  [4, fc.nat({ max: 40 })],
  [1, fc.constantFrom(-1, 0.5, Number.NaN, Infinity, 2 ** 48, 2 ** 48 + 1, 2 ** 53, 2 ** 60)],
);

const reference: fc.Arbitrary<Reference> = fc.record({
  anchor: weighted<Reference["anchor"]>(
    [6, fc.constantFrom("commit", "last", "last")],
    [3, fc.constantFrom("compacted", "snapshot", "applied", "zero")],
    [1, fc.constant("wild")],
  ),
  offset: weighted([4, fc.constant(0)], [4, fc.integer({ min: -2, max: 2 })]),
  wild: wildNumber,
});

const someId = weighted(
  [9, fc.constantFrom("a", "b", "c", "d", "e")],
  [1, fc.constantFrom("", "a b")],
);

/** Mostly as it should be; else without voters, doubled, or out of order. */
const membership: fc.Arbitrary<Membership> = weighted(
  [
    6,
    fc
      .tuple(fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e"), { minLength: 1 }), fc.nat(2))
      .map(([ids, learners]) => {
        const voters = Math.max(1, ids.length - learners);
        return {
          voters: ids.slice(0, voters).toSorted().map(memberOf),
          learners: ids.slice(voters).toSorted().map(memberOf),
        };
      }),
  ],
  [
    1,
    fc.record({
      voters: fc.array(someId.map(memberOf), { maxLength: 4 }),
      learners: fc.array(someId.map(memberOf), { maxLength: 2 }),
    }),
  ],
);

const change: fc.Arbitrary<MembershipChange> = fc.oneof(
  fc.record({ kind: fc.constant("addLearner"), member: someId.map(memberOf) }),
  fc.record({ kind: fc.constantFrom("promote", "remove"), id: someId }),
);

const entryChoice: fc.Arbitrary<EntryChoice> = fc.record({
  indexSkew: weighted([30, fc.constant(0)], [1, fc.integer({ min: -2, max: 2 })]),
  termStep: weighted(
    [6, fc.constant(0)],
    [3, fc.constant(1)],
    [1, fc.integer({ min: -2, max: 2 })],
  ),
  body: fc.constantFrom("noop", "command", "membership", "unreadable"),
  membership,
});

const KINDS: readonly MessageKind[] = [
  "preVoteRequest",
  "preVoteResponse",
  "voteRequest",
  "voteResponse",
  "appendRequest",
  "appendRequest",
  "appendRequest",
  "appendResponse",
  "appendResponse",
  "heartbeatRequest",
  "heartbeatResponse",
  "installSnapshot",
  "installSnapshot",
  "timeoutNow",
  "proposeRequest",
  "proposeResponse",
  "readIndexRequest",
  "readIndexResponse",
];

const messageChoice: fc.Arbitrary<MessageChoice> = fc.record({
  kind: fc.constantFrom(...KINDS),
  from: fc.nat({ max: IDS.length }),
  to: weighted([40, fc.constant("a")], [1, fc.constant("b")]),
  clusterId: weighted([40, fc.constant("test")], [1, fc.constant("other")]),
  version: weighted([40, fc.constant(1)], [1, fc.constantFrom(0, 2)]),
  termOffset: weighted(
    [6, fc.constant(0)],
    [3, fc.constant(1)],
    [1, fc.integer({ min: -3, max: 3 })],
  ),
  wildTerm: weighted<number | undefined>([40, fc.constant(undefined)], [1, wildNumber]),
  index: reference,
  other: reference,
  termAtIndex: weighted<number | undefined>(
    [5, fc.constant(undefined)],
    [2, fc.nat({ max: 6 })],
    [1, wildNumber],
  ),
  entries: fc.array(entryChoice, { maxLength: 4 }),
  membership,
  isYes: fc.boolean(),
  isDamaged: weighted([9, fc.constant(false)], [1, fc.constant(true)]),
  change,
});

const HOST_INPUTS: readonly Input["kind"][] = [
  "propose",
  "forwarded",
  "changeMembership",
  "readIndex",
  "transferLeadership",
  "unreachable",
  "snapshotTaken",
  "snapshotResult",
  "space",
  "compact",
];

export const arbitraryMove: fc.Arbitrary<Move> = weighted<Move>(
  [20, fc.record({ kind: fc.constant("message"), choice: messageChoice })],
  [2, fc.record({ kind: fc.constant("replay"), which: fc.nat({ max: 20 }) })],
  [6, fc.record({ kind: fc.constant("playAlong"), count: fc.integer({ min: 1, max: 8 }) })],
  [2, fc.record({ kind: fc.constant("refuse"), count: fc.integer({ min: 1, max: 8 }) })],
  [1, fc.record({ kind: fc.constant("compactAll") })],
  [1, fc.record({ kind: fc.constant("rise") })],
  [3, fc.record({ kind: fc.constant("tick"), ticks: fc.constantFrom(1, 1, 2, 10, 20) })],
  [1, fc.record({ kind: fc.constant("hold"), holds: fc.boolean() })],
  [2, fc.record({ kind: fc.constant("flush"), count: fc.integer({ min: 1, max: 4 }) })],
  [1, fc.record({ kind: fc.constant("crash") })],
  [
    5,
    fc.record({
      kind: fc.constant("host"),
      what: fc.constantFrom(...HOST_INPUTS),
      choice: messageChoice,
    }),
  ],
);

/** The place that a reference means for this member now. */
function resolve({ anchor, offset, wild }: Reference, { status }: LoneMember): number {
  const places = {
    zero: 0,
    compacted: status.compacted.index,
    snapshot: status.snapshotIndex,
    applied: status.appliedIndex,
    commit: status.commitIndex,
    last: status.lastIndex,
  };
  return anchor === "wild" ? wild : places[anchor] + offset;
}

function termAt({ core, status }: LoneMember, index: number): number {
  if (index === status.compacted.index) return status.compacted.term;
  return core.entryAt(index)?.term ?? status.lastTerm;
}

export function senderOf({ from }: MessageChoice, { status }: LoneMember): NodeId {
  const leader = status.leader ?? "b";
  return from === 0 ? leader : IDS[from - 1]!;
}

export function termOf({ termOffset, wildTerm }: MessageChoice, { status }: LoneMember): number {
  return wildTerm ?? status.term + termOffset;
}

/** What a choice comes to, said to this member now. */
export function bodyOf(choice: MessageChoice, member: LoneMember): MessageBody {
  const { kind, isYes, membership: members } = choice;
  const index = resolve(choice.index, member);
  const other = resolve(choice.other, member);
  const term = choice.termAtIndex ?? termAt(member, index);
  const from = senderOf(choice, member);
  switch (kind) {
    case "preVoteRequest":
      return { kind, lastLogIndex: index, lastLogTerm: term };
    case "voteRequest":
      return { kind, lastLogIndex: index, lastLogTerm: term, isTransfer: isYes };
    case "preVoteResponse":
    case "voteResponse":
      return { kind, isGranted: isYes };
    case "appendRequest":
      return {
        kind,
        prevLogIndex: index,
        prevLogTerm: term,
        entries: entriesAfter(choice.entries, index, term),
        leaderCommit: other,
      };
    case "appendResponse":
      return {
        kind,
        result: isYes
          ? { ok: true, matchIndex: index }
          : { ok: false, rejectedIndex: index, hintIndex: other, hintTerm: term },
      };
    case "heartbeatRequest":
      return { kind, leaderCommit: index, round: Math.max(other, 0) };
    case "heartbeatResponse":
      return { kind, round: index };
    case "installSnapshot": {
      const snapshot = snapshotOf(index, term, members);
      return { kind, snapshot: choice.isDamaged ? { ...snapshot, checksum: 1 } : snapshot };
    }
    case "timeoutNow":
      return { kind };
    case "proposeRequest": {
      const id = requestId(index, isYes ? from : "c");
      return { kind, proposal: { id, body: { kind: "change", change: choice.change } } };
    }
    case "proposeResponse":
      return { kind, id: requestId(index, isYes ? "a" : "b"), outcome: "dropped", reason: "" };
    case "readIndexRequest":
      return { kind, id: requestId(index, isYes ? from : "c") };
    case "readIndexResponse":
      return { kind, id: requestId(index, "a"), index: isYes ? other : undefined };
  }
}

function entriesAfter(
  choices: readonly EntryChoice[],
  prevLogIndex: number,
  prevLogTerm: number,
): readonly Entry[] {
  let [index, term] = [prevLogIndex, prevLogTerm];
  return choices.map(({ indexSkew, termStep, body, membership: members }): Entry => {
    index += 1 + indexSkew;
    term += termStep;
    switch (body) {
      case "noop":
        return { index, term, body: { kind: "noop" } };
      case "command":
        return entryOf(index, term);
      case "membership":
        return { index, term, body: { kind: body, id: requestId(1), membership: members } };
      case "unreadable":
        return { index, term, body: { kind: body, code: 9, bytes: new Uint8Array(3) } };
    }
  });
}

/** Commands that came together, which a peer may have numbered, and addressed, as it likes. */
function forwardedBy(
  peer: NodeId,
  choice: MessageChoice,
  member: LoneMember,
  sequence: number,
): readonly ForwardedCommand[] {
  const { clusterId, version, to } = choice;
  return choice.entries.map(({ indexSkew }, place) => {
    const id = requestId(10 * sequence + place + indexSkew, choice.isYes ? peer : "c");
    const proposal = { id, body: { kind: "command", data: new Uint8Array(60) } } as const;
    const body = { kind: "proposeRequest", proposal } as const;
    // Some of them are of another term than the others.
    const term = place === 1 ? termOf(choice, member) : member.status.term;
    return { ...member.messageFrom(peer, body, term), ...body, clusterId, version, to };
  });
}

/** An input as a host that keeps to its side of the contract may give it. */
export function hostInput(
  what: Input["kind"],
  choice: MessageChoice,
  member: LoneMember,
  sequence: number,
): Input | undefined {
  const { appliedIndex, snapshotIndex, lastIndex } = member.status;
  const id = requestId(sequence);
  const peer = senderOf(choice, member);
  switch (what) {
    case "propose":
      return { kind: what, commands: [{ id, data: new Uint8Array(choice.entries.length * 40) }] };
    case "forwarded":
      return { kind: what, messages: forwardedBy(peer, choice, member, sequence) };
    case "changeMembership":
      return { kind: what, id, change: choice.change };
    case "readIndex":
      return { kind: what, id };
    case "transferLeadership":
      return { kind: what, to: choice.isYes ? peer : "a" };
    case "unreachable":
      return { kind: what, peer };
    case "snapshotTaken":
      return { kind: what, index: appliedIndex, data: new Uint8Array(4) };
    case "snapshotResult":
      return { kind: what, to: peer, index: snapshotIndex, ok: choice.isYes };
    case "space":
      return { kind: what, isLow: choice.isYes };
    case "compact":
      return { kind: what, throughIndex: Math.min(resolve(choice.index, member) || 0, lastIndex) };
    case "tick":
    case "message":
    case "stored":
    case "applied":
      return undefined;
  }
}
