import { describe, expect, test } from "bun:test";
import { perfMap, readJitDump } from "./jit_dump.ts";

const range = (address: number, size: number, name: string) => ({
  address: BigInt(address),
  size: BigInt(size),
  name,
});

/** A dump as perf's specification has it, of pieces of code, each with two bytes of code. */
function dumpOf(...pieces: readonly ReturnType<typeof range>[]): Uint8Array {
  const records = pieces.map(({ address, size, name }) => {
    const text = new TextEncoder().encode(`${name}\0`);
    const record = new Uint8Array(56 + text.length + 2);
    const view = new DataView(record.buffer);
    view.setUint32(4, record.length, true);
    view.setBigUint64(32, address, true);
    view.setBigUint64(40, size, true);
    record.set(text, 56);
    return record;
  });
  const header = new Uint8Array(40);
  const view = new DataView(header.buffer);
  view.setUint32(0, 0x4a695444, true);
  view.setUint32(4, 1, true);
  view.setUint32(8, header.length, true);
  return new Uint8Array([header, ...records].flatMap((part) => [...part]));
}

describe("readJitDump()", () => {
  const pieces = [
    range(0x1000, 0x20, "JSC-DFG: tick#A1b2C3"),
    range(0x2000, 0x10, "JSC-FTL: put#"),
  ];

  test("gives each piece of code with its name", () => {
    expect(readJitDump(dumpOf(...pieces))).toEqual(pieces);
  });

  test("takes what is whole of a dump that ends in the middle", () => {
    const dump = dumpOf(...pieces);
    expect(readJitDump(dump.subarray(0, dump.length - 1))).toEqual(pieces.slice(0, 1));
    expect(readJitDump(dump.subarray(0, 41))).toEqual([]);
  });

  test("throws at what is no dump", () => {
    expect(() => readJitDump(new Uint8Array(100))).toThrow("Cannot read JIT dump");
    expect(() => readJitDump(new Uint8Array(3))).toThrow("Cannot read JIT dump");
  });
});

describe("perfMap()", () => {
  test("is address, size and name in hexadecimal, in the order of the addresses", () => {
    const map = perfMap([range(0x2000, 0x10, "b"), range(0x1000, 0x20, "a")]);
    expect(map).toBe("1000 20 a\n2000 10 b\n");
  });

  test("has the later of two whose places overlap, whichever is the lower", () => {
    const [low, high, beyond] = [
      range(10, 10, "low"),
      range(15, 10, "high"),
      range(25, 5, "beyond"),
    ];
    expect(perfMap([low, high, beyond])).toBe("f a high\n19 5 beyond\n");
    expect(perfMap([high, low, beyond])).toBe("a a low\n19 5 beyond\n");
    expect(perfMap([low, low])).toBe("a a low\n");
  });
});
