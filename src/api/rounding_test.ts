import { expect, test } from "bun:test";
import { seconds, thousandths } from "./rounding.ts";

test("seconds() are of whole milliseconds", () => {
  expect(seconds(0)).toBe(0);
  expect(seconds(1_234.4)).toBe(1.234);
  expect(seconds(1_234.5)).toBe(1.235);
  expect(seconds(-0.6)).toBe(-0.001);
});

test("thousandths() keeps three places and the unit", () => {
  expect(thousandths(0)).toBe(0);
  expect(thousandths(99.999_4)).toBe(99.999);
  expect(thousandths(99.999_6)).toBe(100);
});
