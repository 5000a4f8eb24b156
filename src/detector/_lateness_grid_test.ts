import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { BUCKETS, bucketOf, LEAST_STEPS, STEPS_PER_INTERVAL } from "./_lateness_grid.ts";

const anySteps = fc.oneof(
  fc.integer({ min: 0, max: 100 }),
  fc.double({ min: 0, max: 4 * STEPS_PER_INTERVAL, noNaN: true }),
  fc.double({ min: 0, max: 1e14, noNaN: true }),
);

describe("bucketOf()", () => {
  test("never falls as the lateness grows", () => {
    fc.assert(
      fc.property(anySteps, anySteps, (steps, others) => {
        const [less, more] = steps < others ? [steps, others] : [others, steps];
        expect(bucketOf(less)).toBeLessThanOrEqual(bucketOf(more));
      }),
      { numRuns: 2000 },
    );
  });

  test("is a bucket between whose bounds the lateness is", () => {
    fc.assert(
      fc.property(anySteps, (steps) => {
        const bucket = bucketOf(steps);
        expect(LEAST_STEPS[bucket]!).toBeLessThanOrEqual(steps);
        expect(LEAST_STEPS[bucket + 1]!).toBeGreaterThanOrEqual(steps);
      }),
      { numRuns: 2000 },
    );
  });

  test("every bucket is used, and what is later than all is in the last", () => {
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      const middle = (LEAST_STEPS[bucket]! + LEAST_STEPS[bucket + 1]!) / 2;
      expect(LEAST_STEPS[bucket + 1]!).toBeGreaterThan(LEAST_STEPS[bucket]!);
      expect(bucketOf(middle)).toBe(bucket);
    }
    for (const steps of [1e20, 1e100, Infinity]) expect(bucketOf(steps)).toBe(BUCKETS - 1);
  });

  test("tells a thousandth of the interval on time, and after one or two lost heartbeats", () => {
    const thousandth = STEPS_PER_INTERVAL / 1000;
    for (const lost of [0, 1, 2]) {
      const steps = lost * STEPS_PER_INTERVAL;
      for (const side of lost === 0 ? [1] : [1, -1]) {
        expect(bucketOf(steps + side * thousandth)).not.toBe(
          bucketOf(steps + side * 2 * thousandth),
        );
      }
    }
  });
});
