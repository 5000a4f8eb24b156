/**
 * What one peer is sent: two queues, and a connection that is kept up as long as the peer is one. What is
 * sent within a turn of the event loop, up to a flush, or while the connection takes no more, leaves together.
 * A connection that breaks takes what waits with it: Raft says again whatever matters, and whoever exchanges
 * something else is told when it has to begin anew.
 */
import type { NodeId } from "../raft/mod.ts";
import { backOffMs } from "./back_off.ts";
import type { Channel, ChannelEnd } from "./channel.ts";
import { dialPeer, type PeerContext } from "./dialler.ts";
import type { Session } from "./handshake.ts";
import { batchParts } from "./message_batch.ts";
import type { PeerCounts } from "./peer_stats.ts";
import { SendQueue } from "./send_queue.ts";

/** What goes into one frame, if a single message is not larger. */
const BATCH_BYTES = 256 * 1024;

export interface LinkOptions {
  readonly peer: NodeId;
  /** `HOST:PORT`. */
  readonly address: string;
  readonly counts: PeerCounts;
  /** A dial failed, or the connection broke. */
  readonly onUnreachable: () => void;
  /** The peer, which has proved to be it, says that this monitor was removed from the cluster. */
  readonly onRemoved: () => void;
  /** What is exchanged from now on arrives in order; what was before may be lost, in part or all of it. */
  readonly onExchangeOpen: () => void;
}

export class Link {
  readonly address: string;
  readonly #context: PeerContext;
  readonly #options: LinkOptions;
  readonly #queue: SendQueue;
  #channel: Channel | undefined;
  #cancelRetry: (() => void) | undefined;
  /** Connections that ended since the last dial that did not fail. */
  #failures = 0;
  #hasDialFailed = false;
  #isFlushDue = false;
  #isClosed = false;
  readonly #exchanges: SendQueue;
  /** Something that was to be exchanged did not fit. */
  #hasLostExchange = false;

  constructor(context: PeerContext, options: LinkOptions) {
    this.#context = context;
    this.#options = options;
    this.address = options.address;
    this.#queue = new SendQueue(context.limits.maxQueueBytes);
    this.#exchanges = new SendQueue(context.limits.maxQueueBytes);
    this.#dial();
  }

  get isConnected(): boolean {
    return this.#channel?.session !== undefined;
  }

  /** Whether the latest dial that is over has failed: then nobody who is the peer may be at the address. */
  get hasDialFailed(): boolean {
    return this.#hasDialFailed;
  }

  send(message: Uint8Array): void {
    const fits = message.length <= this.#context.limits.maxMessageBytes && this.#queue.add(message);
    if (fits) this.#flushSoon();
    else this.#options.counts.droppedMessages++;
  }

  /** Dropped while there is no connection. All that waits is dropped when it becomes too much. */
  exchange(bytes: Uint8Array): void {
    if (!this.isConnected || this.#hasLostExchange) return;
    if (!this.#exchanges.add(bytes)) {
      this.#exchanges.clear();
      this.#hasLostExchange = true;
    }
    this.#flushSoon();
  }

  /** The peer has shown that it is there: no need to wait. */
  wake(): void {
    if (this.#cancelRetry === undefined) return;
    this.#cancelRetry();
    this.#cancelRetry = undefined;
    this.#dial();
  }

  /** What was sent in this turn leaves before its end. */
  flush(): void {
    if (!this.#isFlushDue) return;
    this.#isFlushDue = false;
    this.#flush();
  }

  tick(elapsedMs: number): void {
    this.#channel?.tick(elapsedMs);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancelRetry?.();
    this.#cancelRetry = undefined;
    this.#channel?.destroy();
    this.#channel = undefined;
    this.#options.counts.droppedMessages += this.#queue.clear();
    this.#exchanges.clear();
  }

  #dial(): void {
    const { peer, address } = this.#options;
    this.#channel = dialPeer(
      this.#context,
      { peer, address, purpose: "log" },
      {
        onReady: (session) => this.#onReady(session),
        // The other end has nothing to say here.
        onFrame: () => undefined,
        onDrain: () => this.#flush(),
        onClosed: (end) => this.#onClosed(end),
      },
    );
    if (this.#channel !== undefined) return;
    const detail = `${address} is not an address, which is HOST:PORT`;
    this.#retryLater({ detail, wasReady: false });
  }

  #onReady({ wireVersion, raftVersion, hello }: Session): void {
    const { counts } = this.#options;
    this.#channel!.peerTraffic = counts;
    counts.wireVersion = wireVersion;
    counts.raftVersion = raftVersion;
    counts.stateFormat = hello.stateFormat;
    this.#failures = 0;
    this.#hasDialFailed = false;
    this.#hasLostExchange = false;
    this.#flush();
    this.#options.onExchangeOpen();
  }

  #onClosed(end: ChannelEnd): void {
    this.#channel = undefined;
    this.#retryLater(end);
    this.#options.onUnreachable();
    if (end.isRemoval) this.#options.onRemoved();
  }

  #retryLater({ detail, wasReady }: Pick<ChannelEnd, "detail" | "wasReady">): void {
    const { counts } = this.#options;
    const { world, limits } = this.#context;
    this.#hasDialFailed = !wasReady;
    counts.droppedMessages += this.#queue.clear();
    this.#exchanges.clear();
    counts.lastRefusal = detail;
    if (!wasReady) counts.handshakeFailures++;
    const waitMs = backOffMs(this.#failures++, limits, world.random);
    this.#cancelRetry = world.timers.after(waitMs, () => this.wake());
  }

  #flushSoon(): void {
    if (this.#isFlushDue) return;
    this.#isFlushDue = true;
    queueMicrotask(() => {
      if (!this.#isClosed) this.flush();
    });
  }

  #flush(): void {
    const channel = this.#channel;
    if (channel?.session === undefined) return;
    while (!channel.isBlocked && !(this.#queue.isEmpty && this.#exchanges.isEmpty)) {
      // In turns, so that much of the one does not keep the other waiting.
      if (!this.#queue.isEmpty) {
        const batch = this.#queue.take(BATCH_BYTES);
        this.#options.counts.messagesOut += batch.length;
        channel.send("messages", batchParts(batch));
      }
      if (!this.#exchanges.isEmpty) channel.send("exchange", this.#exchanges.take(1));
    }
    if (channel.isBlocked || !this.#hasLostExchange) return;
    this.#hasLostExchange = false;
    this.#options.onExchangeOpen();
  }
}
