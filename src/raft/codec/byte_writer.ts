/**
 * Values in, bytes out: what the codecs of this folder write with. Whole numbers are varints (seven
 * bits a byte, lowest first), so that the small ones that Raft is full of take one byte. What cannot
 * be read back is refused here, by a RangeError: it is the caller's defect, never a peer's.
 */

/** The most that a text may take in UTF-8. Room for a DNS name with its port, twice. */
export const MAX_TEXT_BYTES = 512;

const INITIAL_BYTES = 4096;
/** A buffer that a large message made grow is not kept for the next. */
const MAX_KEPT_BYTES = 1 << 20;
const MAX_VARINT_BYTES = 8;

const encoder = new TextEncoder();

export class ByteWriter {
  #bytes = new Uint8Array(INITIAL_BYTES);
  /** Invariant: <= #bytes.length. */
  #length = 0;
  #last: Uint8Array | undefined = undefined;

  /** A whole number in 0..2^53-1. */
  varint(value: number): void {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new RangeError(`Cannot encode ${value}: it must be a whole number in 0..2^53-1`);
    }
    this.#makeRoom(MAX_VARINT_BYTES);
    let rest = value;
    // Bit operations know 32 bits only.
    for (; rest > 0x7fffffff; rest = Math.floor(rest / 128)) {
      this.#bytes[this.#length++] = (rest % 128) | 0x80;
    }
    for (; rest > 0x7f; rest >>>= 7) this.#bytes[this.#length++] = (rest & 0x7f) | 0x80;
    this.#bytes[this.#length++] = rest;
  }

  /** Four bytes, the lowest first, whatever the value: for what is not mostly small. */
  uint32(value: number): void {
    if (value >>> 0 !== value) {
      throw new RangeError(`Cannot encode ${value}: it must be a whole number in 0..2^32-1`);
    }
    this.#makeRoom(4);
    this.#putUint32(this.#length, value);
    this.#length += 4;
  }

  flag(value: boolean): void {
    this.varint(value ? 1 : 0);
  }

  /** A length and UTF-8, of at most `MAX_TEXT_BYTES`. */
  text(value: string): void {
    if (value.length > MAX_TEXT_BYTES) refuseText(value.length);
    const start = this.#length;
    this.varint(value.length);
    this.#makeRoom(value.length);
    for (let place = 0; place < value.length; place++) {
      const unit = value.charCodeAt(place);
      if (unit > 0x7f) {
        this.#length = start;
        this.#textBytes(encoder.encode(value));
        return;
      }
      this.#bytes[this.#length++] = unit;
    }
  }

  /** A text for people: what is over `MAX_TEXT_BYTES` is cut off, between two characters. */
  cutText(value: string): void {
    const cut = new Uint8Array(MAX_TEXT_BYTES);
    this.#textBytes(cut.subarray(0, encoder.encodeInto(value, cut).written));
  }

  /** A length and the bytes. */
  bytes(value: Uint8Array): void {
    this.varint(value.length);
    this.raw(value);
  }

  /** The bytes alone: the reader has to know their number from elsewhere. */
  raw(value: Uint8Array): void {
    this.#makeRoom(value.length);
    this.#bytes.set(value, this.#length);
    this.#length += value.length;
  }

  /** The length, in four bytes, of what `write` writes, and that. */
  sized(write: () => void): void {
    const start = this.#length;
    this.uint32(0);
    write();
    this.#putUint32(start, this.#length - start - 4);
  }

  /** The bytes alone, as the last of all: large ones are copied once only. */
  last(value: Uint8Array): void {
    this.#last = value;
  }

  /** What was written since the last `clear`, in a buffer of just its size. */
  finish(): Uint8Array {
    const last = this.#last;
    const finished = new Uint8Array(this.#length + (last?.length ?? 0));
    finished.set(this.#bytes.subarray(0, this.#length));
    if (last !== undefined) finished.set(last, this.#length);
    return finished;
  }

  clear(): void {
    this.#length = 0;
    this.#last = undefined;
    if (this.#bytes.length > MAX_KEPT_BYTES) this.#bytes = new Uint8Array(INITIAL_BYTES);
  }

  #textBytes(value: Uint8Array): void {
    if (value.length > MAX_TEXT_BYTES) refuseText(value.length);
    this.bytes(value);
  }

  #putUint32(place: number, value: number): void {
    this.#bytes[place] = value;
    this.#bytes[place + 1] = value >>> 8;
    this.#bytes[place + 2] = value >>> 16;
    this.#bytes[place + 3] = value >>> 24;
  }

  #makeRoom(moreBytes: number): void {
    const neededBytes = this.#length + moreBytes;
    if (neededBytes <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(neededBytes, 2 * this.#bytes.length));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}

function refuseText(bytes: number): never {
  throw new RangeError(`Cannot encode a text of ${bytes} or more bytes: at most ${MAX_TEXT_BYTES}`);
}

/** Kept between uses, so that a heartbeat costs one allocation. Undefined while it is in use. */
let spare: ByteWriter | undefined = new ByteWriter();

/** The bytes that `write` writes. Throws RangeError for a value that has no encoding. */
export function encodeWith(write: (writer: ByteWriter) => void): Uint8Array {
  const writer = spare ?? new ByteWriter();
  spare = undefined;
  try {
    write(writer);
    return writer.finish();
  } finally {
    writer.clear();
    spare = writer;
  }
}
