/**
 * Bytes in, values out: what the codecs of this folder read with. The bytes may come from a peer or a
 * damaged disk, so nothing of them is believed: every read is checked against what is left, a count
 * against the bytes that its items would take, and each value has exactly one spelling, so that what
 * can be read is written back as the same bytes. A fault leaves `decodeWith` as a value, never as a
 * throw.
 *
 * Byte fields are views of the input, not copies: it must not be changed as long as they are in use,
 * and lives as long as they do.
 */
import { MAX_TEXT_BYTES } from "./byte_writer.ts";

export type DecodeResult<Value> =
  | { readonly ok: true; readonly value: Value }
  /** `detail` is for people. */
  | { readonly ok: false; readonly detail: string };

/** Thrown and caught in this file only. */
class MalformedError extends Error {
  override readonly name = "MalformedError";
}

/** A varint's eighth byte: 2^49 times more than this is beyond 2^53-1. */
const MAX_EIGHTH_BYTE = 0x0f;

// A byte order mark is a character like any other: dropping it would change the text.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export class ByteReader {
  readonly #bytes: Uint8Array;
  /** Invariant: <= #bytes.length. */
  #place = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** How many bytes have been read. */
  get place(): number {
    return this.#place;
  }

  varint(): number {
    let value = 0;
    let weight = 1;
    for (let count = 1; ; count++) {
      const byte = this.#byte();
      value += (byte & 0x7f) * weight;
      if (byte < 0x80) {
        if (byte === 0 && count > 1) this.malformed("a number is longer than it has to be");
        if (count === 8 && byte > MAX_EIGHTH_BYTE) this.malformed("a number is over 2^53-1");
        return value;
      }
      if (count === 8) this.malformed("a number is over 2^53-1");
      weight *= 128;
    }
  }

  uint32(): number {
    const low = this.#byte() | (this.#byte() << 8) | (this.#byte() << 16);
    return (low | (this.#byte() << 24)) >>> 0;
  }

  flag(): boolean {
    const byte = this.#byte();
    if (byte > 1) this.malformed(`a flag is ${byte}`);
    return byte === 1;
  }

  text(maxBytes = MAX_TEXT_BYTES): string {
    const length = this.varint();
    if (length > maxBytes) this.malformed(`a text of ${length} bytes is over ${maxBytes}`);
    const bytes = this.raw(length);
    try {
      return decoder.decode(bytes);
    } catch {
      return this.malformed("a text is not UTF-8");
    }
  }

  /** A view of bytes that stand after their length. */
  bytes(): Uint8Array {
    return this.raw(this.varint());
  }

  /** A view of the next `length` bytes. */
  raw(length: number): Uint8Array {
    const end = this.#place + length;
    if (end > this.#bytes.length) this.#endsEarly();
    const view = this.#bytes.subarray(this.#place, end);
    this.#place = end;
    return view;
  }

  /** A view of the bytes up to `end`, a place that was passed by no read. */
  until(end: number): Uint8Array {
    if (end < this.#place) this.malformed("a part is longer than it says");
    return this.raw(end - this.#place);
  }

  /** A view of all that is left. */
  rest(): Uint8Array {
    return this.until(this.#bytes.length);
  }

  /** What `read` makes of the part that follows, whose length stands before it in four bytes. */
  sized<Value>(read: (end: number) => Value): Value {
    const length = this.uint32();
    const end = this.#place + length;
    if (end > this.#bytes.length) this.#endsEarly();
    const value = read(end);
    if (this.#place !== end) this.malformed("a part has another length than it says");
    return value;
  }

  /** A list: its count, and its items, of which none takes less than `minItemBytes` (>= 1). */
  list<Item>(minItemBytes: number, read: () => Item): Item[] {
    const count = this.varint();
    // Before any room is made for them.
    if (count * minItemBytes > this.#bytes.length - this.#place) this.#endsEarly();
    const items: Item[] = [];
    for (let place = 0; place < count; place++) items.push(read());
    return items;
  }

  malformed(detail: string): never {
    throw new MalformedError(`${detail} (at byte ${this.#place} of ${this.#bytes.length})`);
  }

  #byte(): number {
    const byte = this.#bytes[this.#place];
    if (byte === undefined) return this.#endsEarly();
    this.#place++;
    return byte;
  }

  #endsEarly(): never {
    return this.malformed("the bytes end early");
  }
}

/** What `read` makes of `bytes`, all of them. Throws nothing for any bytes. */
export function decodeWith<Value>(
  bytes: Uint8Array,
  read: (reader: ByteReader) => Value,
): DecodeResult<Value> {
  const reader = new ByteReader(bytes);
  try {
    const value = read(reader);
    if (reader.place !== bytes.length) reader.malformed("more bytes follow than belong to it");
    return { ok: true, value };
  } catch (error) {
    if (error instanceof MalformedError) return { ok: false, detail: error.message };
    throw error;
  }
}
