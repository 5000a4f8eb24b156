/** Encoded messages that wait for one peer, in order and within a bound on their bytes. */
import { BATCHED_OVERHEAD_BYTES } from "./message_batch.ts";

export class SendQueue {
  readonly #maxBytes: number;
  #messages: Uint8Array[] = [];
  /** Of #messages, with what each takes beside its own. */
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get isEmpty(): boolean {
    return this.#messages.length === 0;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** False: it does not fit. An empty queue takes any message. */
  add(message: Uint8Array): boolean {
    const added = message.length + BATCHED_OVERHEAD_BYTES;
    if (!this.isEmpty && this.#bytes + added > this.#maxBytes) return false;
    this.#messages.push(message);
    this.#bytes += added;
    return true;
  }

  /** The first messages, up to so many bytes of them, and at least one if there is one. */
  take(batchBytes: number): Uint8Array[] {
    let bytes = 0;
    const end = this.#messages.findIndex(({ length }) => {
      bytes += length + BATCHED_OVERHEAD_BYTES;
      return bytes > batchBytes;
    });
    const taken = this.#messages.splice(0, end === -1 ? Infinity : Math.max(end, 1));
    for (const { length } of taken) this.#bytes -= length + BATCHED_OVERHEAD_BYTES;
    return taken;
  }

  /** Empties it. How many messages were in it. */
  clear(): number {
    const { length } = this.#messages;
    this.#messages = [];
    this.#bytes = 0;
    return length;
  }
}
