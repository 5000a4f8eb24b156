import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { MonitorClock, momentOf, momentOfHttpDate } from "./moment.ts";

test("momentOf() agrees with Date.parse on every moment", () => {
  fc.assert(
    fc.property(fc.integer({ min: -62_135_596_800_000, max: 253_402_300_799_999 }), (ms) => {
      expect(momentOf(new Date(ms).toISOString())).toBe(ms);
    }),
  );
});

test("momentOf() is NaN for what is no moment", () => {
  expect(momentOf("2026-01-31T12:00:00Z")).toBe(Date.UTC(2026, 0, 31, 12));
  expect(momentOf("2026-01-31T12:00:00.5Z")).toBe(Date.UTC(2026, 0, 31, 12) + 500);
  for (const wrong of [null, undefined, "", "yesterday", "2026-02-30T12:00:00Z"]) {
    expect(momentOf(wrong)).toBeNaN();
  }
});

test("momentOfHttpDate() reads a Date header in every month, and nothing else", () => {
  for (let month = 0; month < 12; month++) {
    const at = Date.UTC(2026, month, 28, 17, 47, 59);
    expect(momentOfHttpDate(new Date(at).toUTCString())).toBe(at);
  }
  expect(momentOfHttpDate(null)).toBeNaN();
  expect(momentOfHttpDate("Sat, 28 Foo 2026 17:47:59 GMT")).toBeNaN();
});

test("MonitorClock goes by what the monitor said, not by this reader's wall clock", () => {
  const now = { monotonic: 0, wall: 5_000_000 };
  const clock = new MonitorClock({ monotonicMs: () => now.monotonic, wallMs: () => now.wall });
  expect(clock.wallMs()).toBe(5_000_000); //   nothing known yet
  clock.set(Number.NaN);
  expect(clock.wallMs()).toBe(5_000_000);
  clock.set(1_000);
  now.monotonic = 250;
  now.wall = 0;
  expect(clock.wallMs()).toBe(1_250);
  clock.check(3_000); //                       within what a whole second and a slow answer explain
  expect(clock.wallMs()).toBe(1_250);
  clock.check(Number.NaN);
  expect(clock.wallMs()).toBe(1_250);
  clock.check(9_000); //                       the machine slept: the monotonic clock stood still
  expect(clock.wallMs()).toBe(9_000);
});
