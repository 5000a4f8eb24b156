/**
 * What members could say and keep, for property tests: fast-check arbitraries of messages, entries,
 * memberships and snapshots. All have the right shape, and numbers and texts over their whole range,
 * with the plain ones most often; whether they make sense to a member is left to chance. Byte fields
 * and numbers shrink, so that a counterexample is short.
 */
import * as fc from "fast-check";
import type { Entry, EntryBody, NodeId, RequestId } from "./entry.ts";
import type { Member, Membership, MembershipChange } from "./membership.ts";
import {
  RAFT_FORMAT_VERSION,
  type Message,
  type MessageBody,
  type MessageKind,
  type Proposal,
} from "./message.ts";
import { createSnapshot, type Snapshot } from "./snapshot.ts";

/** A term, an index or a round. Small ones often, and those around each power of two. */
export const arbitraryNumber: fc.Arbitrary<number> = fc.oneof(
  { weight: 4, arbitrary: fc.nat({ max: 300 }) },
  { weight: 1, arbitrary: fc.maxSafeNat() },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.nat({ max: 53 }), fc.integer({ min: -1, max: 1 }))
      .map(([power, off]) => Math.min(Math.max(2 ** power + off, 0), Number.MAX_SAFE_INTEGER)),
  },
);

/** Text that can be written as UTF-8, at most 4 * 40 bytes of it. */
const arbitraryText: fc.Arbitrary<string> = fc
  .string({ unit: fc.oneof(fc.string({ maxLength: 1 }), fc.string({ unit: "binary" })) })
  .map((text) => text.slice(0, 40).toWellFormed());

export const arbitraryBytes: fc.Arbitrary<Uint8Array> = fc.uint8Array({ maxLength: 200 });

export const arbitraryNodeId: fc.Arbitrary<NodeId> = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom("a", "b", "c", "d", "e") },
  { weight: 1, arbitrary: fc.stringMatching(/^[A-Za-z0-9._-]{1,64}$/) },
);

export const arbitraryRequestId: fc.Arbitrary<RequestId> = fc.record({
  node: arbitraryNodeId,
  incarnation: arbitraryNumber,
  sequence: arbitraryNumber,
});

const arbitraryMember: fc.Arbitrary<Member> = fc.record({
  id: arbitraryNodeId,
  address: arbitraryText,
});

/** In order and each member once, as a membership has to be. May be empty. */
export const arbitraryMembership: fc.Arbitrary<Membership> = fc
  .uniqueArray(fc.tuple(arbitraryMember, fc.boolean()), {
    selector: ([{ id }]) => id,
    maxLength: 9,
  })
  .chain((members) => fc.tuple(fc.constant(members), fc.array(arbitraryNodeId, { maxLength: 3 })))
  .map(([members, removed]) => {
    const sorted = members.toSorted(([left], [right]) => (left.id < right.id ? -1 : 1));
    return {
      ...(removed.length > 0 && { removed }),
      voters: sorted.filter(([, isVoter]) => isVoter).map(([member]) => member),
      learners: sorted.filter(([, isVoter]) => !isVoter).map(([member]) => member),
    };
  });

const arbitraryChange: fc.Arbitrary<MembershipChange> = fc.oneof(
  fc.record({ kind: fc.constantFrom("addLearner", "move"), member: arbitraryMember }),
  fc.record({ kind: fc.constantFrom("promote", "remove"), id: arbitraryNodeId }),
);

/** The codes of this version's kinds are 1, 2 and 3: others are a later version's. */
const arbitraryUnknownCode = arbitraryNumber.filter((code) => code < 1 || code > 3);

export const arbitraryEntryBody: fc.Arbitrary<EntryBody> = fc.oneof(
  fc.record({ kind: fc.constant("noop") }),
  fc.record({ kind: fc.constant("command"), id: arbitraryRequestId, data: arbitraryBytes }),
  fc.record({
    kind: fc.constant("membership"),
    id: arbitraryRequestId,
    membership: arbitraryMembership,
  }),
  fc.record({
    kind: fc.constant("unreadable"),
    code: arbitraryUnknownCode,
    bytes: arbitraryBytes,
  }),
);

export const arbitraryEntry: fc.Arbitrary<Entry> = fc.record({
  index: arbitraryNumber,
  term: arbitraryNumber,
  body: arbitraryEntryBody,
});

/** Mostly intact. */
export const arbitrarySnapshot: fc.Arbitrary<Snapshot> = fc
  .tuple(
    arbitraryNumber,
    arbitraryNumber,
    arbitraryMembership,
    arbitraryBytes,
    fc.option(fc.nat({ max: 2 ** 32 - 1 }), { freq: 3 }),
  )
  .map(([index, term, membership, data, checksum]) => {
    const snapshot = createSnapshot(index, term, membership, data);
    return checksum === null ? snapshot : { ...snapshot, checksum };
  });

const arbitraryProposal: fc.Arbitrary<Proposal> = fc.record({
  id: arbitraryRequestId,
  body: fc.oneof(
    fc.record({ kind: fc.constant("command"), data: arbitraryBytes }),
    fc.record({ kind: fc.constant("change"), change: arbitraryChange }),
  ),
});

/** Every kind, so that a new one cannot be forgotten here. */
const BODIES: { readonly [Kind in MessageKind]: fc.Arbitrary<MessageBody & { kind: Kind }> } = {
  preVoteRequest: fc.record({
    kind: fc.constant("preVoteRequest"),
    lastLogIndex: arbitraryNumber,
    lastLogTerm: arbitraryNumber,
  }),
  preVoteResponse: fc.record({ kind: fc.constant("preVoteResponse"), isGranted: fc.boolean() }),
  voteRequest: fc.record({
    kind: fc.constant("voteRequest"),
    lastLogIndex: arbitraryNumber,
    lastLogTerm: arbitraryNumber,
    isTransfer: fc.boolean(),
  }),
  voteResponse: fc.record({ kind: fc.constant("voteResponse"), isGranted: fc.boolean() }),
  appendRequest: fc.record({
    kind: fc.constant("appendRequest"),
    prevLogIndex: arbitraryNumber,
    prevLogTerm: arbitraryNumber,
    entries: fc.array(arbitraryEntry, { maxLength: 5 }),
    leaderCommit: arbitraryNumber,
  }),
  appendResponse: fc.record({
    kind: fc.constant("appendResponse"),
    result: fc.oneof(
      fc.record({ ok: fc.constant(true), matchIndex: arbitraryNumber }),
      fc.record({
        ok: fc.constant(false),
        rejectedIndex: arbitraryNumber,
        hintIndex: arbitraryNumber,
        hintTerm: arbitraryNumber,
      }),
    ),
  }),
  heartbeatRequest: fc.record({
    kind: fc.constant("heartbeatRequest"),
    leaderCommit: arbitraryNumber,
    round: arbitraryNumber,
  }),
  heartbeatResponse: fc.record({ kind: fc.constant("heartbeatResponse"), round: arbitraryNumber }),
  installSnapshot: fc.record({
    kind: fc.constant("installSnapshot"),
    snapshot: arbitrarySnapshot,
  }),
  timeoutNow: fc.record({ kind: fc.constant("timeoutNow") }),
  proposeRequest: fc.record({ kind: fc.constant("proposeRequest"), proposal: arbitraryProposal }),
  proposeResponse: fc.record({
    kind: fc.constant("proposeResponse"),
    id: arbitraryRequestId,
    outcome: fc.constantFrom("dropped", "unknown"),
    reason: arbitraryText,
  }),
  readIndexRequest: fc.record({ kind: fc.constant("readIndexRequest"), id: arbitraryRequestId }),
  readIndexResponse: fc.record({
    kind: fc.constant("readIndexResponse"),
    id: arbitraryRequestId,
    index: fc.option(arbitraryNumber, { nil: undefined }),
  }),
};

/** Messages of these bodies, from and to anyone. */
function inEnvelope(body: fc.Arbitrary<MessageBody>): fc.Arbitrary<Message> {
  const envelope = fc.record({
    clusterId: arbitraryText,
    version: fc.constant(RAFT_FORMAT_VERSION),
    from: arbitraryNodeId,
    to: arbitraryNodeId,
    term: arbitraryNumber,
  });
  return fc.tuple(envelope, body).map(([head, rest]) => ({ ...head, ...rest }));
}

export const arbitraryMessage: fc.Arbitrary<Message> = inEnvelope(
  fc.oneof(...Object.values<fc.Arbitrary<MessageBody>>(BODIES)),
);

export function arbitraryMessageOf(kind: MessageKind): fc.Arbitrary<Message> {
  return inEnvelope(BODIES[kind]);
}
