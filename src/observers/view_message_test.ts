import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { DOUBTS, DOWN_MEMORIES, VERDICTS } from "../verdict/mod.ts";
import { bitsOfDoubts, doubtsOfBits } from "./doubt_bits.ts";
import { MAX_RECORDS, readView, ViewWriter, type ViewHead } from "./view_message.ts";
import { isState, memoryOf, stateOf, verdictOf } from "./view_state.ts";

interface Record {
  readonly hash: number;
  readonly state: number;
  readonly phi: number;
  readonly sinceWallMs: number;
}

const LATEST_MS = Date.UTC(9999, 11, 31, 23, 59, 59, 999);

const heads: fc.Arbitrary<ViewHead> = fc.record({
  doubtBits: fc.subarray([...DOUBTS]).map(bitsOfDoubts),
  run: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  asks: fc.boolean(),
});
const records: fc.Arbitrary<Record> = fc.record({
  hash: fc.maxSafeNat(),
  state: fc
    .tuple(fc.constantFrom(...VERDICTS), fc.constantFrom(...DOWN_MEMORIES))
    .map(([verdict, memory]) => stateOf(verdict, memory)),
  phi: fc.float({ min: 0, noNaN: true, noDefaultInfinity: true }),
  sinceWallMs: fc.integer({ min: 0, max: LATEST_MS }),
});

const writer = new ViewWriter();

function write(head: ViewHead, said: readonly Record[]): Uint8Array {
  for (const { hash, state, phi, sinceWallMs } of said) writer.add(hash, state, phi, sinceWallMs);
  return writer.finish(head);
}

function read(bytes: Uint8Array) {
  const result = readView(bytes);
  if (!result.ok) throw new Error(result.detail);
  const { message } = result;
  const said = Array.from({ length: message.count }, (_, index) => ({
    hash: message.hash(index),
    state: message.state(index),
    phi: message.phi(index),
    sinceWallMs: message.sinceWallMs(index),
  }));
  const { doubtBits, run, asks } = message;
  return { head: { doubtBits, run, asks }, said };
}

const HEAD = { doubtBits: 0, run: 7, asks: false };
const ONE = { hash: 5, state: stateOf("down", "held"), phi: 1.5, sinceWallMs: 1_700_000_000_000 };

describe("readView()", () => {
  test("reads what was written, wherever in a buffer it stands", () => {
    fc.assert(
      fc.property(heads, fc.array(records, { maxLength: 40 }), fc.nat(9), (head, said, offset) => {
        const bytes = write(head, said);
        const room = new Uint8Array(bytes.length + offset + 3);
        room.set(bytes, offset);
        expect(read(room.subarray(offset, offset + bytes.length))).toEqual({ head, said });
      }),
    );
  });

  test("takes 19 bytes a target: 10,000 of them are less than 300 KB, whatever they are called", () => {
    let bytes = 0;
    for (let message = 0; message < 10_000 / MAX_RECORDS; message++) {
      bytes += write(
        HEAD,
        Array.from({ length: MAX_RECORDS }, () => ONE),
      ).length;
    }
    expect(bytes).toBe(190_090);
  });

  test("never throws, and believes nothing that no monitor writes, whatever the bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const result = readView(bytes);
        if (!result.ok) return;
        const { said, head } = read(bytes);
        expect(write(head, said)).toEqual(bytes);
      }),
      { numRuns: 5_000 },
    );
  });

  test("refuses or reads as something that could have been written whatever has a bit changed", () => {
    fc.assert(
      fc.property(heads, fc.array(records, { maxLength: 5 }), fc.nat(), (head, said, where) => {
        const bytes = write(head, said);
        bytes[Math.floor(where / 8) % bytes.length]! ^= 1 << (where % 8);
        const result = readView(bytes);
        if (!result.ok) return;
        const changed = read(bytes);
        for (const { phi, state, sinceWallMs, hash } of changed.said) {
          expect(phi >= 0 && Number.isFinite(phi)).toBe(true);
          expect(isState(state)).toBe(true);
          expect(Number.isSafeInteger(hash)).toBe(true);
          expect(new Date(sinceWallMs).toISOString()).toHaveLength(24);
        }
      }),
      { numRuns: 3_000 },
    );
  });

  test("refuses messages that are cut short, too long, or longer than they say", () => {
    const bytes = write(HEAD, [ONE, ONE]);
    for (let length = 0; length < bytes.length; length++) {
      expect(readView(bytes.subarray(0, length))).toMatchObject({ ok: false });
    }
    const longer = new Uint8Array(bytes.length + 1);
    longer.set(bytes);
    expect(readView(longer).ok).toBe(false);
    expect(readView(new Uint8Array(10_000_000).fill(1)).ok).toBe(false);
  });

  test("passes over a later version, and says so", () => {
    const bytes = write(HEAD, [ONE]);
    bytes[0] = 2;
    expect(readView(bytes)).toEqual({
      ok: false,
      detail: "it speaks version 2 of the observers' exchange, this one 1",
    });
    expect(readView(Uint8Array.of(9))).toMatchObject({
      detail: expect.stringContaining("speaks version 9"),
    });
  });
});

describe("ViewWriter", () => {
  test("makes of what does not fit the nearest that does", () => {
    const odd = { ...ONE, phi: Number.MAX_VALUE, sinceWallMs: Number.MAX_VALUE };
    const none = { ...ONE, phi: Number.NaN, sinceWallMs: Number.NaN };
    const negative = { ...ONE, phi: -1, sinceWallMs: -1 };
    const [first, ...others] = read(write(HEAD, [odd, none, negative])).said;
    expect(first!.phi).toBeGreaterThan(3e38);
    expect(first!.sinceWallMs).toBe(LATEST_MS);
    for (const other of others) expect(other).toMatchObject({ phi: 0, sinceWallMs: 0 });
  });

  test("gives each message bytes of its own", () => {
    const first = write(HEAD, [ONE]);
    const copy = first.slice();
    write({ ...HEAD, run: 9 }, [{ ...ONE, hash: 6 }]);
    expect(first).toEqual(copy);
  });
});

test("a state is a verdict and a memory, and each has a byte of its own", () => {
  const bytes = VERDICTS.flatMap((verdict) =>
    DOWN_MEMORIES.map((memory) => {
      const state = stateOf(verdict, memory);
      expect([verdictOf(state), memoryOf(state), isState(state)]).toEqual([verdict, memory, true]);
      return state;
    }),
  );
  expect(bytes.toSorted((left, right) => left - right)).toEqual(
    Array.from({ length: 12 }, (_, index) => index + 1),
  );
  for (const byte of [0, 13, 255]) expect(isState(byte)).toBe(false);
});

test("doubts are a bit each", () => {
  fc.assert(
    fc.property(fc.subarray([...DOUBTS]), (doubts) => {
      expect(doubtsOfBits(bitsOfDoubts(doubts))).toEqual(doubts);
    }),
  );
  for (const bits of [32, 255]) expect(doubtsOfBits(bits)).toBeUndefined();
});
