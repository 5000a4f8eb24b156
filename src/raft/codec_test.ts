/**
 * The codec as a whole: what is written is read back, what is read is written back, nothing throws
 * whatever the bytes, and the bytes of one value of each kind are in `codec/testdata/golden.txt`, so that a
 * change of the format is a change that people see. UPDATE_GOLDEN=1 writes them anew.
 */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  arbitraryBytes,
  arbitraryEntry,
  arbitraryEntryBody,
  arbitraryMembership,
  arbitraryMessage,
  arbitraryMessageOf,
  arbitrarySnapshot,
} from "./_test_arbitrary.ts";
import { expectGolden } from "./_test_golden.ts";
import type { DecodeResult } from "./codec/byte_reader.ts";
import { decodeEntry, decodeEntryBody, encodeEntry, encodeEntryBody } from "./codec/entry_codec.ts";
import { decodeMembership, encodeMembership } from "./codec/membership_codec.ts";
import { decodeMessage, encodeMessage } from "./codec/message_codec.ts";
import { decodeSnapshot, encodeSnapshot } from "./codec/snapshot_codec.ts";
import type { EntryBody } from "./entry.ts";
import type { Membership } from "./membership.ts";
import { RAFT_FORMAT_VERSION, type Message, type MessageBody } from "./message.ts";
import type { MessageKind } from "./message.ts";
import { createSnapshot } from "./snapshot.ts";

const ascii = (text: string) => new TextEncoder().encode(text);
const id = { node: "monitor-1", incarnation: 3, sequence: 300 };
const membership: Membership = {
  voters: [
    { id: "monitor-1", address: "10.1.0.1:7000" },
    { id: "monitor-2", address: "10.1.0.2:7000" },
  ],
  learners: [{ id: "monitor-3", address: "[fd00::3]:7000" }],
};
const snapshot = createSnapshot(1000, 6, membership, ascii("state"));

const BODIES: Readonly<Record<string, EntryBody>> = {
  noop: { kind: "noop" },
  command: { kind: "command", id, data: ascii("put") },
  membership: { kind: "membership", id, membership },
  unreadable: { kind: "unreadable", code: 200, bytes: ascii("later") },
};
const entries = Object.values(BODIES).map((body, place) => ({
  index: 1001 + place,
  term: 7,
  body,
}));

type BodyOf<Kind extends MessageKind> = Extract<MessageBody, { kind: Kind }>;
const MESSAGES: { readonly [Kind in MessageKind]: readonly BodyOf<Kind>[] } = {
  preVoteRequest: [{ kind: "preVoteRequest", lastLogIndex: 1000, lastLogTerm: 6 }],
  preVoteResponse: [{ kind: "preVoteResponse", isGranted: true }],
  voteRequest: [{ kind: "voteRequest", lastLogIndex: 1000, lastLogTerm: 6, isTransfer: true }],
  voteResponse: [{ kind: "voteResponse", isGranted: false }],
  appendRequest: [
    { kind: "appendRequest", prevLogIndex: 1000, prevLogTerm: 6, entries, leaderCommit: 999 },
  ],
  appendResponse: [
    { kind: "appendResponse", result: { ok: true, matchIndex: 1004 } },
    {
      kind: "appendResponse",
      result: { ok: false, rejectedIndex: 1000, hintIndex: 900, hintTerm: 5 },
    },
  ],
  heartbeatRequest: [{ kind: "heartbeatRequest", leaderCommit: 1004, round: 2 ** 40 }],
  heartbeatResponse: [{ kind: "heartbeatResponse", round: 2 ** 40 }],
  installSnapshot: [{ kind: "installSnapshot", snapshot }],
  timeoutNow: [{ kind: "timeoutNow" }],
  proposeRequest: [
    { kind: "proposeRequest", proposal: { id, body: { kind: "command", data: ascii("put") } } },
    ...(["promote", "remove"] as const).map((kind): BodyOf<"proposeRequest"> => {
      const change = { kind, id: "monitor-3" };
      return { kind: "proposeRequest", proposal: { id, body: { kind: "change", change } } };
    }),
    {
      kind: "proposeRequest",
      proposal: {
        id,
        body: {
          kind: "change",
          change: { kind: "addLearner", member: { id: "monitor-4", address: "10.1.0.4:7000" } },
        },
      },
    },
  ],
  proposeResponse: [
    { kind: "proposeResponse", id, outcome: "dropped", reason: "not the leader" },
    { kind: "proposeResponse", id, outcome: "unknown", reason: "" },
  ],
  readIndexRequest: [{ kind: "readIndexRequest", id }],
  readIndexResponse: [
    { kind: "readIndexResponse", id, index: 1004 },
    { kind: "readIndexResponse", id, index: undefined },
  ],
};

function inEnvelope(body: MessageBody): Message {
  const version = RAFT_FORMAT_VERSION;
  return { clusterId: "phi", version, from: "monitor-1", to: "monitor-2", term: 7, ...body };
}

/** Every pair of the codec's face, with values to try it on. */
interface Pair {
  readonly name: string;
  /** Encodes an arbitrary value, decodes it, encodes that: [value, decoded, bytes, bytes again]. */
  readonly roundTrip: fc.Arbitrary<readonly [unknown, unknown, Uint8Array, Uint8Array]>;
  /** Undefined if the bytes are refused, or what they are written back as. */
  readonly rewrite: (bytes: Uint8Array) => Uint8Array | undefined;
}

function pair<Value>(
  name: string,
  values: fc.Arbitrary<Value>,
  encode: (value: Value) => Uint8Array,
  decode: (bytes: Uint8Array) => DecodeResult<Value>,
): Pair {
  const roundTrip = values.map((value) => {
    const bytes = encode(value);
    const decoded = decode(bytes);
    if (!decoded.ok) throw new Error(decoded.detail);
    return [value, decoded.value, bytes, encode(decoded.value)] as const;
  });
  const rewrite = (bytes: Uint8Array) => {
    const decoded = decode(bytes);
    if (decoded.ok) return encode(decoded.value);
    expect(decoded.detail).not.toBe("");
    return undefined;
  };
  return { name, roundTrip, rewrite };
}

const PAIRS = [
  pair("message", arbitraryMessage, encodeMessage, decodeMessage),
  pair("entry", arbitraryEntry, encodeEntry, decodeEntry),
  pair("entry body", arbitraryEntryBody, encodeEntryBody, decodeEntryBody),
  pair("membership", arbitraryMembership, encodeMembership, decodeMembership),
  pair("snapshot", arbitrarySnapshot, encodeSnapshot, decodeSnapshot),
];

describe.each(PAIRS)("the bytes of a $name", ({ roundTrip, rewrite }) => {
  test("decode to what was encoded, and encode to the same bytes again", () => {
    fc.assert(
      fc.property(roundTrip, ([value, decoded, bytes, again]) => {
        expect(decoded).toEqual(value);
        expect(again).toEqual(bytes);
      }),
      { numRuns: 500 },
    );
  });

  test("never throw, whatever they are, and have no second spelling", () => {
    // With the version in front, or most would be refused at the first byte.
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 100 }),
      fc.uint8Array({ maxLength: 100 }).map((bytes) => Uint8Array.from([1, ...bytes])),
    );
    fc.assert(
      fc.property(anything, (bytes) => {
        expect(rewrite(bytes) ?? bytes).toEqual(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  test("never throw when one is changed, and what is accepted has no second spelling", () => {
    const damage = fc.tuple(roundTrip, fc.nat(), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(damage, ([[, , bytes], place, flips]) => {
        const damaged = bytes.slice();
        if (damaged.length > 0) damaged[place % damaged.length]! ^= flips;
        expect(rewrite(damaged) ?? damaged).toEqual(damaged);
      }),
      { numRuns: 2000 },
    );
  });

  test("never throw when they end early or go on", () => {
    fc.assert(
      fc.property(roundTrip, arbitraryBytes, ([, , bytes], more) => {
        for (let length = 0; length < bytes.length; length++) {
          const cut = bytes.subarray(0, length);
          expect(rewrite(cut) ?? cut).toEqual(cut);
        }
        const longer = Uint8Array.from([...bytes, ...more]);
        expect(rewrite(longer) ?? longer).toEqual(longer);
      }),
      { numRuns: 100 },
    );
  });
});

describe("decodeMessage()", () => {
  test.each(Object.keys(MESSAGES) as MessageKind[])("gives back any %s", (kind) => {
    fc.assert(
      fc.property(arbitraryMessageOf(kind), (message) => {
        expect(decodeMessage(encodeMessage(message))).toEqual({ ok: true, value: message });
      }),
    );
  });

  test("refuses every part of a message that has been cut, and a byte too many", () => {
    for (const body of Object.values(MESSAGES).flat()) {
      const bytes = encodeMessage(inEnvelope(body));
      for (let length = 0; length < bytes.length; length++) {
        expect(decodeMessage(bytes.subarray(0, length)).ok).toBe(false);
      }
      const longer = decodeMessage(Uint8Array.from([...bytes, 0]));
      expect(longer).toMatchObject({ ok: false, detail: expect.stringContaining("more bytes") });
    }
  });

  test("names both versions of a message from another one, whatever follows", () => {
    const bytes = Uint8Array.from([RAFT_FORMAT_VERSION + 1, 0xff, 0xff]);
    const detail = expect.stringMatching(/version 2, and only 1 /);
    for (const decode of [decodeMessage, decodeMembership, decodeSnapshot]) {
      expect(decode(bytes)).toMatchObject({ ok: false, detail });
    }
  });

  test("makes no room for entries that cannot be there", () => {
    const [body] = MESSAGES.appendRequest;
    const bytes = encodeMessage(inEnvelope({ ...body!, entries: [] }));
    // 2^53-1 in the place of the count, which is last.
    const hostile = Uint8Array.from([...bytes.slice(0, -1), ...Array(7).fill(0xff), 0x0f]);
    expect(decodeMessage(hostile)).toMatchObject({ ok: false });
  });
});

describe("encodeMessage()", () => {
  test("cuts a reason that is too long, for people read it", () => {
    const [body] = MESSAGES.proposeResponse;
    const decoded = decodeMessage(
      encodeMessage(inEnvelope({ ...body!, reason: "a".repeat(1000) })),
    );
    expect(decoded).toMatchObject({ ok: true, value: { reason: "a".repeat(512) } });
  });

  test("throws for what no peer could read", () => {
    const message = inEnvelope({ kind: "timeoutNow" });
    expect(() => encodeMessage({ ...message, version: 2 })).toThrow(/version 2/);
    expect(() => encodeMessage({ ...message, term: -1 })).toThrow(RangeError);
    expect(() => encodeMessage({ ...message, to: "x".repeat(1000) })).toThrow(RangeError);
  });
});

describe("decodeEntryBody()", () => {
  test("keeps a kind of a later version as it is, and writes it back the same", () => {
    const bytes = Uint8Array.from([77, 1, 2, 3]);
    const decoded = decodeEntryBody(bytes);
    const body: EntryBody = { kind: "unreadable", code: 77, bytes: bytes.subarray(1) };
    expect(decoded).toEqual({ ok: true, value: body });
    expect(encodeEntryBody(body)).toEqual(bytes);
  });

  test("refuses a known kind that is malformed", () => {
    const bytes = encodeEntryBody(BODIES["membership"]!);
    expect(decodeEntryBody(bytes.subarray(0, -1)).ok).toBe(false);
    expect(decodeEntryBody(Uint8Array.from([1, 0])).ok).toBe(false);
    expect(decodeEntryBody(new Uint8Array()).ok).toBe(false);
  });

  test("is never given a known kind in the disguise of an unknown one", () => {
    const body: EntryBody = { kind: "unreadable", code: 1, bytes: new Uint8Array() };
    expect(() => encodeEntryBody(body)).toThrow(RangeError);
  });
});

test("the format of this version is that of codec/testdata/golden.txt", () => {
  const named: [string, Uint8Array][] = [
    ...Object.values(MESSAGES)
      .flat()
      .map((body): [string, Uint8Array] => [body.kind, encodeMessage(inEnvelope(body))]),
    ...Object.values(BODIES).map((body): [string, Uint8Array] => [
      `entry body: ${body.kind}`,
      encodeEntryBody(body),
    ]),
    ["entry", encodeEntry(entries[1]!)],
    ["membership", encodeMembership(membership)],
    ["snapshot", encodeSnapshot(snapshot)],
  ];
  expectGolden("codec/testdata/golden.txt", named);
});
