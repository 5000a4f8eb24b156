import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { Random } from "../world/random.ts";
import { marginOf, outcomeOf, type Point, trendOf } from "./trend.ts";

const BOUNDS = { growth: 10, flat: 25 };

/** Points five minutes apart. */
const pointsOf = (values: readonly number[]): Point[] =>
  values.map((value, step) => ({ hours: step / 12, value }));

/** The dumb twin of what marginOf() counts with: all orders, one by one. */
function inversionsOfAllOrders(rest: readonly number[]): number[] {
  if (rest.length === 0) return [0];
  return rest.flatMap((first, index) => {
    const others = rest.toSpliced(index, 1);
    const passed = others.filter((other) => other < first).length;
    return inversionsOfAllOrders(others).map((inversions) => inversions + passed);
  });
}

test.each([0, 1, 2, 3, 4, 5, 6, 7])("marginOf(%p) is what all orders give", (count) => {
  const all = inversionsOfAllOrders(Array.from({ length: count }, (_, index) => index));
  const shareBelow = (margin: number) => all.filter((each) => each < margin).length / all.length;
  let margin = 0;
  while (shareBelow(margin + 1) <= 0.025) margin++;
  expect(marginOf(count)).toBe(margin);
});

test("trendOf() of a straight line is its slope, and no interval", () => {
  const { perHour, low, high } = trendOf(pointsOf([7, 10, 13, 16, 19, 22]))!;
  for (const slope of [perHour, low, high]) expect(slope).toBeCloseTo(36, 9);
});

test("trendOf() wants five points", () => {
  expect(trendOf(pointsOf([1, 2, 3, 4]))).toBeUndefined();
  expect(trendOf(pointsOf([1, 2, 3, 4, 5]))).toBeDefined();
});

test("trendOf() moves by a leak exactly, whatever the noise", () => {
  const noise = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 5, maxLength: 20 });
  fc.assert(
    fc.property(noise, fc.integer({ min: -100, max: 100 }), (values, leak) => {
      const [still, leaking] = [values, values.map((value, step) => value + (leak * step) / 12)];
      const [before, after] = [trendOf(pointsOf(still))!, trendOf(pointsOf(leaking))!];
      for (const end of ["perHour", "low", "high"] as const) {
        expect(after[end]).toBeCloseTo(before[end] + leak, 6);
      }
      expect(before.low).toBeLessThanOrEqual(before.perHour);
      expect(before.high).toBeGreaterThanOrEqual(before.perHour);
    }),
  );
});

test("trendOf() holds the true slope in 95 of 100 series of a dozen points, and hardly more", () => {
  const random = new Random(1, "trend");
  let held = 0;
  for (let series = 0; series < 1_000; series++) {
    const values = Array.from({ length: 12 }, (_, step) => 200 + 2 * step + 10 * random.fraction());
    const { low, high } = trendOf(pointsOf(values))!;
    if (low <= 24 && 24 <= high) held++;
  }
  expect(held).toBeGreaterThanOrEqual(935);
  expect(held).toBeLessThanOrEqual(985);
});

test("trendOf() is hardly moved by one odd point", () => {
  const values = [200, 201, 200, 202, 199, 200, 201, 200, 202, 201, 199];
  expect(outcomeOf(trendOf(pointsOf(values)), BOUNDS)).toBe("flat");
  expect(outcomeOf(trendOf(pointsOf(values.with(9, 300))), BOUNDS)).toBe("flat");
});

test("outcomeOf() says what the ends of the interval let it say", () => {
  const outcome = (low: number, high: number) => outcomeOf({ perHour: low, low, high }, BOUNDS);
  expect(outcome(10.1, 40)).toBe("grows");
  expect(outcome(10.1, 20)).toBe("grows");
  expect(outcome(10, 25.1)).toBe("cannot tell");
  expect(outcome(-60, 25)).toBe("flat");
  expect(outcomeOf(undefined, BOUNDS)).toBe("cannot tell");
});
