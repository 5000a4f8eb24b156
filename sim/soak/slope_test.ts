import { expect, test } from "bun:test";
import { slopeOf } from "./slope.ts";

test("slopeOf() is the slope of a line, whatever its height", () => {
  const samples = Array.from({ length: 10 }, (_, step) => ({
    hours: step / 10,
    value: 7 + 3 * step,
  }));
  const { perHour, uncertainty, first, last, highest } = slopeOf(samples);
  expect(perHour).toBeCloseTo(30, 9);
  expect(uncertainty).toBeCloseTo(0, 6);
  expect([first, last, highest]).toEqual([7, 34, 34]);
});

test("slopeOf() of noise around a level is within its uncertainty of nothing", () => {
  const noise = [3, -1, 2, -4, 1, 0, -2, 4, -3, 0, 1, -1];
  const { perHour, uncertainty } = slopeOf(
    noise.map((value, step) => ({ hours: step / 12, value: 100 + value })),
  );
  expect(Math.abs(perHour)).toBeLessThan(uncertainty);
});

test("slopeOf() wants three samples at different times", () => {
  const samples = [
    { hours: 0, value: 1 },
    { hours: 1, value: 2 },
  ];
  expect(() => slopeOf(samples)).toThrow(RangeError);
  const still = [1, 2, 3].map((value) => ({ hours: 1, value }));
  expect(() => slopeOf(still)).toThrow(RangeError);
});
