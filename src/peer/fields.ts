/**
 * Fixed-width fields in network byte order: what the frames of this folder are written and read with.
 * Nothing that is read is believed: a read past the end, a text that is too long or not UTF-8 makes the
 * reader `failed` and gives a zero value, and the caller looks at that once, at the end.
 */

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** 2^32. */
const WORD = 0x1_0000_0000;

/** A number in 0..65535. */
export function uint16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value);
}

/** A number in 0..2^32-1. */
export function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

/** A whole number in 0..2^53-1, in eight bytes. */
export function uint64(value: number): Uint8Array {
  return concat([uint32(Math.floor(value / WORD)), uint32(value >>> 0)]);
}

/** A length in two bytes and UTF-8. Throws `RangeError` over 65535 bytes. */
export function text16(value: string): Uint8Array {
  const bytes = encoder.encode(value);
  if (bytes.length > 0xffff) throw new RangeError(`Cannot encode a text of ${bytes.length} bytes`);
  return concat([uint16(bytes.length), bytes]);
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let place = 0;
  for (const part of parts) {
    joined.set(part, place);
    place += part.length;
  }
  return joined;
}

export class FieldReader {
  readonly #bytes: Uint8Array;
  /** Invariant: <= #bytes.length. */
  #place = 0;
  /** Something that was read was not there, or was not what it has to be. Never goes back to false. */
  failed = false;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Whether all has been read. */
  get isAtEnd(): boolean {
    return this.#place === this.#bytes.length;
  }

  /** Bytes that have not been read. */
  get remaining(): number {
    return this.#bytes.length - this.#place;
  }

  uint8(): number {
    return this.raw(1)[0] ?? 0;
  }

  uint16(): number {
    const [high = 0, low = 0] = this.raw(2);
    return (high << 8) | low;
  }

  uint32(): number {
    const high = this.uint16();
    return high * 0x1_0000 + this.uint16();
  }

  /** Fails over 2^53-1. */
  uint64(): number {
    const high = this.uint32();
    const value = high * WORD + this.uint32();
    if (Number.isSafeInteger(value)) return value;
    this.failed = true;
    return 0;
  }

  text16(maxBytes: number): string {
    const length = this.uint16();
    if (length > maxBytes) this.failed = true;
    if (this.failed) return "";
    try {
      return decoder.decode(this.raw(length));
    } catch {
      this.failed = true;
      return "";
    }
  }

  /** A view of the next `length` bytes; an empty one if they are not there. */
  raw(length: number): Uint8Array {
    const end = this.#place + length;
    if (this.failed || end > this.#bytes.length) {
      this.failed = true;
      return new Uint8Array();
    }
    const view = this.#bytes.subarray(this.#place, end);
    this.#place = end;
    return view;
  }
}
