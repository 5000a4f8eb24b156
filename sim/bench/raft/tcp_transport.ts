/**
 * How the bench's members reach each other: over TCP on this machine, each message as a frame of its
 * length (four bytes, the highest first) and the codec's bytes. A member listens, and dials each peer
 * once for what it has to say; a snapshot goes by a connection of its own. It trusts whoever connects.
 */
import type { Socket } from "bun";
import {
  decodeMessage,
  encodeMessage,
  type Message,
  type MessageOf,
  type NodeId,
  type Transport,
} from "../../../src/raft/mod.ts";
import { FrameReader, framed } from "./frames.ts";

const RECONNECT_MS = 100;
/** What a peer that takes nothing may hold up; more is lost, as on any network. */
const MAX_WAITING_BYTES = 16 * 1024 * 1024;

export interface TcpTransportOptions {
  readonly id: NodeId;
  /** Where each member listens on 127.0.0.1, this one included. */
  readonly ports: Readonly<Record<NodeId, number>>;
  readonly onMessage: (message: Message) => void;
}

export class TcpTransport implements Transport {
  readonly #ports: Readonly<Record<NodeId, number>>;
  readonly #peers = new Map<NodeId, OutgoingStream>();

  constructor({ id, ports, onMessage }: TcpTransportOptions) {
    this.#ports = ports;
    listen(ports[id]!, onMessage);
    for (const [peer, port] of Object.entries(ports)) {
      if (peer !== id) this.#peers.set(peer, new OutgoingStream(port));
    }
  }

  send(message: Message): void {
    this.#peers.get(message.to)?.write(framed(encodeMessage(message)));
  }

  sendSnapshot(message: MessageOf<"installSnapshot">, done: (ok: boolean) => void): void {
    const stream = new OutgoingStream(this.#ports[message.to]!, done);
    stream.write(framed(encodeMessage(message)));
  }
}

function listen(port: number, onMessage: (message: Message) => void): void {
  Bun.listen<FrameReader>({
    hostname: "127.0.0.1",
    port,
    socket: {
      open: (socket) => {
        socket.data = new FrameReader();
      },
      data: (socket, chunk) => {
        for (const frame of socket.data.take(chunk)) {
          const message = decodeMessage(frame);
          if (!message.ok) throw new Error(message.detail);
          onMessage(message.value);
        }
      },
    },
  });
}

/** Writes to one peer, in order. With `done` it is for what is written first, and ends after that. */
class OutgoingStream {
  readonly #port: number;
  readonly #done: ((ok: boolean) => void) | undefined;
  #socket: Socket | undefined;
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;

  constructor(port: number, done?: (ok: boolean) => void) {
    this.#port = port;
    this.#done = done;
    this.#connect();
  }

  write(bytes: Uint8Array): void {
    if (this.#waitingBytes > MAX_WAITING_BYTES) return;
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waiting.length === 1) this.#flush();
  }

  #connect(): void {
    const socket = {
      open: (opened: Socket) => {
        this.#socket = opened;
        this.#flush();
      },
      drain: () => this.#flush(),
      data: () => {},
      close: () => this.#closed(),
    };
    // Whoever does not listen yet is tried again.
    Bun.connect({ hostname: "127.0.0.1", port: this.#port, socket }).catch(() => this.#closed());
  }

  #closed(): void {
    this.#socket = undefined;
    if (this.#done !== undefined) return this.#done(this.#waiting.length === 0);
    this.#waiting = [];
    this.#waitingBytes = 0;
    setTimeout(() => this.#connect(), RECONNECT_MS);
  }

  #flush(): void {
    const socket = this.#socket;
    if (socket === undefined) return;
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      const written = Math.max(socket.write(next), 0);
      this.#waitingBytes -= written;
      if (written < next.length) {
        this.#waiting[0] = next.subarray(written);
        return;
      }
      this.#waiting.shift();
    }
    if (this.#done !== undefined) socket.end();
  }
}
