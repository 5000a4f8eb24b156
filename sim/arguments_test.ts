import { expect, test } from "bun:test";
import { wholeNumber } from "./arguments.ts";

test("wholeNumber() takes whole numbers from the least on, and nothing for nothing", () => {
  expect(wholeNumber("seeds", "1", 1)).toBe(1);
  expect(wholeNumber("seeds", "5000", 1)).toBe(5_000);
  expect(wholeNumber("seeds", undefined, 1)).toBeUndefined();
});

test.each(["abc", "0", "-1", "1.5", "", " ", "1e99", "Infinity"])(
  "wholeNumber() refuses %p where at least one is wanted",
  (text) => {
    const message = `--seeds must be a whole number >= 1, received "${text}"`;
    expect(() => wholeNumber("seeds", text, 1)).toThrow(message);
  },
);
