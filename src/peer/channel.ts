/**
 * One connection from its beginning to its end, on either side: it runs the handshake, gives frames only
 * of a session, and ends by itself what is silent. TCP alone would not notice for minutes that packets
 * are lost, so the acceptor says with every sweep how many bytes have arrived, and the dialler gives up
 * a connection on which that does not grow. What goes on above it is its owner's.
 */
import { isLoopback } from "./address.ts";
import { FieldReader, uint64 } from "./fields.ts";
import {
  decodeFrame,
  encodeFrame,
  FRAME_OVERHEAD_BYTES,
  FrameReader,
  type Frame,
  type FrameKind,
} from "./frame.ts";
import { Handshake, type HandshakeOptions, type Session } from "./handshake.ts";
import { MAX_HANDSHAKE_FRAME_BYTES } from "./hello.ts";
import type { PeerLimits } from "./limits.ts";
import type { OpenedSocket, PeerSocket, PeerSocketEvents } from "./peer_sockets.ts";
import { cutRefusal, encodeRefusal } from "./refusal.ts";

type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown
  ? Omit<Union, Key>
  : never;

/** All of a handshake's options that are known before the connection stands. */
export type ChannelHandshake = DistributiveOmit<HandshakeOptions, "certificateNames">;

export interface ChannelEnd {
  /** Why, for people. */
  readonly detail: string;
  /** The ends knew each other by then. */
  readonly wasReady: boolean;
  /** Who the other said it was; not proved if it was not ready. */
  readonly claimed: string | undefined;
  /** That one has proved to be it, and says that this monitor was removed from the cluster for good. */
  readonly isRemoval: boolean;
}

export interface ChannelEvents {
  /** Once. */
  onReady(session: Session): void;
  /** Only after `onReady`; neither refusals nor acknowledgements. */
  onFrame(frame: Frame): void;
  /** It is not blocked any more. */
  onDrain(): void;
  /** Once, and nothing after it. Not after `destroy()`. */
  onClosed(end: ChannelEnd): void;
}

/** Bytes over a peer's connections. */
export interface Traffic {
  bytesIn: number;
  bytesOut: number;
}

/** A silent acceptor is given up after so many times the dialler's idle time. */
const QUIET_IDLE_TIMES = 4;

export class Channel implements PeerSocketEvents {
  readonly #options: ChannelHandshake;
  readonly #limits: PeerLimits;
  readonly #silenceMs: number;
  readonly #events: ChannelEvents;
  readonly #reader = new FrameReader();
  readonly #traffic: Traffic = { bytesIn: 0, bytesOut: 0 };
  #socket: PeerSocket | undefined;
  #handshake: Handshake | undefined;
  #session: Session | undefined;
  /** Set once it is over for us, though the other may still have to close. */
  #end: ChannelEnd | undefined;
  #isOver = false;
  #isBlocked = false;
  /** What the other acknowledged of ours; what we acknowledged of theirs. */
  #ackedOut = 0;
  #ackedIn = 0;
  /** Since the last step forward: of the handshake as a whole, then of acknowledgements. */
  #stillMs = 0;
  /** Since anything was written (dialler) or read (acceptor). */
  #quietMs = 0;
  /** Of the peer, to be counted too, from when it is known. */
  peerTraffic: Traffic | undefined;

  constructor(
    options: ChannelHandshake,
    limits: PeerLimits,
    events: ChannelEvents,
    silenceMs = limits.silenceMs,
  ) {
    this.#options = options;
    this.#limits = limits;
    this.#silenceMs = silenceMs;
    this.#events = events;
  }

  /** To be called once, with the socket whose events this takes. */
  attach(socket: PeerSocket): this {
    this.#socket = socket;
    return this;
  }

  /** Undefined until the ends know each other. */
  get session(): Session | undefined {
    return this.#session;
  }

  /** More would only wait in memory. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  /** Of what was written, how much has arrived: at most as old as a sweep of the other end. */
  get ackedBytes(): number {
    return this.#ackedOut;
  }

  /** Only when ready. False: it is blocked now. */
  send(kind: FrameKind, parts: readonly Uint8Array[]): boolean {
    if (this.#end === undefined && !this.#isOver) {
      this.#write(encodeFrame(kind, parts, this.#session?.sealOut));
    }
    return !this.#isBlocked;
  }

  /** Tells the other why, and ends. */
  refuse(sentence: string): void {
    if (this.#end !== undefined) return;
    this.send("refuse", [encodeRefusal(sentence)]);
    this.finish(sentence);
  }

  /** Closes once what was sent has left. */
  finish(detail: string): void {
    if (this.#end !== undefined) return;
    this.#end = this.#endFor(detail);
    this.#stillMs = 0;
    this.#socket?.end();
  }

  /** Frees the socket at once; tells nothing any more. */
  destroy(): void {
    this.#isOver = true;
    this.#socket?.destroy();
  }

  /** So much time has passed. */
  tick(elapsedMs: number): void {
    this.#stillMs += elapsedMs;
    this.#quietMs += elapsedMs;
    if (this.#end !== undefined) {
      if (this.#stillMs > this.#limits.handshakeMs) this.#close(this.#end);
    } else if (this.#session === undefined) {
      const { handshakeMs } = this.#limits;
      if (this.#stillMs > handshakeMs) this.#fail(`no handshake within ${handshakeMs} ms`);
    } else if (this.#options.side === "dialler") this.#tickDialler();
    else this.#tickAcceptor();
  }

  onOpen({ remoteIp, certificateNames }: OpenedSocket): void {
    if (this.#isOver) return;
    if (this.#options.auth.mode === "none" && !isLoopback(remoteIp)) {
      return this.#fail(
        `without authentication peers talk on the loopback only, not to ${remoteIp}`,
      );
    }
    this.#handshake = new Handshake({ ...this.#options, certificateNames });
    for (const bytes of this.#handshake.begin()) this.#write(bytes);
  }

  onData(bytes: Uint8Array): void {
    if (this.#end !== undefined || this.#isOver) return;
    this.#quietMs = 0;
    this.#traffic.bytesIn += bytes.length;
    if (this.peerTraffic !== undefined) this.peerTraffic.bytesIn += bytes.length;
    this.#reader.push(bytes);
    while (this.#readFrame());
  }

  onDrain(): void {
    this.#isBlocked = false;
    if (this.#end === undefined && !this.#isOver) this.#events.onDrain();
  }

  onClose(detail: string): void {
    this.#close(this.#end ?? this.#endFor(this.#explain(detail)));
  }

  /** Whether there may be another. */
  #readFrame(): boolean {
    const session = this.#session;
    const { maxMessageBytes } = this.#limits;
    const next = this.#reader.next(
      session === undefined ? MAX_HANDSHAKE_FRAME_BYTES : maxMessageBytes + FRAME_OVERHEAD_BYTES,
    );
    if (next.kind === "wait") return false;
    if (next.kind === "malformed") this.#malformed(next.detail);
    else {
      const read = decodeFrame(next.body, session?.sealIn);
      if (!read.ok) this.#malformed(read.detail);
      else if (session === undefined) this.#shakeHands(read.frame);
      else this.#onFrame(read.frame, session);
    }
    return this.#end === undefined && !this.#isOver;
  }

  #shakeHands(frame: Frame): void {
    const step = this.#handshake!.receive(frame);
    for (const bytes of step.send) this.#write(bytes);
    if (step.kind === "refused") {
      const { detail, claimed, isRemoval } = step;
      const end = { detail, claimed, isRemoval, wasReady: false };
      if (step.send.length === 0) return this.#close(end);
      this.finish(detail);
      this.#end = end;
    } else if (step.kind === "done") {
      this.#session = step.session;
      this.#stillMs = 0;
      this.#events.onReady(step.session);
    }
  }

  #onFrame(frame: Frame, { peer }: Session): void {
    if (frame.kind === "ack") this.#onAck(frame.payload);
    else if (frame.kind === "refuse") this.#fail(`${peer} refused: ${cutRefusal(frame.payload)}`);
    else this.#events.onFrame(frame);
  }

  #onAck(payload: Uint8Array): void {
    const reader = new FieldReader(payload);
    const bytes = reader.uint64();
    const isRight = !reader.failed && bytes >= this.#ackedOut && bytes <= this.#traffic.bytesOut;
    if (!isRight) return this.#fail("it acknowledged what was not sent");
    if (bytes > this.#ackedOut) this.#stillMs = 0;
    this.#ackedOut = bytes;
  }

  #tickDialler(): void {
    if (this.#ackedOut === this.#traffic.bytesOut) this.#stillMs = 0;
    if (this.#stillMs > this.#silenceMs) {
      return this.#fail(`it acknowledged nothing for ${this.#silenceMs} ms`);
    }
    if (this.#quietMs >= this.#limits.idleMs) this.send("messages", []);
  }

  #tickAcceptor(): void {
    if (this.#quietMs > QUIET_IDLE_TIMES * this.#limits.idleMs) {
      return this.#fail(`nothing came for ${QUIET_IDLE_TIMES * this.#limits.idleMs} ms`);
    }
    if (this.#ackedIn === this.#traffic.bytesIn || this.#isBlocked) return;
    this.#ackedIn = this.#traffic.bytesIn;
    this.send("ack", [uint64(this.#ackedIn)]);
  }

  #write(bytes: Uint8Array): void {
    if (this.#options.side === "dialler") this.#quietMs = 0;
    this.#traffic.bytesOut += bytes.length;
    if (this.peerTraffic !== undefined) this.peerTraffic.bytesOut += bytes.length;
    this.#isBlocked = this.#socket?.write(bytes) === false;
  }

  #malformed(detail: string): void {
    this.#fail(
      this.#session === undefined ? `it does not speak phi's peer protocol: ${detail}` : detail,
    );
  }

  #fail(detail: string): void {
    this.#close(this.#endFor(detail));
  }

  /** A refused certificate closes a connection without a word to the one that showed it. */
  #explain(detail: string): string {
    const isUnexplained =
      this.#session === undefined &&
      this.#options.auth.mode === "tls" &&
      this.#handshake !== undefined &&
      this.#traffic.bytesIn === 0;
    return isUnexplained ? `${detail}; it may not accept this monitor's certificate` : detail;
  }

  #endFor(detail: string): ChannelEnd {
    const wasReady = this.#session !== undefined;
    return { detail, wasReady, claimed: this.#session?.peer, isRemoval: false };
  }

  #close(end: ChannelEnd): void {
    if (this.#isOver) return;
    this.destroy();
    this.#events.onClosed(end);
  }
}
