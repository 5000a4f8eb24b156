import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { formatRfc3339, parseRfc3339 } from "./rfc3339.ts";

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

test("parseRfc3339() reads back what formatRfc3339() writes", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (ms) => {
      expect(parseRfc3339(formatRfc3339(ms)!)).toBe(ms);
    }),
    { numRuns: 2_000 },
  );
});

test("parseRfc3339() knows offsets, fractions, and a plus that a query made a space", () => {
  const noonMs = Date.UTC(2026, 0, 31, 12);
  for (const text of [
    "2026-01-31T12:00:00Z",
    "2026-01-31t12:00:00z",
    "2026-01-31 12:00:00Z",
    "2026-01-31T13:30:00+01:30",
    "2026-01-31T13:30:00 01:30",
    "2026-01-31T04:00:00-08:00",
    "2026-02-01T00:00:00.000000000+12:00",
  ]) {
    expect([text, parseRfc3339(text)]).toEqual([text, noonMs]);
  }
  expect(parseRfc3339("2026-01-31T12:00:00.5Z")).toBe(noonMs + 500);
});

test("parseRfc3339() takes nothing that is no moment", () => {
  for (const text of [
    "",
    "now",
    "2026-01-31",
    "2026-01-31T12:00:00",
    "2026-02-29T12:00:00Z",
    "2026-02-30T12:00:00Z",
    "2026-00-10T12:00:00Z",
    "2026-13-10T12:00:00Z",
    "2026-01-00T12:00:00Z",
    "2026-01-32T12:00:00Z",
    "2026-01-31T24:00:00Z",
    "2026-01-31T12:60:00Z",
    "2026-01-31T12:00:60Z",
    "2026-01-31T12:00:00+24:00",
    "2026-01-31T12:00:00+01:60",
    "1969-12-31T23:59:59Z",
    "1970-01-01T00:00:00+00:01",
    " 2026-01-31T12:00:00Z",
    "2026-01-31T12:00:00Z\n",
  ]) {
    expect([text, parseRfc3339(text)]).toEqual([text, null]);
  }
});
