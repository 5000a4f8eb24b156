/** How members reach each other. Messages may be lost, doubled, late and out of order. */
import type { Message, MessageOf } from "./message.ts";

export interface Transport {
  /** Sends what it can; never throws, never waits. */
  send(message: Message): void;
  /**
   * Sends a snapshot by a stream of its own, so that the log's traffic does not wait behind it.
   * `done` is called once, with whether the peer has all of it, never before this returns.
   */
  sendSnapshot(message: MessageOf<"installSnapshot">, done: (ok: boolean) => void): void;
}
