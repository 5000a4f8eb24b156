import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { pageOf } from "./page.ts";
import type { HistoryQuery, PhiSample, RecordedChange } from "./reading.ts";

const changeAt = (atWallMs: number, index: number): RecordedChange => ({
  target: "a",
  scope: "own",
  from: "up",
  to: "down",
  phi: index,
  reason: "",
  atWallMs,
});
const sampleAt = (atWallMs: number): PhiSample => ({ atWallMs, phi: 1, peakPhi: 1 });
const byTime = <T extends { readonly atWallMs: number }>(list: readonly T[]) =>
  list.toSorted((a, b) => a.atWallMs - b.atWallMs);

/** As a storage finds it: a few more than the limit, and all of the last one's moment. */
function find<T extends { readonly atWallMs: number }>(
  all: readonly T[],
  query: HistoryQuery,
): T[] {
  const inRange = all.filter(
    ({ atWallMs }) => atWallMs >= query.fromWallMs && atWallMs < query.toWallMs,
  );
  const last = inRange[query.limit];
  return last === undefined ? inRange : inRange.filter(({ atWallMs }) => atWallMs <= last.atWallMs);
}

const anyMoments = fc.array(fc.integer({ min: 0, max: 30 }), { maxLength: 40 });

describe("pageOf()", () => {
  test("tells everything once, page by page, in the order of time", () => {
    fc.assert(
      fc.property(
        anyMoments,
        anyMoments,
        fc.integer({ min: 1, max: 12 }),
        (changesAt, samplesAt, limit) => {
          const changes = byTime(changesAt.map(changeAt));
          const samples = byTime(samplesAt.map(sampleAt));
          const told: { changes: RecordedChange[]; samples: PhiSample[] } = {
            changes: [],
            samples: [],
          };
          let fromWallMs: number | null = 0;
          while (fromWallMs !== null) {
            const query: HistoryQuery = { target: "a", fromWallMs, toWallMs: 31, limit };
            const page = pageOf(query, {
              isKnown: true,
              changes: find(changes, query),
              samples: find(samples, query),
            });
            const moments = new Set(
              [...page.changes, ...page.samples].map(({ atWallMs }) => atWallMs),
            );
            if (moments.size > 1) {
              expect(page.changes.length + page.samples.length).toBeLessThanOrEqual(limit);
            }
            told.changes.push(...page.changes);
            told.samples.push(...page.samples);
            if (page.nextFromWallMs !== null)
              expect(page.nextFromWallMs).toBeGreaterThan(fromWallMs);
            fromWallMs = page.nextFromWallMs;
          }
          expect(told).toEqual({ changes, samples });
        },
      ),
      { numRuns: 500 },
    );
  });

  test("says that there is no more where there is none", () => {
    const query = { target: "a", fromWallMs: 0, toWallMs: 9, limit: 2 };
    const found = { isKnown: true, changes: [changeAt(1, 0)], samples: [sampleAt(1)] };
    expect(pageOf(query, found)).toEqual({ ...found, nextFromWallMs: null });
  });
});
