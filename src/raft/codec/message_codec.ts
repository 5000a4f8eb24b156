/**
 * Messages as bytes: the format version, the cluster, the kind, from, to, term, and then the kind's
 * own fields. The version is first, so that a member says of any other version's message what is
 * wrong with it; the rest of a version's layout never changes. Only the shape is checked here: that
 * the values make sense is for `check_message.ts`.
 */
import { RAFT_FORMAT_VERSION, type Message } from "../message.ts";
import { decodeWith, type DecodeResult } from "./byte_reader.ts";
import { encodeWith } from "./byte_writer.ts";
import { readFormatVersion } from "./format_version.ts";
import { bodyCodecOf, bodyCodecOfCode } from "./message_body_codec.ts";

/**
 * The bytes of a message; the same for the same message. A `reason` is cut at `MAX_TEXT_BYTES`. Throws
 * RangeError for a message that no peer could read: of another version, with a text too long, or with
 * a number that is not whole, negative, or over 2^53-1.
 */
export function encodeMessage(message: Message): Uint8Array {
  if (message.version !== RAFT_FORMAT_VERSION) {
    throw new RangeError(
      `Cannot encode a message of Raft format version ${message.version}: ` +
        `only ${RAFT_FORMAT_VERSION} can be written here`,
    );
  }
  const codec = bodyCodecOf(message.kind);
  return encodeWith((writer) => {
    writer.varint(message.version);
    writer.text(message.clusterId);
    writer.varint(codec.code);
    writer.text(message.from);
    writer.text(message.to);
    writer.varint(message.term);
    codec.write(writer, message);
  });
}

/** Reads what `encodeMessage` wrote; a detail for any other bytes. Byte fields are views of `bytes`. */
export function decodeMessage(bytes: Uint8Array): DecodeResult<Message> {
  return decodeWith(bytes, (reader) => {
    const version = readFormatVersion(reader);
    const clusterId = reader.text();
    const code = reader.varint();
    const codec = bodyCodecOfCode(code);
    if (codec === undefined) return reader.malformed(`a message is of the unknown kind ${code}`);
    const from = reader.text();
    const to = reader.text();
    const term = reader.varint();
    return { clusterId, version, from, to, term, ...codec.read(reader) };
  });
}
