import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { Quantiles } from "./_quantiles.ts";

const value = fc.oneof(
  fc.double({ min: 0.01, max: 1e13, noNaN: true }),
  fc.integer({ min: 1, max: 100_000 }),
  fc.integer({ min: -6, max: 40 }).map((power) => 2 ** power),
);

test("a quantile is within a thousandth of the value at its rank", () => {
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 200 }),
      fc.double({ min: 0.001, max: 1, noNaN: true }),
      (values, share) => {
        const quantiles = new Quantiles();
        for (const each of values) quantiles.add(each);
        const sorted = values.toSorted((one, other) => one - other);
        const exact = sorted[Math.ceil(share * values.length) - 1]!;
        expect(Math.abs(quantiles.at(share) - exact)).toBeLessThanOrEqual(exact / 1_000);
      },
    ),
  );
});

test("what is all the same is exact, and what was never added is no number", () => {
  const quantiles = new Quantiles();
  expect(quantiles.at(0.99)).toBeNaN();
  for (let index = 0; index < 7; index++) quantiles.add(120.1);
  expect(quantiles.at(0.99)).toBe(120.1);
  expect(quantiles.count).toBe(7);
});

test("nothing and for ever are values", () => {
  const quantiles = new Quantiles();
  quantiles.add(0);
  quantiles.add(5);
  quantiles.add(Infinity);
  expect(quantiles.at(0.33)).toBeLessThan(0.001);
  expect(quantiles.at(0.99)).toBe(Infinity);
});
