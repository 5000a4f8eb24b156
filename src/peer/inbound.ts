/**
 * The connections that others made to this monitor. Those that have not proved anything are few and
 * short-lived; of those that have, each peer has one of a purpose: it makes another only when it has lost
 * the one before. What they carry goes to the transport as messages, checked to come from whom they say.
 */
import { decodeMessage, type Message, type NodeId } from "../raft/mod.ts";
import { Channel, type ChannelEnd } from "./channel.ts";
import type { PeerContext } from "./dialler.ts";
import type { Frame } from "./frame.ts";
import type { Session } from "./handshake.ts";
import type { Hello } from "./hello.ts";
import { splitBatch } from "./message_batch.ts";
import type { PeerSocket, PeerSocketEvents } from "./peer_sockets.ts";
import type { Refusal } from "./refusal.ts";
import { SnapshotReceiver } from "./snapshot_receiver.ts";

export interface InboundEvents {
  /** Why somebody who proved to be who it says is not let in; undefined to let it in. */
  admit(hello: Hello): Refusal | undefined;
  /** A peer has opened a connection. */
  onSession(channel: Channel, session: Session): void;
  /** What came in one frame, in its order. */
  onMessages(messages: readonly Message[]): void;
  onExchange(from: NodeId, bytes: Uint8Array): void;
  /** Something came that no correct peer sends. */
  onRefusedMessage(): void;
  onUnproved(end: ChannelEnd): void;
}

export class Inbound {
  readonly #context: PeerContext;
  readonly #events: InboundEvents;
  /** The oldest first. */
  readonly #unproved = new Set<Channel>();
  /** By peer and purpose. */
  readonly #proved = new Map<string, Channel>();

  constructor(context: PeerContext, events: InboundEvents) {
    this.#context = context;
    this.#events = events;
  }

  get unprovedCount(): number {
    return this.#unproved.size;
  }

  /** Whether `peer` has a connection here for the log. */
  has(peer: NodeId): boolean {
    return this.#proved.has(keyOf({ peer, purpose: "log" }));
  }

  accept(socket: PeerSocket): PeerSocketEvents {
    const { auth, limits, world } = this.#context;
    const channel: Channel = new Channel(
      {
        side: "acceptor",
        self: this.#context.self(),
        auth,
        crypto: world.crypto,
        admit: (hello) => this.#events.admit(hello),
      },
      limits,
      {
        onReady: (session) => this.#onReady(channel, session),
        onFrame: (frame) => receive(frame),
        onDrain: () => undefined,
        onClosed: (end) => this.#onClosed(channel, end),
      },
    ).attach(socket);
    const receive = this.#receiverOf(channel);
    this.#unproved.add(channel);
    if (this.#unproved.size > limits.maxUnproved) this.#dropOldest();
    return channel;
  }

  tick(elapsedMs: number): void {
    for (const channel of [...this.#unproved, ...this.#proved.values()]) channel.tick(elapsedMs);
  }

  /** Tells those that are not let in any more, and closes their connections. */
  readmit(): void {
    for (const [key, channel] of this.#proved) {
      const refusal = this.#events.admit(channel.session!.hello);
      if (refusal === undefined) continue;
      this.#proved.delete(key);
      this.#unproved.add(channel);
      channel.refuse(refusal.detail);
    }
  }

  close(): void {
    for (const channel of [...this.#unproved, ...this.#proved.values()]) channel.destroy();
    this.#unproved.clear();
    this.#proved.clear();
  }

  #onReady(channel: Channel, session: Session): void {
    // All has been said; it counts among the unproved until it is closed.
    if (session.purpose === "verify") return channel.finish("it was verified");
    this.#unproved.delete(channel);
    const key = keyOf(session);
    this.#proved.get(key)?.destroy();
    this.#proved.set(key, channel);
    this.#events.onSession(channel, session);
  }

  #onClosed(channel: Channel, end: ChannelEnd): void {
    this.#unproved.delete(channel);
    const { session } = channel;
    if (session === undefined) return this.#events.onUnproved(end);
    const key = keyOf(session);
    if (this.#proved.get(key) === channel) this.#proved.delete(key);
  }

  #dropOldest(): void {
    const [oldest] = this.#unproved;
    oldest!.destroy();
    this.#unproved.delete(oldest!);
    const detail = "too many connections at once that prove nothing";
    this.#events.onUnproved({ detail, wasReady: false, claimed: undefined, isRemoval: false });
  }

  /** What to do with the frames of one connection. */
  #receiverOf(channel: Channel): (frame: Frame) => void {
    const snapshot = new SnapshotReceiver(this.#context.limits.maxSnapshotBytes);
    return (frame) => {
      const session = channel.session!;
      if (session.purpose === "snapshot") {
        this.#onSnapshotFrame(channel, session, frame, snapshot);
      } else this.#onLogFrame(channel, session, frame);
    };
  }

  #onLogFrame(channel: Channel, { peer }: Session, { kind, payload }: Frame): void {
    if (kind === "exchange") return this.#events.onExchange(peer, payload);
    const batch = kind === "messages" ? splitBatch(payload) : undefined;
    if (batch === undefined) return channel.refuse(`a frame of kind ${kind} makes no sense here`);
    const messages = batch.map((bytes) => this.#read(bytes, peer));
    const read = messages.filter((message) => message !== undefined);
    if (read.length > 0) this.#events.onMessages(read);
  }

  #onSnapshotFrame(
    channel: Channel,
    { peer }: Session,
    frame: Frame,
    snapshot: SnapshotReceiver,
  ): void {
    // Shows only that the other lives.
    if (frame.kind === "messages" && frame.payload.length === 0) return;
    const step = snapshot.take(frame);
    if (step.kind === "more") return;
    if (step.kind === "refused") return channel.refuse(step.detail);
    const message = this.#read(step.bytes, peer);
    if (message?.kind !== "installSnapshot") return channel.refuse("the snapshot cannot be read");
    this.#events.onMessages([message]);
    channel.send("received", []);
    channel.finish("the snapshot has arrived");
  }

  /** Undefined, and counted, if it is not from `peer` to this monitor. */
  #read(bytes: Uint8Array, peer: NodeId): Message | undefined {
    const read = decodeMessage(bytes);
    const isOurs = read.ok && read.value.from === peer && read.value.to === this.#context.self().id;
    if (isOurs) return read.value;
    this.#events.onRefusedMessage();
    return undefined;
  }
}

function keyOf({ peer, purpose }: Pick<Session, "peer" | "purpose">): string {
  return `${purpose} ${peer}`;
}
