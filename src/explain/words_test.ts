import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { counted, duration, exactly, moment, phiText } from "./words.ts";

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const format = (wallMs: number) => (wallMs < 0 ? null : new Date(wallMs).toISOString());

test("duration() is as exact as the time is short", () => {
  const shown = [-5, 0, 49, 400, 9_949, 9_950, 59_499, 59_500, 61_000, 59 * MINUTE_MS + 59_600];
  expect(shown.map(duration)).toEqual([
    "0 s",
    "0 s",
    "0 s",
    "0.4 s",
    "9.9 s",
    "10 s",
    "59 s",
    "1 min",
    "1 min 1 s",
    "1 h",
  ]);
  const long = [2 * HOUR_MS + 12 * MINUTE_MS, DAY_MS - 20_000, 3 * DAY_MS + 4 * HOUR_MS];
  expect(long.map(duration)).toEqual(["2 h 12 min", "1 d", "3 d 4 h"]);
});

test("duration() never shows sixty of anything, nor a day of more than 24 hours", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 30 * DAY_MS }), (ms) => {
      const text = duration(ms);
      for (const [, count, unit] of text.matchAll(/([\d.]+) (\w+)/gu)) {
        const most = { s: 60, min: 60, h: 24, d: Infinity }[unit!]!;
        expect(Number(count)).toBeLessThan(most);
      }
    }),
  );
});

test("moment() has the date only where it is another", () => {
  const noonMs = Date.UTC(2026, 0, 31, 12);
  expect(moment(noonMs, noonMs + HOUR_MS, format)).toBe("12:00:00 UTC");
  expect(moment(noonMs, noonMs + DAY_MS, format)).toBe("2026-01-31 12:00:00 UTC");
  expect(moment(-1, noonMs, format)).toBe("an unknown time");
});

test("numbers are short", () => {
  expect([phiText(0.123), phiText(16), phiText(999.999), phiText(1e300)]).toEqual([
    "0.12",
    "16",
    "1000",
    "over 1000",
  ]);
  expect([exactly(1_002), exactly(500), exactly(0.4)]).toEqual(["1.002 s", "0.5 s", "0 s"]);
  expect([counted(1, "probe"), counted(0, "probe")]).toEqual(["1 probe", "0 probes"]);
});
