/**
 * What one monitor tells the others: a message of some of its targets, with its doubts of itself. Each record
 * is all it holds of a target and stands for itself, so that a message says the same whatever came before.
 * What is read comes from a peer and is not believed: it is checked as a whole before any of it is used.
 *
 *     version 1 byte, doubts 1, asks 1, run 4, records 2; then for each record
 *     name's hash 8 bytes, state 1, phi 4 (a float), since 6 (ms since 1970)
 *
 * The highest byte of each number stands first. A later version may have any other layout after its first byte.
 */
import { doubtsOfBits } from "./doubt_bits.ts";
import { isState } from "./view_state.ts";

const VERSION = 1;
const HEADER_BYTES = 9;
const RECORD_BYTES = 19;
/** In one message: a fraction of a millisecond to write, or to read. */
export const MAX_RECORDS = 1_000;
const MAX_BYTES = HEADER_BYTES + MAX_RECORDS * RECORD_BYTES;

const WORD = 0x1_0000_0000;
/** The end of the year 9999: no later time can be written. */
const MAX_SINCE_MS = 253_402_300_799_999;
const MAX_HASH_WORD = 2 ** 21 - 1;
const MAX_FLOAT = 3.402_823_466_385_288_6e38;

/** What stands above the records. */
export interface ViewHead {
  readonly doubtBits: number;
  /** Which run of the monitor speaks: another number after each start. In 0..2^32-1. */
  readonly run: number;
  /** Whether whoever receives it is to tell everything it has to the one who asks. */
  readonly asks: boolean;
}

/** Collects records. Reused from message to message. */
export class ViewWriter {
  readonly #bytes = new Uint8Array(MAX_BYTES);
  readonly #view = new DataView(this.#bytes.buffer);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === MAX_RECORDS;
  }

  /** Only while it is not full. What does not fit a field becomes the nearest that does. */
  add(hash: number, state: number, phi: number, sinceWallMs: number): void {
    const view = this.#view;
    const place = HEADER_BYTES + this.#count++ * RECORD_BYTES;
    view.setUint32(place, Math.floor(hash / WORD));
    view.setUint32(place + 4, hash >>> 0);
    view.setUint8(place + 8, state);
    view.setFloat32(place + 9, phi >= 0 ? Math.min(phi, MAX_FLOAT) : 0);
    const sinceMs = sinceWallMs >= 0 ? Math.min(Math.round(sinceWallMs), MAX_SINCE_MS) : 0;
    view.setUint16(place + 13, Math.floor(sinceMs / WORD));
    view.setUint32(place + 15, sinceMs >>> 0);
  }

  /** The message, in bytes of its own; the next one begins without records. */
  finish({ doubtBits, run, asks }: ViewHead): Uint8Array {
    const view = this.#view;
    view.setUint8(0, VERSION);
    view.setUint8(1, doubtBits);
    view.setUint8(2, asks ? 1 : 0);
    view.setUint32(3, run);
    view.setUint16(7, this.#count);
    const end = HEADER_BYTES + this.#count * RECORD_BYTES;
    this.#count = 0;
    return this.#bytes.slice(0, end);
  }
}

export type ReadResult =
  | { readonly ok: true; readonly message: ViewMessage }
  /** Of a version that this one cannot read, or such as no monitor writes. */
  | { readonly ok: false; readonly detail: string };

/** Never throws. The message reads the bytes when asked: they must not change. */
export function readView(bytes: Uint8Array): ReadResult {
  const version = bytes[0] ?? 0;
  if (version > VERSION) {
    const detail = `it speaks version ${version} of the observers' exchange, this one ${VERSION}`;
    return { ok: false, detail };
  }
  const message = new ViewMessage(bytes);
  const fault = version < VERSION ? "it has no version" : message.fault();
  return fault === undefined ? { ok: true, message } : { ok: false, detail: fault };
}

/** A message that was received. Only what `readView` gave. */
export class ViewMessage {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get doubtBits(): number {
    return this.#view.getUint8(1);
  }

  get asks(): boolean {
    return this.#view.getUint8(2) === 1;
  }

  get run(): number {
    return this.#view.getUint32(3);
  }

  get count(): number {
    return this.#view.getUint16(7);
  }

  hash(index: number): number {
    const place = HEADER_BYTES + index * RECORD_BYTES;
    return this.#view.getUint32(place) * WORD + this.#view.getUint32(place + 4);
  }

  state(index: number): number {
    return this.#view.getUint8(HEADER_BYTES + index * RECORD_BYTES + 8);
  }

  /** Finite, from 0 up. */
  phi(index: number): number {
    return this.#view.getFloat32(HEADER_BYTES + index * RECORD_BYTES + 9);
  }

  sinceWallMs(index: number): number {
    const place = HEADER_BYTES + index * RECORD_BYTES + 13;
    return this.#view.getUint16(place) * WORD + this.#view.getUint32(place + 2);
  }

  /** What no monitor writes; undefined if there is nothing. */
  fault(): string | undefined {
    const { length } = this.#bytes;
    if (length < HEADER_BYTES || length > MAX_BYTES) return `it is ${length} bytes long`;
    if (doubtsOfBits(this.doubtBits) === undefined) return "its doubts are not known";
    if (this.#view.getUint8(2) > 1) return "what it asks is not known";
    const { count } = this;
    if (length !== HEADER_BYTES + count * RECORD_BYTES) return "its length is another than it says";
    for (let index = 0; index < count; index++) {
      const phi = this.phi(index);
      const isRight =
        isState(this.state(index)) &&
        phi >= 0 &&
        phi < Infinity &&
        this.sinceWallMs(index) <= MAX_SINCE_MS &&
        this.#view.getUint32(HEADER_BYTES + index * RECORD_BYTES) <= MAX_HASH_WORD;
      if (!isRight) return `its record ${index} is not one`;
    }
    return undefined;
  }
}
