import { describe, expect, test } from "bun:test";
import { poissonInterval, poissonUpperBound } from "./poisson.ts";

/** P(no more than `count` events), added up. */
function cumulative(count: number, mean: number): number {
  let term = Math.exp(-mean);
  let sum = term;
  for (let events = 1; events <= count; events++) sum += term *= mean / events;
  return sum;
}

describe("poissonInterval", () => {
  // Garwood 1936, as every table has it.
  test.each([
    [0, 0, 3.689],
    [1, 0.0253, 5.572],
    [5, 1.623, 11.668],
    [10, 4.795, 18.39],
    [20, 12.217, 30.888],
    [100, 81.364, 121.627],
  ])("of %p events is the table's", (count, low, high) => {
    const interval = poissonInterval(count);
    expect(interval.low).toBeCloseTo(low, 2);
    expect(interval.high).toBeCloseTo(high, 2);
  });

  test("leaves 2.5 % on each side, by adding up", () => {
    for (const count of [1, 2, 3, 7, 30, 99, 250]) {
      const { low, high } = poissonInterval(count);
      expect(1 - cumulative(count - 1, low)).toBeCloseTo(0.025, 8);
      expect(cumulative(count, high)).toBeCloseTo(0.025, 8);
    }
  });

  test("of many is what a normal distribution says", () => {
    const { low, high } = poissonInterval(1_000_000);
    expect(Math.abs(low - (1e6 - 1_960))).toBeLessThan(3);
    expect(Math.abs(high - (1e6 + 1_960))).toBeLessThan(5);
  });
});

describe("poissonUpperBound", () => {
  test("after none is the rule of three", () => {
    expect(poissonUpperBound(0)).toBeCloseTo(-Math.log(0.05), 9);
  });

  test("is not exceeded with its confidence", () => {
    for (const count of [1, 4, 40]) {
      expect(cumulative(count, poissonUpperBound(count, 0.9))).toBeCloseTo(0.1, 8);
    }
  });
});
