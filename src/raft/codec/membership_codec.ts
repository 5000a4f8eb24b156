/**
 * Memberships as bytes, and the changes that a follower forwards. Only the shape is checked: whether
 * the ids are in order and name each member once is for whoever takes the value.
 */
import { RAFT_FORMAT_VERSION } from "../message.ts";
import type { Member, Membership, MembershipChange } from "../membership.ts";
import { decodeWith, type ByteReader, type DecodeResult } from "./byte_reader.ts";
import { encodeWith, type ByteWriter } from "./byte_writer.ts";
import { readFormatVersion } from "./format_version.ts";

/** An empty one. */
const MIN_ID_BYTES = 1;
/** An id and an address, each empty. */
const MIN_MEMBER_BYTES = 2;

/** Never to be given another meaning. */
const CHANGE_CODES = { addLearner: 1, promote: 2, remove: 3, move: 4 } as const;

/** A membership by itself, its format version first. */
export function encodeMembership(membership: Membership): Uint8Array {
  return encodeWith((writer) => {
    writer.varint(RAFT_FORMAT_VERSION);
    writeMembership(writer, membership);
  });
}

/** Reads what `encodeMembership` wrote. */
export function decodeMembership(bytes: Uint8Array): DecodeResult<Membership> {
  return decodeWith(bytes, (reader) => {
    readFormatVersion(reader);
    return readMembership(reader);
  });
}

export function writeMembership(writer: ByteWriter, membership: Membership): void {
  const { voters, learners, removed = [] } = membership;
  for (const members of [voters, learners]) {
    writer.varint(members.length);
    for (const member of members) writeMember(writer, member);
  }
  writer.varint(removed.length);
  for (const id of removed) writer.text(id);
}

export function readMembership(reader: ByteReader): Membership {
  const voters = reader.list(MIN_MEMBER_BYTES, () => readMember(reader));
  const learners = reader.list(MIN_MEMBER_BYTES, () => readMember(reader));
  const removed = reader.list(MIN_ID_BYTES, () => reader.text());
  return { voters, learners, ...(removed.length > 0 && { removed }) };
}

export function writeMembershipChange(writer: ByteWriter, change: MembershipChange): void {
  writer.varint(CHANGE_CODES[change.kind]);
  if ("member" in change) writeMember(writer, change.member);
  else writer.text(change.id);
}

export function readMembershipChange(reader: ByteReader): MembershipChange {
  const code = reader.varint();
  switch (code) {
    case CHANGE_CODES.addLearner:
      return { kind: "addLearner", member: readMember(reader) };
    case CHANGE_CODES.promote:
      return { kind: "promote", id: reader.text() };
    case CHANGE_CODES.remove:
      return { kind: "remove", id: reader.text() };
    case CHANGE_CODES.move:
      return { kind: "move", member: readMember(reader) };
    default:
      return reader.malformed(`a membership change is of the unknown kind ${code}`);
  }
}

function writeMember(writer: ByteWriter, { id, address }: Member): void {
  writer.text(id);
  writer.text(address);
}

function readMember(reader: ByteReader): Member {
  return { id: reader.text(), address: reader.text() };
}
