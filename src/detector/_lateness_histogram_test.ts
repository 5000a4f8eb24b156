import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { BUCKETS } from "./_lateness_grid.ts";
import { LatenessHistogram, MEMORY_SAMPLES } from "./_lateness_histogram.ts";

const anyLatenessUs = fc.oneof(
  fc.integer({ min: -10, max: 20 }),
  fc.double({ min: 0, max: 1e6, noNaN: true }),
  fc.double({ min: 0, max: 1e15, noNaN: true }),
);

function filled(latenessesUs: readonly number[]): LatenessHistogram {
  const histogram = new LatenessHistogram();
  histogram.clear(1_000_000);
  for (const lateUs of latenessesUs) histogram.add(lateUs);
  return histogram;
}

describe("LatenessHistogram", () => {
  test("agrees with a plain list of weighted samples", () => {
    fc.assert(
      fc.property(
        fc.array(anyLatenessUs, { maxLength: 300 }),
        fc.nat({ max: BUCKETS }),
        (latenessesUs, bucket) => {
          const histogram = filled(latenessesUs);
          const weights = latenessesUs.map(
            (_, index) => (1 + 1 / MEMORY_SAMPLES) ** (index + 1 - latenessesUs.length),
          );
          const from = latenessesUs.reduce(
            (sum, lateUs, index) =>
              lateUs >= 0 && histogram.bucketOf(lateUs) >= bucket ? sum + weights[index]! : sum,
            0,
          );
          const total = weights.reduce((sum, weight) => sum + weight, 0);
          // A weight is a whole number of some thousandths.
          const slack = 0.001 * latenessesUs.length + 1e-9;
          expect(Math.abs(histogram.weightFrom(bucket) / histogram.unit - from)).toBeLessThan(
            slack,
          );
          expect(Math.abs(histogram.total / histogram.unit - total)).toBeLessThan(slack);
        },
      ),
    );
  });

  test("its sums are exact: parts and wholes agree, also after it was made lighter", () => {
    const histogram = filled([]);
    // Enough to have been made lighter twice.
    for (let index = 0; index < 50_000; index++) histogram.add(((index * 7919) % 10_007) - 5_000);
    let sum = 0;
    for (let bucket = BUCKETS - 1; bucket >= 0; bucket--) {
      sum += histogram.weightOf(bucket);
      expect(histogram.weightFrom(bucket)).toBe(sum);
    }
    expect(histogram.late).toBe(sum);
    expect(histogram.total / histogram.unit).toBeCloseTo(MEMORY_SAMPLES + 1, 0);
    expect(histogram.late / histogram.total).toBeCloseTo(0.5, 2);
  });

  test("bucketFrom() is the latest bucket from which on there is a weight", () => {
    fc.assert(
      fc.property(
        fc.array(anyLatenessUs, { maxLength: 100 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (latenessesUs, share) => {
          const histogram = filled(latenessesUs);
          const weight = Math.max(share * histogram.total, 1);
          const bucket = histogram.bucketFrom(weight);
          if (bucket >= 0) expect(histogram.weightFrom(bucket)).toBeGreaterThanOrEqual(weight);
          expect(histogram.weightFrom(bucket + 1)).toBeLessThan(weight);
        },
      ),
    );
  });

  test("comes back as it was saved", () => {
    fc.assert(
      fc.property(fc.array(anyLatenessUs, { maxLength: 300 }), (latenessesUs) => {
        const histogram = filled(latenessesUs);
        const saved = histogram.save();
        expect(saved.every((number) => Number.isSafeInteger(number) && number >= 0)).toBe(true);
        const restored = new LatenessHistogram();
        expect(restored.restore(saved)).toBe(true);
        expect(restored.save()).toEqual(saved);
        expect(restored.total).toBe(histogram.total);
      }),
    );
  });

  test("refuses what it never saved, and is empty then", () => {
    const histogram = filled([1, 2, 3]);
    for (const saved of [
      [],
      [0, 0],
      [5_000, -1],
      [5_000, 2 ** 32],
      [5_000, 0, BUCKETS * 2 ** 32 + 1],
    ]) {
      expect(histogram.restore(saved)).toBe(false);
      expect(histogram.total).toBe(0);
    }
  });
});
