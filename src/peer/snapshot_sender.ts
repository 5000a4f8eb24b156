/**
 * Sends one snapshot over a connection of its own, a few chunks a turn of the event loop, no faster than
 * the peer takes them. It ends once, and always: by the peer's word that it has all of it, by a
 * connection that breaks, or by no progress for too long.
 */
import type { NodeId } from "../raft/mod.ts";
import type { Channel } from "./channel.ts";
import { dialPeer, type PeerContext } from "./dialler.ts";
import { uint64 } from "./fields.ts";
import type { Frame } from "./frame.ts";
import type { PeerCounts } from "./peer_stats.ts";

const CHUNK_BYTES = 64 * 1024;
/** Then others have their turn. */
const CHUNKS_A_TURN = 4;

export interface SnapshotSenderOptions {
  readonly peer: NodeId;
  /** `HOST:PORT`. */
  readonly address: string;
  /** An encoded `installSnapshot`. */
  readonly message: Uint8Array;
  readonly counts: PeerCounts;
  /** Once, never before the constructor has returned. Not after `abandon()`. */
  readonly onEnd: (ok: boolean) => void;
}

export class SnapshotSender {
  readonly peer: NodeId;
  readonly #context: PeerContext;
  readonly #options: SnapshotSenderOptions;
  readonly #channel: Channel | undefined;
  /** Of the message. */
  #sentBytes = 0;
  #hasEnded = false;
  #isPumpDue = false;
  /** Without progress, and how far that had been. */
  #stillMs = 0;
  #ackedBytes = 0;

  constructor(context: PeerContext, options: SnapshotSenderOptions) {
    this.peer = options.peer;
    this.#context = context;
    this.#options = options;
    const { peer, address, counts, message } = options;
    this.#channel = dialPeer(
      context,
      { peer, address, purpose: "snapshot", silenceMs: context.limits.snapshotSilenceMs },
      {
        onReady: () => {
          this.#channel!.peerTraffic = counts;
          this.#channel!.send("snapshot", [uint64(message.length)]);
          this.#pump();
        },
        onFrame: (frame) => this.#onFrame(frame),
        onDrain: () => this.#pump(),
        onClosed: ({ detail, wasReady }) => {
          counts.lastRefusal = detail;
          if (!wasReady) counts.handshakeFailures++;
          this.#finish(false);
        },
      },
    );
    if (this.#channel === undefined) queueMicrotask(() => this.#finish(false));
  }

  tick(elapsedMs: number): void {
    this.#channel?.tick(elapsedMs);
    const { ackedBytes, session } = this.#channel ?? { ackedBytes: 0, session: undefined };
    if (session === undefined || this.#hasEnded) return;
    this.#stillMs = ackedBytes === this.#ackedBytes ? this.#stillMs + elapsedMs : 0;
    this.#ackedBytes = ackedBytes;
    if (this.#stillMs <= this.#context.limits.snapshotSilenceMs) return;
    this.#options.counts.lastRefusal = "a snapshot made no progress";
    this.#finish(false);
  }

  /** Ends it as failed, without a word. */
  abandon(): void {
    this.#hasEnded = true;
    this.#channel?.destroy();
  }

  #onFrame({ kind }: Frame): void {
    if (kind === "received" && this.#sentBytes === this.#options.message.length) this.#finish(true);
  }

  #pump(): void {
    const { message } = this.#options;
    for (let count = 0; count < CHUNKS_A_TURN; count++) {
      const isReady = !this.#hasEnded && !this.#channel!.isBlocked;
      if (!isReady || this.#sentBytes === message.length) return;
      const end = Math.min(this.#sentBytes + CHUNK_BYTES, message.length);
      const chunk = message.subarray(this.#sentBytes, end);
      this.#sentBytes = end;
      this.#channel!.send("chunk", [chunk]);
    }
    void this.#pumpLater();
  }

  async #pumpLater(): Promise<void> {
    if (this.#isPumpDue) return;
    this.#isPumpDue = true;
    await this.#context.world.timers.yieldToLoop();
    this.#isPumpDue = false;
    this.#pump();
  }

  #finish(ok: boolean): void {
    if (this.#hasEnded) return;
    this.abandon();
    this.#options.onEnd(ok);
  }
}
