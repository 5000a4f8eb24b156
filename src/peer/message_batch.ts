/** Several Raft messages in one frame: each after its length in four bytes. */
import { FieldReader, uint32 } from "./fields.ts";

/** What a message takes in a batch beside its own bytes. */
export const BATCHED_OVERHEAD_BYTES = 4;

/** The parts of a frame's payload. */
export function batchParts(messages: readonly Uint8Array[]): readonly Uint8Array[] {
  return messages.flatMap((message) => [uint32(message.length), message]);
}

/** The messages as views of the payload; undefined for what is not a batch. */
export function splitBatch(payload: Uint8Array): readonly Uint8Array[] | undefined {
  const reader = new FieldReader(payload);
  const messages: Uint8Array[] = [];
  while (!reader.isAtEnd) {
    messages.push(reader.raw(reader.uint32()));
    if (reader.failed) return undefined;
  }
  return messages;
}
