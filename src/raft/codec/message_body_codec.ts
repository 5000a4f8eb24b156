/**
 * For each kind of message, its code on the wire, how its own fields are written, and how they are
 * read: the two sides stand beside each other, to be compared by eye. The codes are never given
 * another meaning.
 */
import type { MessageBody, MessageKind, Proposal, Refusal } from "../message.ts";
import type { ByteReader } from "./byte_reader.ts";
import type { ByteWriter } from "./byte_writer.ts";
import {
  MIN_ENTRY_BYTES,
  readEntry,
  readRequestId,
  writeEntry,
  writeRequestId,
} from "./entry_codec.ts";
import { readMembershipChange, writeMembershipChange } from "./membership_codec.ts";
import { readSnapshot, writeSnapshot } from "./snapshot_codec.ts";

type BodyOf<Kind extends MessageKind> = Extract<MessageBody, { kind: Kind }>;

interface BodyCodec<Body> {
  readonly code: number;
  write(writer: ByteWriter, body: Body): void;
  read(reader: ByteReader): Body;
}

const BODY_CODECS: { readonly [Kind in MessageKind]: BodyCodec<BodyOf<Kind>> } = {
  preVoteRequest: {
    code: 1,
    write(writer, { lastLogIndex, lastLogTerm }) {
      writer.varint(lastLogIndex);
      writer.varint(lastLogTerm);
    },
    read: (reader) => ({
      kind: "preVoteRequest",
      lastLogIndex: reader.varint(),
      lastLogTerm: reader.varint(),
    }),
  },
  preVoteResponse: {
    code: 2,
    write: (writer, { isGranted }) => writer.flag(isGranted),
    read: (reader) => ({ kind: "preVoteResponse", isGranted: reader.flag() }),
  },
  voteRequest: {
    code: 3,
    write(writer, { lastLogIndex, lastLogTerm, isTransfer }) {
      writer.varint(lastLogIndex);
      writer.varint(lastLogTerm);
      writer.flag(isTransfer);
    },
    read: (reader) => ({
      kind: "voteRequest",
      lastLogIndex: reader.varint(),
      lastLogTerm: reader.varint(),
      isTransfer: reader.flag(),
    }),
  },
  voteResponse: {
    code: 4,
    write: (writer, { isGranted }) => writer.flag(isGranted),
    read: (reader) => ({ kind: "voteResponse", isGranted: reader.flag() }),
  },
  appendRequest: {
    code: 5,
    write(writer, { prevLogIndex, prevLogTerm, leaderCommit, entries }) {
      writer.varint(prevLogIndex);
      writer.varint(prevLogTerm);
      writer.varint(leaderCommit);
      writer.varint(entries.length);
      for (const entry of entries) writeEntry(writer, entry);
    },
    read(reader) {
      const prevLogIndex = reader.varint();
      const prevLogTerm = reader.varint();
      const leaderCommit = reader.varint();
      const entries = reader.list(MIN_ENTRY_BYTES, () => readEntry(reader));
      return { kind: "appendRequest", prevLogIndex, prevLogTerm, entries, leaderCommit };
    },
  },
  appendResponse: {
    code: 6,
    write(writer, { result }) {
      writer.flag(result.ok);
      if (result.ok) {
        writer.varint(result.matchIndex);
      } else {
        writer.varint(result.rejectedIndex);
        writer.varint(result.hintIndex);
        writer.varint(result.hintTerm);
      }
    },
    read(reader) {
      if (reader.flag()) {
        return { kind: "appendResponse", result: { ok: true, matchIndex: reader.varint() } };
      }
      const rejectedIndex = reader.varint();
      const hintIndex = reader.varint();
      const hintTerm = reader.varint();
      return { kind: "appendResponse", result: { ok: false, rejectedIndex, hintIndex, hintTerm } };
    },
  },
  heartbeatRequest: {
    code: 7,
    write(writer, { leaderCommit, round }) {
      writer.varint(leaderCommit);
      writer.varint(round);
    },
    read: (reader) => ({
      kind: "heartbeatRequest",
      leaderCommit: reader.varint(),
      round: reader.varint(),
    }),
  },
  heartbeatResponse: {
    code: 8,
    write: (writer, { round }) => writer.varint(round),
    read: (reader) => ({ kind: "heartbeatResponse", round: reader.varint() }),
  },
  installSnapshot: {
    code: 9,
    write: (writer, { snapshot }) => writeSnapshot(writer, snapshot),
    read: (reader) => ({ kind: "installSnapshot", snapshot: readSnapshot(reader) }),
  },
  timeoutNow: {
    code: 10,
    write: () => undefined,
    read: () => ({ kind: "timeoutNow" }),
  },
  proposeRequest: {
    code: 11,
    write: (writer, { proposal }) => writeProposal(writer, proposal),
    read: (reader) => ({ kind: "proposeRequest", proposal: readProposal(reader) }),
  },
  proposeResponse: {
    code: 12,
    write(writer, { id, outcome, reason }) {
      writeRequestId(writer, id);
      writer.varint(OUTCOME_CODES[outcome]);
      writer.cutText(reason);
    },
    read(reader) {
      const id = readRequestId(reader);
      return {
        kind: "proposeResponse",
        id,
        outcome: readOutcome(reader),
        reason: reader.text(),
      };
    },
  },
  readIndexRequest: {
    code: 13,
    write: (writer, { id }) => writeRequestId(writer, id),
    read: (reader) => ({ kind: "readIndexRequest", id: readRequestId(reader) }),
  },
  readIndexResponse: {
    code: 14,
    write(writer, { id, index }) {
      writeRequestId(writer, id);
      writer.flag(index !== undefined);
      if (index !== undefined) writer.varint(index);
    },
    read(reader) {
      const id = readRequestId(reader);
      return { kind: "readIndexResponse", id, index: reader.flag() ? reader.varint() : undefined };
    },
  },
};

const OUTCOME_CODES: Readonly<Record<Refusal, number>> = { dropped: 1, unknown: 2 };

const PROPOSAL_CODES = { command: 1, change: 2 } as const;

const BY_CODE: ReadonlyMap<number, BodyCodec<MessageBody>> = new Map(
  Object.values<BodyCodec<MessageBody>>(BODY_CODECS).map((codec) => [codec.code, codec]),
);

/** The codec of a kind. Give it only messages of that kind. */
export function bodyCodecOf(kind: MessageKind): BodyCodec<MessageBody> {
  return BODY_CODECS[kind];
}

/** The codec of the kind with this code; undefined if there is none. */
export function bodyCodecOfCode(code: number): BodyCodec<MessageBody> | undefined {
  return BY_CODE.get(code);
}

function readOutcome(reader: ByteReader): Refusal {
  const code = reader.varint();
  if (code === OUTCOME_CODES.dropped) return "dropped";
  if (code === OUTCOME_CODES.unknown) return "unknown";
  return reader.malformed(`an outcome is of the unknown kind ${code}`);
}

/** Has to be the last that is written. */
function writeProposal(writer: ByteWriter, { id, body }: Proposal): void {
  writeRequestId(writer, id);
  writer.varint(PROPOSAL_CODES[body.kind]);
  if (body.kind === "command") {
    writer.varint(body.data.length);
    writer.last(body.data);
  } else {
    writeMembershipChange(writer, body.change);
  }
}

function readProposal(reader: ByteReader): Proposal {
  const id = readRequestId(reader);
  const code = reader.varint();
  switch (code) {
    case PROPOSAL_CODES.command:
      return { id, body: { kind: "command", data: reader.bytes() } };
    case PROPOSAL_CODES.change:
      return { id, body: { kind: "change", change: readMembershipChange(reader) } };
    default:
      return reader.malformed(`a proposal is of the unknown kind ${code}`);
  }
}
