/** How members reach each other. Messages may be lost, doubled, late and out of order. */
import type { Message, MessageOf } from "./message.ts";

export interface Transport {
  /** Sends what it can; never throws, never waits. What is sent in a row may leave together. */
  send(message: Message): void;
  /** What was sent leaves now: who sent it turns to work that others need not wait for. */
  flush?(): void;
  /**
   * Sends a snapshot by a stream of its own, so that the log's traffic does not wait behind it.
   * `done` is called once, with whether the peer has all of it, never before this returns.
   */
  sendSnapshot(message: MessageOf<"installSnapshot">, done: (ok: boolean) => void): void;
}
