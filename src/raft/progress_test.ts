import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { InvariantError } from "./assert.ts";
import { Progress } from "./progress.ts";

const MAX_INFLIGHT = 3;
const replicating = (matchIndex: number) => {
  const progress = new Progress(matchIndex + 1, 0);
  progress.matched(matchIndex);
  progress.replicate();
  return progress;
};
const isPaused = (progress: Progress) => progress.isPaused(MAX_INFLIGHT);

test("counts as heard of when it begins", () => {
  expect(new Progress(5, 7).lastHeardTick).toBe(7);
});

describe("in probe", () => {
  test("one append is out at a time, until an answer or a sign of life", () => {
    const progress = new Progress(5, 0);
    expect([progress.state, progress.nextIndex, progress.matchIndex]).toEqual(["probe", 5, 0]);
    expect(isPaused(progress)).toBe(false);
    progress.sent(7, false);
    expect([isPaused(progress), progress.nextIndex]).toEqual([true, 5]);
    progress.resume();
    expect(isPaused(progress)).toBe(false);
    progress.sent(4, true);
    expect(isPaused(progress)).toBe(true);
  });

  test("a rejection leads back to the hint, and never before what matches", () => {
    const progress = new Progress(10, 0);
    progress.sent(9, true);
    expect(progress.rejected(9, 4)).toBe(true);
    expect([progress.nextIndex, isPaused(progress)]).toEqual([5, false]);
    // A hint that is no step back still is one.
    expect(progress.rejected(4, 4)).toBe(true);
    expect(progress.nextIndex).toBe(4);
    progress.matched(2);
    expect(progress.rejected(3, 0)).toBe(true);
    expect(progress.nextIndex).toBe(3);
  });

  test("a rejection of an append that was overtaken since is no news", () => {
    const progress = new Progress(10, 0);
    expect(progress.rejected(8, 0)).toBe(false);
    expect(progress.rejected(10, 0)).toBe(false);
    progress.matched(9);
    expect(progress.rejected(9, 0)).toBe(false);
    expect(progress.nextIndex).toBe(10);
  });
});

describe("in replicate", () => {
  test("appends are sent ahead, up to the bound; an answer frees all up to it", () => {
    const progress = replicating(3);
    for (const lastIndex of [4, 6, 7]) progress.sent(lastIndex, false);
    expect([progress.nextIndex, progress.inflightBatches, isPaused(progress)]).toEqual([
      8,
      3,
      true,
    ]);
    progress.matched(6);
    expect([progress.matchIndex, progress.inflightBatches, isPaused(progress)]).toEqual([
      6,
      1,
      false,
    ]);
  });

  test("an empty append takes no place", () => {
    const progress = replicating(3);
    progress.sent(3, true);
    expect([progress.nextIndex, progress.inflightBatches]).toEqual([4, 0]);
  });

  test("a sign of life frees no place: who lives may still be storing what it was sent", () => {
    const progress = replicating(3);
    for (const lastIndex of [4, 5, 6]) progress.sent(lastIndex, false);
    progress.resume();
    expect([progress.inflightBatches, isPaused(progress)]).toEqual([3, true]);
  });

  test("a rejection means that something was lost: it probes after what matches", () => {
    const progress = replicating(3);
    progress.sent(9, false);
    expect(progress.rejected(9, 8)).toBe(true);
    expect([progress.state, progress.nextIndex, progress.inflightBatches]).toEqual(["probe", 4, 0]);
  });

  test("entries out of order are an InvariantError", () => {
    const progress = replicating(3);
    progress.sent(5, false);
    expect(() => progress.sent(5, false)).toThrow(InvariantError);
  });
});

describe("in snapshot", () => {
  test("nothing is sent, whatever shows that it lives, until probeFrom()", () => {
    const progress = new Progress(5, 0);
    progress.awaitSnapshot(9);
    progress.resume();
    expect(isPaused(progress)).toBe(true);
    expect(progress.rejected(4, 0)).toBe(false);
    progress.probeFrom(9);
    expect([progress.state, progress.nextIndex, isPaused(progress)]).toEqual(["probe", 9, false]);
    progress.holdProbe();
    expect(isPaused(progress)).toBe(true);
  });
});

test("matchIndex never falls, and nextIndex stays above it, whatever comes", () => {
  const index = fc.nat({ max: 12 });
  const arbitraryCall = fc.oneof(
    index.map((at) => (progress: Progress) => progress.matched(at)),
    fc.tuple(index, index).map((at) => (progress: Progress) => progress.rejected(...at)),
    index.map((at) => (progress: Progress) => progress.probeFrom(at)),
    fc.constant((progress: Progress) => {
      progress.replicate();
      expect(progress).toMatchObject({ nextIndex: progress.matchIndex + 1, inflightBatches: 0 });
    }),
    fc.constant((progress: Progress) => progress.awaitSnapshot(9)),
    fc.constant((progress: Progress) => progress.resume()),
    fc.nat({ max: 3 }).map((count) => (progress: Progress) => {
      if (!isPaused(progress)) progress.sent(progress.nextIndex - 1 + count, count === 0);
    }),
  );
  fc.assert(
    fc.property(fc.array(arbitraryCall, { maxLength: 40, size: "max" }), (calls) => {
      const progress = new Progress(6, 0);
      for (const call of calls) {
        const { matchIndex } = progress;
        call(progress);
        expect(progress.matchIndex).toBeGreaterThanOrEqual(matchIndex);
        expect(progress.nextIndex).toBeGreaterThan(progress.matchIndex);
        expect(progress.inflightBatches).toBeLessThanOrEqual(MAX_INFLIGHT);
        if (progress.state !== "replicate") expect(progress.inflightBatches).toBe(0);
      }
    }),
  );
});
