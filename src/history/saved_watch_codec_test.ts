import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { VERDICTS, type SavedWatch } from "../monitor/mod.ts";
import { decodeSavedWatch, encodeSavedWatch } from "./mod.ts";

const anyGapUs = fc.oneof(fc.integer({ min: 900_000, max: 1_100_000 }), fc.maxSafeNat());
const NONE = new Float64Array(0);
const anySaved: fc.Arbitrary<SavedWatch> = fc.record({
  target: fc.constant("server1"),
  question: fc.stringMatching(/^[0-9a-f]{16}$/),
  verdict: fc.constantFrom(...VERDICTS),
  verdictSinceWallMs: fc.double(),
  lastHeartbeatWallMs: fc.double(),
  answerMs: fc.double(),
  windowUs: fc.array(anyGapUs, { maxLength: 300 }).map((gaps) => Float64Array.from(gaps)),
  memory: fc.array(fc.maxSafeNat(), { maxLength: 20 }).map((each) => Float64Array.from(each)),
  budget: fc
    .array(fc.double({ noNaN: true }), { maxLength: 5 })
    .map((each) => Float64Array.from(each)),
  savedWallMs: fc.double(),
});

describe("a saved watch", () => {
  test("is the same again after it was bytes", () => {
    fc.assert(
      fc.property(anySaved, (saved) => {
        expect(decodeSavedWatch("server1", encodeSavedWatch(saved))).toEqual(saved);
      }),
      { numRuns: 500 },
    );
  });

  test("with nothing but a window is written as every version of phi reads it", () => {
    const [saved] = fc.sample(anySaved, 1);
    const plain = { ...saved!, memory: NONE, budget: NONE };
    expect(encodeSavedWatch(plain)[0]).toBe(1);
    expect(encodeSavedWatch({ ...plain, budget: Float64Array.of(1) })[0]).toBe(2);
    expect(encodeSavedWatch({ ...plain, memory: Float64Array.of(1) })[0]).toBe(2);
  });

  test("takes little more than two bytes a gap where the jitter is some milliseconds", () => {
    const windowUs = Float64Array.from(
      { length: 200 },
      (_, index) => 1_000_000 + ((index * 7_919) % 9_000),
    );
    const [saved] = fc.sample(anySaved, 1);
    expect(
      encodeSavedWatch({ ...saved!, windowUs, memory: NONE, budget: NONE }).length,
    ).toBeLessThan(2.1 * 200 + 70);
  });

  test("is none any more once a byte of it is another, or missing, or too many", () => {
    fc.assert(
      fc.property(anySaved, fc.nat(), fc.integer({ min: 1, max: 255 }), (saved, place, change) => {
        const bytes = encodeSavedWatch(saved);
        const index = place % bytes.length;
        const changed = bytes.map((byte, at) => (at === index ? byte ^ change : byte));
        expect(decodeSavedWatch("server1", changed)).toBeUndefined();
        expect(decodeSavedWatch("server1", bytes.subarray(0, index))).toBeUndefined();
        expect(decodeSavedWatch("server1", Uint8Array.of(...bytes, change))).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  test("is none in bytes that somebody made up with the right checksum", () => {
    fc.assert(
      fc.property(anySaved, fc.uint8Array({ maxLength: 40 }), (saved, tail) => {
        const head = encodeSavedWatch({
          ...saved,
          windowUs: NONE,
          memory: NONE,
          budget: NONE,
        }).subarray(0, -2);
        const bytes = Uint8Array.of(...head, ...tail);
        const checksum = new DataView(bytes.buffer);
        checksum.setUint32(1, fnv1a(bytes));
        const decoded = decodeSavedWatch("server1", bytes);
        if (decoded === undefined) return;
        expect(decoded.windowUs.length).toBeLessThanOrEqual(tail.length);
        expect(decoded.windowUs.some(Number.isNaN)).toBe(false);
      }),
      { numRuns: 1_000 },
    );
  });

  test("of a later format is none", () => {
    const [saved] = fc.sample(anySaved, 1);
    const bytes = encodeSavedWatch(saved!);
    bytes[0] = 3;
    new DataView(bytes.buffer).setUint32(1, fnv1a(bytes));
    expect(decodeSavedWatch("server1", bytes)).toBeUndefined();
  });
});

/** As anybody can compute it. */
function fnv1a(bytes: Uint8Array): number {
  let hash = 0x811c9dc5;
  for (const byte of [bytes[0]!, ...bytes.subarray(5)]) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}
