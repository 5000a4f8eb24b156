/** The version that stands before whatever travels or rests by itself. */
import { RAFT_FORMAT_VERSION } from "../message.ts";
import type { ByteReader } from "./byte_reader.ts";

/** Refuses all versions but this one's. Nothing that follows can be read before that is known. */
export function readFormatVersion(reader: ByteReader): number {
  const version = reader.varint();
  if (version !== RAFT_FORMAT_VERSION) {
    reader.malformed(
      `it is of Raft format version ${version}, and only ${RAFT_FORMAT_VERSION} can be read here`,
    );
  }
  return version;
}
