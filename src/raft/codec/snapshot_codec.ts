/**
 * Snapshots as bytes, for a file or a stream of their own. The state comes last, so that its bytes are
 * copied once. Whether they match the checksum is not looked at here (`isSnapshotIntact`).
 */
import { RAFT_FORMAT_VERSION } from "../message.ts";
import type { Snapshot } from "../snapshot.ts";
import { decodeWith, type ByteReader, type DecodeResult } from "./byte_reader.ts";
import { encodeWith, type ByteWriter } from "./byte_writer.ts";
import { readFormatVersion } from "./format_version.ts";
import { readMembership, writeMembership } from "./membership_codec.ts";

/** A snapshot by itself, its format version first. */
export function encodeSnapshot(snapshot: Snapshot): Uint8Array {
  return encodeWith((writer) => {
    writer.varint(RAFT_FORMAT_VERSION);
    writeSnapshot(writer, snapshot);
  });
}

/** Reads what `encodeSnapshot` wrote. `data` is a view of `bytes`. */
export function decodeSnapshot(bytes: Uint8Array): DecodeResult<Snapshot> {
  return decodeWith(bytes, (reader) => {
    readFormatVersion(reader);
    return readSnapshot(reader);
  });
}

/** Has to be the last that is written. */
export function writeSnapshot(writer: ByteWriter, snapshot: Snapshot): void {
  writer.varint(snapshot.index);
  writer.varint(snapshot.term);
  writeMembership(writer, snapshot.membership);
  writer.uint32(snapshot.checksum);
  writer.varint(snapshot.data.length);
  writer.last(snapshot.data);
}

export function readSnapshot(reader: ByteReader): Snapshot {
  const index = reader.varint();
  const term = reader.varint();
  const membership = readMembership(reader);
  return { index, term, membership, checksum: reader.uint32(), data: reader.bytes() };
}
