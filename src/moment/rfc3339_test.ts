import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { formatRfc3339, parseRfc3339 } from "./rfc3339.ts";

const pad = (value: number) => String(value).padStart(2, "0");

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

test("parseRfc3339() reads back what was written, in whatever zone", () => {
  const anyMs = fc.integer({ min: 86_400_000, max: 253_402_200_000_000 });
  fc.assert(
    fc.property(anyMs, fc.integer({ min: -1_439, max: 1_439 }), (ms, offsetMinutes) => {
      expect(parseRfc3339(new Date(ms).toISOString())).toBe(ms);
      const local = new Date(ms + offsetMinutes * 60_000).toISOString().slice(0, -1);
      const [hours, minutes] = [
        Math.floor(Math.abs(offsetMinutes) / 60),
        Math.abs(offsetMinutes) % 60,
      ];
      const zone = `${offsetMinutes < 0 ? "-" : "+"}${pad(hours)}:${pad(minutes)}`;
      expect(parseRfc3339(`${local}${zone}`)).toBe(ms);
    }),
    { numRuns: 2_000 },
  );
});

test.each([
  ["2026-01-31T12:00:00Z", 1_769_860_800_000],
  ["2026-01-31t12:00:00.123456z", 1_769_860_800_123],
  ["2024-02-29T00:00:00+01:00", 1_709_161_200_000],
])("parseRfc3339(%p)", (text, ms) => expect(parseRfc3339(text)).toBe(ms));

test.each([
  "",
  "2026-01-31",
  "2026-01-31T12:00:00",
  "2026-1-31T12:00:00Z",
  "2026-02-29T12:00:00Z",
  "2026-13-01T12:00:00Z",
  "2026-00-10T12:00:00Z",
  "2026-01-31T24:00:00Z",
  "2026-01-31T12:60:00Z",
  "2026-01-31T12:00:60Z",
  "2026-01-31T12:00:00+25:00",
  "2026-01-31T12:00:00Z ",
])("parseRfc3339(%p) is none", (text) => expect(parseRfc3339(text)).toBeUndefined());
