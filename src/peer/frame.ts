/**
 * The frame: a length (four bytes, the highest first) of what follows, a byte that says of what kind it
 * is, and its payload; with a shared secret a MAC of 16 bytes stands last. The reader takes bytes as they
 * come and gives frames one at a time, so that the caller can change the bound, or begin to demand MACs,
 * between any two. It refuses a length before it makes room for it, and keeps no more than was sent.
 */
import { concat, FieldReader, uint32, uint64 } from "./fields.ts";
import type { PeerCrypto } from "./peer_crypto.ts";

/** A kind's code is its place here, from 1 on. It is never given another meaning. */
const FRAME_KINDS = [
  "hello",
  /** A sentence that says why; the connection is closed after it. */
  "refuse",
  /** Of the credentials; empty where the connection itself proved them. */
  "proof",
  /** Raft messages. With none in it, it shows that the sender lives. */
  "messages",
  /** How many bytes of this connection have arrived. */
  "ack",
  /** A snapshot of so many bytes begins. */
  "snapshot",
  "chunk",
  /** The whole snapshot has arrived. */
  "received",
  /** Opaque to this folder. */
  "exchange",
  /** In the place of the acceptor's proof: it knows who dials, who was removed from the cluster for good. */
  "removed",
] as const;

export type FrameKind = (typeof FRAME_KINDS)[number];

export interface Frame {
  readonly kind: FrameKind;
  readonly payload: Uint8Array;
}

export type FrameResult =
  | { readonly ok: true; readonly frame: Frame }
  | { readonly ok: false; readonly detail: string };

export const LENGTH_BYTES = 4;
const KIND_BYTES = 1;
export const MAC_BYTES = 16;
/** What a frame takes beside its payload, at most. */
export const FRAME_OVERHEAD_BYTES = LENGTH_BYTES + KIND_BYTES + MAC_BYTES;

/**
 * The MACs of one direction of one connection. Each is over a counter and the whole frame, so that a
 * frame that is changed, left out, repeated or moved is not believed.
 */
export class FrameSeal {
  readonly #crypto: PeerCrypto;
  readonly #key: Uint8Array;
  /** Of frames so far. */
  #count = 0;

  constructor(crypto: PeerCrypto, key: Uint8Array) {
    this.#crypto = crypto;
    this.#key = key;
  }

  /** The MAC of the next frame, which consists of these parts. */
  next(parts: readonly Uint8Array[]): Uint8Array {
    const counter = uint64(this.#count++);
    return this.#crypto.hmacSha256(this.#key, [counter, ...parts]).subarray(0, MAC_BYTES);
  }

  /** Whether `mac` is that of the next frame. */
  opens(parts: readonly Uint8Array[], mac: Uint8Array): boolean {
    return this.#crypto.timingSafeEqual(this.next(parts), mac);
  }
}

/** The bytes of a frame, in one piece. The parts are its payload. */
export function encodeFrame(
  kind: FrameKind,
  parts: readonly Uint8Array[],
  seal?: FrameSeal,
): Uint8Array {
  const macBytes = seal === undefined ? 0 : MAC_BYTES;
  const length = parts.reduce((sum, part) => sum + part.length, KIND_BYTES + macBytes);
  const room = new Uint8Array(macBytes);
  const bytes = concat([
    uint32(length),
    Uint8Array.of(FRAME_KINDS.indexOf(kind) + 1),
    ...parts,
    room,
  ]);
  // Over all of it at once: a batch has many parts, and each would be a call of its own.
  const end = bytes.length - macBytes;
  if (seal !== undefined) bytes.set(seal.next([bytes.subarray(0, end)]), end);
  return bytes;
}

/** Reads the body that a `FrameReader` gave. The payload is a view of it. */
export function decodeFrame(body: Uint8Array, seal?: FrameSeal): FrameResult {
  const content = seal === undefined ? body : withoutMac(body, seal);
  if (content === undefined) return { ok: false, detail: "a frame's MAC is not right" };
  const code = content[0] ?? 0;
  const kind = FRAME_KINDS[code - 1];
  if (kind === undefined) return { ok: false, detail: `a frame is of the unknown kind ${code}` };
  return { ok: true, frame: { kind, payload: content.subarray(KIND_BYTES) } };
}

function withoutMac(body: Uint8Array, seal: FrameSeal): Uint8Array | undefined {
  const end = body.length - MAC_BYTES;
  if (end < KIND_BYTES) return undefined;
  const content = body.subarray(0, end);
  return seal.opens([uint32(body.length), content], body.subarray(end)) ? content : undefined;
}

export type BodyResult =
  | { readonly kind: "body"; readonly body: Uint8Array }
  /** More bytes have to come first. */
  | { readonly kind: "wait" }
  | { readonly kind: "malformed"; readonly detail: string };

export class FrameReader {
  #chunks: Uint8Array[] = [];
  /** Of #chunks. */
  #bufferedBytes = 0;
  /** That of the frame under way, once its first four bytes are here. */
  #length: number | undefined;

  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#bufferedBytes += chunk.length;
  }

  /**
   * The next frame without its length, in a buffer of its own, as long as it is at most `maxBytes`. After
   * `malformed` nothing can be read any more: where the next frame begins is not known.
   */
  next(maxBytes: number): BodyResult {
    if (this.#length === undefined) {
      if (this.#bufferedBytes < LENGTH_BYTES) return { kind: "wait" };
      this.#length = new FieldReader(this.#take(LENGTH_BYTES)).uint32();
    }
    const length = this.#length;
    if (length < KIND_BYTES || length > maxBytes) {
      return { kind: "malformed", detail: `a frame says that it is ${length} bytes long` };
    }
    if (this.#bufferedBytes < length) return { kind: "wait" };
    this.#length = undefined;
    return { kind: "body", body: this.#take(length) };
  }

  /** Copies: what is read from a frame may be kept, and must not keep the socket's buffers. */
  #take(count: number): Uint8Array {
    const taken = new Uint8Array(count);
    let place = 0;
    let whole = 0;
    while (place < count) {
      const chunk = this.#chunks[whole]!;
      const used = Math.min(chunk.length, count - place);
      taken.set(chunk.subarray(0, used), place);
      place += used;
      if (used === chunk.length) whole++;
      else this.#chunks[whole] = chunk.subarray(used);
    }
    this.#chunks.splice(0, whole);
    this.#bufferedBytes -= count;
    return taken;
  }
}
