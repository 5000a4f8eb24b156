/**
 * Log entries as bytes. An entry's body begins with a code for its kind, and its length is known from
 * outside; so a member that meets a kind from a later version keeps the bytes as they are
 * (`unreadable`), stores them, and sends them on unchanged to members that may be able to read them.
 * A kind that is known and malformed, on the other hand, is damage, and an error.
 */
import type { Entry, EntryBody, RequestId } from "../entry.ts";
import { decodeWith, type ByteReader, type DecodeResult } from "./byte_reader.ts";
import { encodeWith, type ByteWriter } from "./byte_writer.ts";
import { readMembership, writeMembership } from "./membership_codec.ts";

/** Never to be given another meaning. Codes up to 2^53-1 may come to be used by later versions. */
const BODY_CODES = { noop: 1, command: 2, membership: 3 } as const;
const KNOWN_CODES: ReadonlySet<number> = new Set(Object.values(BODY_CODES));

/** Index and term of one byte each, four of the body's length, one of its kind. */
export const MIN_ENTRY_BYTES = 7;

/** One entry, without a version: for inside of something that has one. */
export function encodeEntry(entry: Entry): Uint8Array {
  return encodeWith((writer) => writeEntry(writer, entry));
}

/** Reads what `encodeEntry` wrote. Byte fields are views of `bytes`. */
export function decodeEntry(bytes: Uint8Array): DecodeResult<Entry> {
  return decodeWith(bytes, readEntry);
}

/**
 * An entry's body, for a storage that keeps index and term by themselves. It needs no version: what a
 * later one adds has a code of its own. Throws RangeError for an `unreadable` body whose code is known.
 */
export function encodeEntryBody(body: EntryBody): Uint8Array {
  return encodeWith((writer) => {
    // Large commands are copied once.
    if (body.kind === "command") writer.last(writeCommandHead(writer, body));
    else writeEntryBody(writer, body);
  });
}

/** Reads what `encodeEntryBody` wrote; an unknown kind is `unreadable`. Byte fields are views. */
export function decodeEntryBody(bytes: Uint8Array): DecodeResult<EntryBody> {
  return decodeWith(bytes, (reader) => readEntryBody(reader, bytes.length));
}

export function writeEntry(writer: ByteWriter, { index, term, body }: Entry): void {
  writer.varint(index);
  writer.varint(term);
  writer.sized(() => writeEntryBody(writer, body));
}

export function readEntry(reader: ByteReader): Entry {
  const index = reader.varint();
  const term = reader.varint();
  return { index, term, body: reader.sized((end) => readEntryBody(reader, end)) };
}

export function writeRequestId(writer: ByteWriter, id: RequestId): void {
  writer.text(id.node);
  writer.varint(id.incarnation);
  writer.varint(id.sequence);
}

export function readRequestId(reader: ByteReader): RequestId {
  return { node: reader.text(), incarnation: reader.varint(), sequence: reader.varint() };
}

function writeEntryBody(writer: ByteWriter, body: EntryBody): void {
  switch (body.kind) {
    case "noop":
      writer.varint(BODY_CODES.noop);
      break;
    case "command":
      writer.raw(writeCommandHead(writer, body));
      break;
    case "membership":
      writer.varint(BODY_CODES.membership);
      writeRequestId(writer, body.id);
      writeMembership(writer, body.membership);
      break;
    case "unreadable":
      if (KNOWN_CODES.has(body.code)) {
        throw new RangeError(
          `Cannot encode an unreadable entry with code ${body.code}: it is known`,
        );
      }
      writer.varint(body.code);
      writer.raw(body.bytes);
      break;
  }
}

/** Writes all of a command but its data, which it gives back. */
function writeCommandHead(
  writer: ByteWriter,
  { id, data }: Extract<EntryBody, { kind: "command" }>,
): Uint8Array {
  writer.varint(BODY_CODES.command);
  writeRequestId(writer, id);
  return data;
}

/** Reads a body that ends at `end`. Who calls checks that it did not end before. */
function readEntryBody(reader: ByteReader, end: number): EntryBody {
  const code = reader.varint();
  switch (code) {
    case BODY_CODES.noop:
      return { kind: "noop" };
    case BODY_CODES.command:
      return { kind: "command", id: readRequestId(reader), data: reader.until(end) };
    case BODY_CODES.membership: {
      const id = readRequestId(reader);
      return { kind: "membership", id, membership: readMembership(reader) };
    }
    default:
      return { kind: "unreadable", code, bytes: reader.until(end) };
  }
}
