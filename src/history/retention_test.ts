import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { budgetOf, keptSpan, MIN_HISTORY_BYTES, nextCutoff, watermarksOf } from "./mod.ts";

const DAY_MS = 86_400_000;

describe("retention", () => {
  test("divides the bytes between the database and its log, and begins to make room below the limit", () => {
    fc.assert(
      fc.property(fc.integer({ min: MIN_HISTORY_BYTES, max: 2 ** 40 }), (maxBytes) => {
        const { databaseBytes, logBytes } = budgetOf(maxBytes);
        const { highBytes, lowBytes } = watermarksOf(databaseBytes);
        expect(databaseBytes + logBytes).toBe(maxBytes);
        expect(logBytes).toBeGreaterThanOrEqual(256 * 1024);
        expect(logBytes).toBeLessThanOrEqual(16 * 1024 * 1024);
        expect(lowBytes).toBeLessThan(highBytes);
        expect(highBytes).toBeLessThan(databaseBytes);
      }),
    );
  });

  test("keeps so many days, and nothing that a wrong clock has dated far ahead", () => {
    const nowMs = Date.UTC(2026, 0, 31);
    const limits = { maxAgeMs: 7 * DAY_MS, maxBytes: MIN_HISTORY_BYTES };
    expect(keptSpan(nowMs, limits)).toEqual([nowMs - 7 * DAY_MS, nowMs + DAY_MS]);
  });

  test("making room takes a twentieth at a time, and reaches any moment in the end", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 * DAY_MS }), (ageMs) => {
        let oldestMs = 0;
        let steps = 0;
        while (oldestMs <= ageMs) {
          const cutoffMs = nextCutoff(oldestMs, ageMs, 1_800_000);
          expect(cutoffMs - oldestMs).toBeLessThanOrEqual(Math.max(ageMs / 20, 1_800_000) + 1);
          oldestMs = cutoffMs;
          expect(++steps).toBeLessThan(300);
        }
      }),
      { numRuns: 100 },
    );
  });

  test("a clock that was set back makes no cutoff before what there is", () => {
    expect(nextCutoff(1_000, -DAY_MS, 60)).toBe(1_060);
  });
});
