/**
 * Each fault that a message may have, by itself: what `faultOf` finds with no more than the message,
 * and what the core finds with its own log. That no message at all gets past them to an assertion is
 * `hostile_messages_test.ts`.
 */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { arbitraryMessage } from "./_test_arbitrary.ts";
import {
  bytes,
  entriesOf,
  entryOf,
  LoneMember,
  memberOf,
  membershipEntry,
  membershipWith,
  requestId,
  snapshotOf,
} from "./_test_core.ts";
import { faultOf } from "./check_message.ts";
import type { Entry } from "./entry.ts";
import { MAX_MEMBERS, MAX_REMOVED, type Membership } from "./membership.ts";
import type { Envelope, Message, MessageBody } from "./message.ts";

const LAST_NUMBER = 2 ** 48;
/** No place in a log, no term, no count. */
const NO_NUMBERS = [-1, 0.5, Number.NaN, Infinity, LAST_NUMBER + 1, 2 ** 60];

const envelope: Envelope = { clusterId: "test", version: 1, from: "b", to: "a", term: 5 };
const heartbeat: MessageBody = { kind: "heartbeatRequest", leaderCommit: 1, round: 1 };

function fault(body: MessageBody, head: Partial<Envelope> = {}): string | undefined {
  return faultOf({ ...envelope, ...head, ...body }, "test", "a");
}

/** The fault of a body with each of the numbers that are none in a field's place. */
function faultsWith(make: (value: number) => MessageBody): readonly (string | undefined)[] {
  return [...new Set(NO_NUMBERS.map((value) => fault(make(value))))];
}

const append = (entries: readonly Entry[], prevLogIndex = 1, prevLogTerm = 1): MessageBody => ({
  kind: "appendRequest",
  prevLogIndex,
  prevLogTerm,
  entries,
  leaderCommit: 1,
});

describe("faultOf(), any message", () => {
  test("of another version, cluster or receiver", () => {
    expect(fault(heartbeat)).toBeUndefined();
    expect(fault(heartbeat, { version: 2 })).toBe(
      "its format is version 2, and this member reads 1",
    );
    expect(fault(heartbeat, { clusterId: "other" })).toBe("it is of another cluster, other");
    expect(fault(heartbeat, { to: "c" })).toBe("it is for c");
  });

  test("from this member itself, or from nobody", () => {
    expect(fault(heartbeat, { from: "a" })).toBe("it claims to come from this member");
    for (const from of ["", "a b", "x".repeat(65), "é"]) {
      expect(fault(heartbeat, { from })).toBe("its sender's id is not one");
    }
  });

  test("of no term", () => {
    for (const term of [0, ...NO_NUMBERS]) {
      expect(fault(heartbeat, { term })).toBe("its term is out of range");
    }
    expect(fault(heartbeat, { term: LAST_NUMBER })).toBeUndefined();
  });
});

describe("faultOf(), elections", () => {
  const requests = [
    { kind: "preVoteRequest" },
    { kind: "voteRequest", isTransfer: false },
  ] as const;

  test("a log's end that is none, or of a term to come", () => {
    const reason = "its log's end is out of range";
    for (const request of requests) {
      expect(fault({ ...request, lastLogIndex: 0, lastLogTerm: 0 })).toBeUndefined();
      expect(fault({ ...request, lastLogIndex: 9, lastLogTerm: 5 })).toBeUndefined();
      expect(fault({ ...request, lastLogIndex: 9, lastLogTerm: 6 })).toBe(reason);
      const indexes = faultsWith((value) => ({ ...request, lastLogIndex: value, lastLogTerm: 1 }));
      const terms = faultsWith((value) => ({ ...request, lastLogIndex: 1, lastLogTerm: value }));
      expect([...indexes, ...terms]).toEqual([reason, reason]);
    }
  });

  test("answers and TimeoutNow have nothing to be wrong", () => {
    const bodies: MessageBody[] = [
      { kind: "preVoteResponse", isGranted: true },
      { kind: "voteResponse", isGranted: false },
      { kind: "timeoutNow" },
    ];
    for (const body of bodies) expect(fault(body)).toBeUndefined();
  });
});

describe("faultOf(), replication", () => {
  test("numbers that are none", () => {
    const reason = "its numbers are out of range";
    const requests = [
      faultsWith((prevLogIndex) => append([], prevLogIndex)),
      faultsWith((prevLogTerm) => append([], 1, prevLogTerm)),
      faultsWith((leaderCommit) => ({ ...append([]), leaderCommit }) as MessageBody),
      faultsWith((leaderCommit) => ({ kind: "heartbeatRequest", leaderCommit, round: 1 })),
      faultsWith((round) => ({ kind: "heartbeatRequest", leaderCommit: 1, round })),
    ];
    for (const faults of requests) expect(faults).toEqual([reason]);
    expect(faultsWith((round) => ({ kind: "heartbeatResponse", round }))).toEqual([
      "its round is out of range",
    ]);
  });

  test("entries that do not follow on each other, or on what is before them", () => {
    expect(fault(append(entriesOf([1, 2, 5])))).toBeUndefined();
    expect(fault(append([entryOf(3, 1)]))).toBe("its entry 3 does not follow on 1");
    expect(fault(append([entryOf(1, 1)]))).toBe("its entry 1 does not follow on 1");
    expect(fault(append([entryOf(2, 1), entryOf(2, 1)]))).toBe("its entry 2 does not follow on 2");
    expect(fault(append([entryOf(Number.NaN, 1)]))).toBe("its entry NaN does not follow on 1");
  });

  test("entries whose terms fall, are to come, or are none", () => {
    const reason = "the term of its entry 2 is out of range";
    expect(fault(append([entryOf(2, 2)], 1, 3))).toBe(reason);
    expect(fault(append([entryOf(2, 6)]))).toBe(reason);
    expect(fault(append([entryOf(2, 0)], 1, 0))).toBe(reason);
    for (const term of NO_NUMBERS) expect(fault(append([entryOf(2, term)]))).toBe(reason);
    expect(fault(append([entryOf(2, 3), entryOf(3, 2)]))).toBe(
      "the term of its entry 3 is out of range",
    );
  });

  test("an answer whose numbers are none, or whose hint is no step back", () => {
    const reason = "its numbers are out of range";
    const rejection = { ok: false, rejectedIndex: 4, hintIndex: 4, hintTerm: 1 } as const;
    const result = (change: object): MessageBody => ({
      kind: "appendResponse",
      result: { ...rejection, ...change },
    });
    expect(fault(result({}))).toBeUndefined();
    expect(fault(result({ hintIndex: 5 }))).toBe("its hint is not before it");
    const matches = faultsWith((matchIndex) => ({
      kind: "appendResponse",
      result: { ok: true, matchIndex },
    }));
    expect(matches).toEqual([reason]);
    for (const field of ["rejectedIndex", "hintIndex", "hintTerm"]) {
      expect(faultsWith((value) => result({ [field]: value }))).toEqual([reason]);
    }
  });
});

const membershipFaults = (membership: Membership) => [
  fault(append([membershipEntry(2, 2, membership)])),
  fault({ kind: "installSnapshot", snapshot: snapshotOf(4, 2, membership) }),
];

const bothAre = (membership: Membership, reason: string | undefined) =>
  expect(membershipFaults(membership)).toEqual([reason, reason]);

describe("faultOf(), memberships", () => {
  test("without a voter, with a member twice, or with an id that is none", () => {
    bothAre(membershipWith(["a", "b"], ["c"]), undefined);
    bothAre(membershipWith([], ["c"]), "its membership has no voter");
    bothAre(membershipWith(["a", "a"]), "its membership names a member twice");
    bothAre(membershipWith(["a", "b"], ["b"]), "its membership names a member twice");
    bothAre(membershipWith(["a", "b c"]), "its membership has an id that is not one");
    bothAre(membershipWith(["a"], [""]), "its membership has an id that is not one");
  });

  test("with more than MAX_MEMBERS members, voters and learners together", () => {
    const ids = Array.from({ length: MAX_MEMBERS + 1 }, (_, place) => `m${place}`);
    bothAre(membershipWith(ids.slice(1, 9), ids.slice(9)), undefined);
    const reason = `its membership has more than ${MAX_MEMBERS} members`;
    bothAre(membershipWith(ids.slice(0, 9), ids.slice(9)), reason);
  });

  test("with more than MAX_REMOVED who were removed, or with one who is still there", () => {
    const removed = Array.from({ length: MAX_REMOVED + 1 }, (_, place) => `gone${place}`);
    const among = membershipWith(["a", "b"]);
    bothAre({ ...among, removed: removed.slice(1) }, undefined);
    bothAre({ ...among, removed }, `it remembers more than ${MAX_REMOVED} removed members`);
    const isThere = "its membership has a member that was removed";
    bothAre({ ...among, removed: ["c", "b"] }, isThere);
    bothAre({ ...membershipWith(["a"], ["l"]), removed: ["l"] }, isThere);
  });

  test("what a leader takes into its log, its followers take into theirs", () => {
    // `changeMembership` in membership_test.ts is the other half.
    const longest = { id: "x".repeat(64), address: `${"y".repeat(253)}:65535` };
    bothAre({ voters: [memberOf("a")], learners: [longest] }, undefined);
  });
});

const faultAt = (index: number, term: number) =>
  fault({ kind: "installSnapshot", snapshot: snapshotOf(index, term) });

describe("faultOf(), snapshots", () => {
  test("a place that is none, or of a term to come", () => {
    const reason = "its snapshot's place is out of range";
    expect([faultAt(1, 1), faultAt(9, 5)]).toEqual([undefined, undefined]);
    expect([faultAt(0, 1), faultAt(1, 0), faultAt(9, 6)]).toEqual([reason, reason, reason]);
    for (const value of NO_NUMBERS)
      expect([faultAt(value, 1), faultAt(1, value)]).toEqual([reason, reason]);
  });

  test("bytes that do not match their checksum", () => {
    const snapshot = { ...snapshotOf(4, 2), data: bytes("state@5") };
    expect(fault({ kind: "installSnapshot", snapshot })).toBe(
      "its snapshot does not match its checksum",
    );
  });
});

describe("faultOf(), requests", () => {
  const command = { kind: "command", data: bytes("x") } as const;
  /** Of the sender, and answers to this member. */
  const bodiesOf = (sender: string, receiver: string, sequence = 1): readonly MessageBody[] => {
    const [asked, answered] = [requestId(sequence, sender), requestId(sequence, receiver)];
    return [
      { kind: "proposeRequest", proposal: { id: asked, body: command } },
      { kind: "readIndexRequest", id: asked },
      { kind: "proposeResponse", id: answered, outcome: "dropped", reason: "" },
      { kind: "readIndexResponse", id: answered, index: undefined },
    ];
  };

  test("that are somebody else's", () => {
    for (const body of bodiesOf("b", "a")) expect(fault(body)).toBeUndefined();
    for (const body of bodiesOf("c", "c"))
      expect(fault(body)).toBe("its request is somebody else's");
    for (const body of bodiesOf("a", "b"))
      expect(fault(body)).toBe("its request is somebody else's");
  });

  test("whose number is none", () => {
    for (const sequence of [0, ...NO_NUMBERS]) {
      for (const body of bodiesOf("b", "a", sequence)) {
        expect(fault(body)).toBe("its request's number is out of range");
      }
    }
    const id = requestId(1, "b", 0);
    expect(fault({ kind: "readIndexRequest", id })).toBe("its request's number is out of range");
  });

  test("an answer to a read with an index that is none", () => {
    const faults = faultsWith((index) => ({ kind: "readIndexResponse", id: requestId(1), index }));
    expect(faults).toEqual(["its index is out of range"]);
  });
});

test("faultOf() throws for no message of the right shape", () => {
  fc.assert(
    fc.property(arbitraryMessage, (message) => {
      const addressed: Message = { ...message, clusterId: "test", to: "a" };
      const found = faultOf(addressed, "test", "a");
      expect(found === undefined || found.length > 0).toBe(true);
    }),
    { numRuns: 500 },
  );
});

/** Why a member dropped a message; undefined if it did not. */
const droppedBy = (member: LoneMember, body: MessageBody, from = "b", term?: number) => {
  const before = [member.status, member.sent.length];
  const effects = member.receive(from, body, term ?? member.status.term);
  const dropped = effects.find(({ kind }) => kind === "dropped");
  // Nothing of it was believed, its term included.
  if (dropped !== undefined) expect([member.status, member.sent.length]).toEqual(before);
  return dropped?.kind === "dropped" && dropped.what === "message" ? dropped.reason : undefined;
};
const follower = (leader = "b") => {
  const member = new LoneMember({ terms: [1, 2], commit: 3, term: 4 });
  member.receive(leader, heartbeat);
  return member;
};

describe("what only the receiver can know:", () => {
  test("two leaders of one term", () => {
    const reason = "b leads that term";
    expect(droppedBy(follower(), heartbeat, "c")).toBe(reason);
    expect(droppedBy(follower(), append([], 3, 2), "c")).toBe(reason);
    const snapshot = snapshotOf(9, 4);
    expect(droppedBy(follower(), { kind: "installSnapshot", snapshot }, "c")).toBe(reason);
    expect(droppedBy(follower(), append([], 3, 2), "c", 5)).toBeUndefined();
    const leader = new LoneMember().lead();
    expect(droppedBy(leader, append([], 1, 1), "b")).toBe("a leads that term");
    expect(leader.status.role).toBe("leader");
  });

  test("a heartbeat that commits more than this member holds", () => {
    const body = { kind: "heartbeatRequest", leaderCommit: 4, round: 1 } as const;
    const reason = "it commits more than this member holds: was this member's data lost?";
    expect(droppedBy(follower(), body)).toBe(reason);
    expect(droppedBy(follower(), body, "c", 9)).toBe(reason);
    // An append may commit more than it brings: the rest will come.
    const later = { ...append([entryOf(4, 4)], 3, 2), leaderCommit: 99 } as MessageBody;
    const member = follower();
    expect(droppedBy(member, later)).toBeUndefined();
    expect(member.status.commitIndex).toBe(4);
  });

  test("an append that would replace a committed entry", () => {
    expect(droppedBy(follower(), append([entryOf(2, 2)]))).toBe(
      "it would replace the committed entry 2",
    );
    expect(droppedBy(follower(), append(entriesOf([1, 4])))).toBe(
      "it would replace the committed entry 3",
    );
    expect(droppedBy(follower(), append(entriesOf([1, 2, 4])))).toBeUndefined();
    // Of what was compacted the last one's term is known still.
    expect(droppedBy(follower(), append([entryOf(1, 2)], 0, 0))).toBe(
      "it would replace the committed entry 1",
    );
  });

  test("an acknowledgement of more than there is", () => {
    const leader = new LoneMember().lead();
    const result = { ok: true, matchIndex: 3 } as const;
    expect(droppedBy(leader, { kind: "appendResponse", result })).toBe(
      "it agrees to more than there is",
    );
    expect(leader.status.peers[0]?.matchIndex).toBe(0);
    // To one who does not lead it is no matter.
    expect(droppedBy(follower(), { kind: "appendResponse", result })).toBeUndefined();
  });

  test("what is of an earlier term is not looked into: nobody believes it anyway", () => {
    expect(droppedBy(follower(), append([entryOf(2, 2)]), "c", 3)).toBeUndefined();
  });

  test("a fault is told, with the message and the reason", () => {
    const member = new LoneMember();
    const message = member.messageFrom("b", heartbeat, 0);
    expect(member.step({ kind: "message", message })).toEqual([
      { kind: "dropped", what: "message", message, reason: "its term is out of range" },
    ]);
  });
});
