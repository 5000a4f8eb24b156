import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { decodeWith, type ByteReader, type DecodeResult } from "./byte_reader.ts";
import { ByteWriter, encodeWith, MAX_TEXT_BYTES } from "./byte_writer.ts";

const bytesOf = (...bytes: number[]) => Uint8Array.from(bytes);
const varint = (value: number) => encodeWith((writer) => writer.varint(value));
const text = (value: string) => encodeWith((writer) => writer.text(value));

const readVarint = (reader: ByteReader) => reader.varint();
const readText = (reader: ByteReader) => reader.text();
const readFlag = (reader: ByteReader) => reader.flag();

function detailOf(result: DecodeResult<unknown>): string {
  return result.ok ? `no fault: ${String(result.value)}` : result.detail;
}

/** A part of which `count` bytes are read, and what follows it. */
const readPart = (count: number) => (reader: ByteReader) => {
  reader.sized(() => reader.raw(count));
  return reader.rest();
};

const readBeyondPart = (reader: ByteReader) =>
  reader.sized((end) => {
    reader.raw(3);
    return reader.until(end);
  });

describe("varint()", () => {
  test("takes one byte for each seven bits, the lowest first", () => {
    expect(varint(0)).toEqual(bytesOf(0));
    expect(varint(127)).toEqual(bytesOf(127));
    expect(varint(128)).toEqual(bytesOf(0x80, 1));
    expect(varint(300)).toEqual(bytesOf(0xac, 2));
    expect(varint(2 ** 31)).toEqual(bytesOf(0x80, 0x80, 0x80, 0x80, 8));
    expect(varint(Number.MAX_SAFE_INTEGER)).toHaveLength(8);
  });

  test("comes back the same around every power of two", () => {
    for (let power = 0; power <= 53; power++) {
      for (const value of [2 ** power - 1, 2 ** power, 2 ** power + 1]) {
        if (value > Number.MAX_SAFE_INTEGER) continue;
        expect(decodeWith(varint(value), readVarint)).toEqual({ ok: true, value });
      }
    }
  });

  test("is refused when longer than it has to be", () => {
    const overLong = [bytesOf(0x80, 0), bytesOf(0x81, 0), bytesOf(0xff, 0x80, 0)];
    for (const bytes of overLong) {
      expect(detailOf(decodeWith(bytes, readVarint))).toContain("longer than it has to be");
    }
  });

  test("is refused over 2^53-1, however many bytes claim to follow", () => {
    const sevenFull = Array(7).fill(0xff);
    const largest = bytesOf(...sevenFull, 0x0f);
    expect(decodeWith(largest, readVarint)).toEqual({ ok: true, value: Number.MAX_SAFE_INTEGER });
    const over = [bytesOf(...sevenFull, 0x10), new Uint8Array(9).fill(0xff)];
    for (const bytes of over) {
      expect(detailOf(decodeWith(bytes, readVarint))).toContain("over 2^53-1");
    }
  });

  test("cannot be written of what is no whole number in range", () => {
    for (const value of [-1, 0.5, Number.NaN, Infinity, 2 ** 53]) {
      expect(() => varint(value)).toThrow(RangeError);
    }
  });
});

describe("uint32()", () => {
  test("takes four bytes and comes back the same", () => {
    for (const value of [0, 1, 0x7fffffff, 0x80000000, 0xffffffff]) {
      const bytes = encodeWith((writer) => writer.uint32(value));
      expect(bytes).toHaveLength(4);
      expect(decodeWith(bytes, (reader) => reader.uint32())).toEqual({ ok: true, value });
    }
    for (const value of [-1, 1.5, 2 ** 32]) {
      expect(() => encodeWith((writer) => writer.uint32(value))).toThrow(RangeError);
    }
  });
});

describe("text()", () => {
  test("comes back the same in any script, a byte order mark included", () => {
    for (const value of ["", "monitor-1", "φ = 8", "\u{feff}x", "😀", "a\u{0}b"]) {
      expect(decodeWith(text(value), readText)).toEqual({ ok: true, value });
    }
  });

  test("is refused where it is not UTF-8", () => {
    const wrong = [bytesOf(1, 0xff), bytesOf(2, 0xc0, 0x80), bytesOf(3, 0xed, 0xa0, 0x80)];
    for (const bytes of wrong) {
      expect(detailOf(decodeWith(bytes, readText))).toContain("not UTF-8");
    }
  });

  test("is refused over its limit on both sides, counted in bytes", () => {
    const longest = "é".repeat(MAX_TEXT_BYTES / 2);
    for (const value of [longest, "a".repeat(MAX_TEXT_BYTES)]) {
      expect(decodeWith(text(value), readText)).toEqual({ ok: true, value });
    }
    for (const value of [`${longest}a`, "a".repeat(MAX_TEXT_BYTES + 1), "a".repeat(100_000)]) {
      expect(() => text(value)).toThrow(RangeError);
    }
    const overLimit = encodeWith((writer) => writer.bytes(new Uint8Array(MAX_TEXT_BYTES + 1)));
    expect(detailOf(decodeWith(overLimit, readText))).toContain(`over ${MAX_TEXT_BYTES}`);
  });

  test("cutText() cuts between two characters", () => {
    const cut = encodeWith((writer) => writer.cutText(`a${"é".repeat(MAX_TEXT_BYTES)}`));
    const value = `a${"é".repeat(MAX_TEXT_BYTES / 2 - 1)}`;
    expect(decodeWith(cut, readText)).toEqual({ ok: true, value });
  });
});

describe("decodeWith()", () => {
  test("refuses a flag that is neither 0 nor 1, and bytes that nobody asked for", () => {
    expect(detailOf(decodeWith(bytesOf(2), readFlag))).toContain("a flag is 2");
    expect(detailOf(decodeWith(bytesOf(1, 0), readFlag))).toContain("more bytes follow");
    expect(detailOf(decodeWith(bytesOf(), readFlag))).toContain("end early");
  });

  test("makes no room for a list that cannot fit into what is left", () => {
    let reads = 0;
    const hostile = encodeWith((writer) => {
      writer.varint(Number.MAX_SAFE_INTEGER);
      writer.raw(new Uint8Array(1000));
    });
    const read = (reader: ByteReader) => reader.list(1, () => reads++);
    expect(detailOf(decodeWith(hostile, read))).toContain("end early");
    expect(reads).toBe(0);
  });

  test("lets no read pass the end of a part, nor leave some of it", () => {
    const part = encodeWith((writer) => {
      writer.sized(() => writer.raw(bytesOf(7, 7)));
      writer.raw(bytesOf(9));
    });
    expect(decodeWith(part, readPart(2))).toEqual({ ok: true, value: bytesOf(9) });
    for (const count of [1, 3]) {
      expect(detailOf(decodeWith(part, readPart(count)))).toContain("another length");
    }
    expect(detailOf(decodeWith(part, readBeyondPart))).toContain("longer than it says");
  });

  test("lets a defect of the reading code through", () => {
    // BigInt of half a number is a RangeError.
    expect(() => decodeWith(bytesOf(1), (reader) => BigInt(reader.varint() / 2))).toThrow(
      RangeError,
    );
  });

  test("gives views of the input, no copies", () => {
    const input = bytesOf(2, 5, 6);
    const decoded = decodeWith(input, (reader) => reader.bytes());
    expect(decoded.ok && decoded.value.buffer === input.buffer).toBe(true);
  });
});

test("a value is written whole wherever the buffer's end is", () => {
  const values: ((writer: ByteWriter) => void)[] = [
    (writer) => writer.varint(Number.MAX_SAFE_INTEGER),
    (writer) => writer.uint32(0x12345678),
    (writer) => writer.text("twelve bytes"),
    (writer) => writer.text("zwölf Bytes"),
    (writer) => writer.bytes(bytesOf(1, 2, 3)),
  ];
  for (const write of values) {
    for (let length = 4_080; length <= 4_100; length++) {
      const writer = new ByteWriter();
      writer.raw(new Uint8Array(length));
      write(writer);
      expect(writer.finish().subarray(length)).toEqual(encodeWith(write));
    }
  }
});

describe("encodeWith()", () => {
  test("gives a buffer of just the size, whatever was written before", () => {
    const large = encodeWith((writer) => writer.raw(new Uint8Array(3 << 20).fill(1)));
    expect(large.buffer.byteLength).toBe(3 << 20);
    const small = encodeWith((writer) => writer.varint(5));
    expect(small).toEqual(bytesOf(5));
    expect(small.buffer.byteLength).toBe(1);
  });

  test("may be used inside of itself, and after a throw", () => {
    const outer = encodeWith((writer) => {
      writer.varint(1);
      writer.bytes(encodeWith((inner) => inner.varint(2)));
      writer.varint(3);
    });
    expect(outer).toEqual(bytesOf(1, 1, 2, 3));
    const fails = (writer: ByteWriter) => {
      writer.varint(1);
      writer.last(bytesOf(1));
      writer.varint(-1);
    };
    expect(() => encodeWith(fails)).toThrow(RangeError);
    expect(encodeWith((writer) => writer.varint(4))).toEqual(bytesOf(4));
  });

  test("writes what is read back, for any sequence of fields", () => {
    const field = fc.oneof(
      fc.record({ kind: fc.constant("varint" as const), value: fc.maxSafeNat() }),
      fc.record({ kind: fc.constant("bytes" as const), value: fc.uint8Array() }),
      fc.record({ kind: fc.constant("flag" as const), value: fc.boolean() }),
    );
    fc.assert(
      fc.property(fc.array(field), fc.uint8Array(), (fields, last) => {
        const bytes = encodeWith((writer) => {
          for (const { kind, value } of fields) {
            if (kind === "varint") writer.varint(value);
            else if (kind === "bytes") writer.bytes(value);
            else writer.flag(value);
          }
          writer.last(last);
        });
        const decoded = decodeWith(bytes, (reader) => {
          const values = fields.map(({ kind }) => reader[kind]());
          return [...values, reader.rest()];
        });
        expect(decoded).toEqual({ ok: true, value: [...fields.map(({ value }) => value), last] });
      }),
    );
  });
});
