import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { formatRfc3339 } from "./rfc3339.ts";

test("formatRfc3339() says what Date says, for every moment with a year of four digits", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (ms) => {
      expect(formatRfc3339(ms)).toBe(new Date(ms).toISOString());
    }),
    { numRuns: 2_000 },
  );
});

test("formatRfc3339() knows every day of 400 years", () => {
  for (let day = 0; day < 146_097; day++) {
    const ms = day * 86_400_000;
    if (formatRfc3339(ms) !== new Date(ms).toISOString()) throw new Error(`day ${day} is wrong`);
  }
});

test("formatRfc3339() cuts fractions, and has nothing to say of what is no such moment", () => {
  expect(formatRfc3339(1_769_860_800_123.9)).toBe("2026-01-31T12:00:00.123Z");
  for (const ms of [Number.NaN, Infinity, -1, 253_402_300_800_000]) {
    expect(formatRfc3339(ms)).toBeNull();
  }
});
