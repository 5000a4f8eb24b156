import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { BLOCK_MS, blockOf, decodeBlock, encodeSample, type PhiSample } from "./mod.ts";

const NOON_MS = Date.UTC(2026, 0, 31, 12);

function roundTrip(samples: readonly PhiSample[]): PhiSample[] {
  const bytes = samples.flatMap((sample) => [...encodeSample(sample)]);
  return decodeBlock(blockOf(samples[0]!.atWallMs), Uint8Array.from(bytes));
}

const at = (seconds: number) => ({ atWallMs: NOON_MS + seconds * 1_000, phi: 1, peakPhi: 1 });

describe("a block of φ", () => {
  test("keeps φ to three digits and time to the second, six bytes a sample", () => {
    const samples = [
      { atWallMs: NOON_MS + 1_999, phi: 0.012345, peakPhi: 1.2345 },
      { atWallMs: NOON_MS + 61_000, phi: 16.06, peakPhi: 307.6 },
    ];
    expect(encodeSample(samples[0]!)).toHaveLength(6);
    expect(roundTrip(samples)).toEqual([
      { atWallMs: NOON_MS + 1_000, phi: 0.0123, peakPhi: 1.23 },
      { atWallMs: NOON_MS + 61_000, phi: 16.1, peakPhi: 308 },
    ]);
  });

  test("holds any φ: finite, in its order, and no further off than a thousandth and its digits", () => {
    const anyPhi = fc.oneof(
      fc.double({ min: 0, max: 1_000, noNaN: true }),
      fc.double({ min: 0, noNaN: true }),
    );
    fc.assert(
      fc.property(anyPhi, anyPhi, (a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const [sample] = roundTrip([{ atWallMs: NOON_MS, phi: low, peakPhi: high }]);
        expect(Number.isFinite(sample!.peakPhi)).toBe(true);
        expect(sample!.phi).toBeLessThanOrEqual(sample!.peakPhi);
        for (const [phi, kept] of [
          [low, sample!.phi],
          [high, sample!.peakPhi],
        ] as const) {
          // Beyond these nobody can tell one φ from another anyway.
          if (phi > 2 ** -20 && phi < 2 ** 44) {
            expect(Math.abs(kept - phi)).toBeLessThan(0.0056 * phi);
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test("takes what is no φ for the nearest that is", () => {
    const sample = { atWallMs: NOON_MS, phi: Number.NaN, peakPhi: Number.POSITIVE_INFINITY };
    const [kept] = roundTrip([sample]);
    expect(kept!.phi).toBe(0);
    expect(kept!.peakPhi).toBeGreaterThan(1e13);
    expect(roundTrip([{ ...sample, phi: -1 }])[0]!.phi).toBe(0);
  });

  test("is told in the order of time, whatever the clock did", () => {
    expect(roundTrip([at(120), at(60), at(60), at(180)])).toEqual([
      at(60),
      at(60),
      at(120),
      at(180),
    ]);
  });

  test("of any bytes at all has only samples that are of the block", () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 60 }),
        fc.integer({ min: 0, max: 1e6 }),
        (bytes, block) => {
          for (const { atWallMs, phi, peakPhi } of decodeBlock(block, bytes)) {
            expect(blockOf(atWallMs)).toBe(block);
            expect([Number.isFinite(phi), Number.isFinite(peakPhi)]).toEqual([true, true]);
            expect(Math.min(phi, peakPhi)).toBeGreaterThanOrEqual(0);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  test("follows another without a gap", () => {
    expect(blockOf(NOON_MS + BLOCK_MS) - blockOf(NOON_MS + BLOCK_MS - 1)).toBe(1);
  });
});
