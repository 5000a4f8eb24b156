import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { DEFAULT_LOOP_LAG, LoopLag, type TurnGap } from "./loop_lag.ts";

/** A stall that the monitor's clock left out, but for a tick. */
const STALL: TurnGap = { gapMs: 300, leftOutMs: 280 };

test("one stall of 300 ms is none, and a second one within the window is", () => {
  const lag = new LoopLag();
  lag.turned(1_000, STALL);
  expect(lag.lastPresentMs).toBe(-Infinity);
  lag.turned(9_000, STALL);
  expect(lag.lastPresentMs).toBe(9_000);
  expect(lag.detail).toBe(
    "the event loop was held up 2 times within 10 s, the last time for 0.3 s",
  );
});

test("a second stall after the window is again the first", () => {
  const lag = new LoopLag();
  for (let atMs = 0; atMs < 600_000; atMs += 10_000) lag.turned(atMs, STALL);
  expect(lag.lastPresentMs).toBe(-Infinity);
});

test("one turn whose own work took a quarter of a second is enough: its time was counted", () => {
  const lag = new LoopLag();
  lag.turned(1_000, { gapMs: 249, leftOutMs: 0 });
  expect(lag.lastPresentMs).toBe(-Infinity);
  lag.turned(60_000, { gapMs: 250, leftOutMs: 0 });
  expect(lag.lastPresentMs).toBe(60_000);
  expect(lag.detail).toContain("held up once");
});

test("look() finds what has been going on since the last turn, and counts it once", () => {
  const lag = new LoopLag();
  for (let gapMs = 0; gapMs < 250; gapMs++) lag.look(1_000 + gapMs, { gapMs, leftOutMs: 0 });
  expect(lag.lastPresentMs).toBe(-Infinity);
  lag.look(1_250, { gapMs: 250, leftOutMs: 0 });
  expect(lag.lastPresentMs).toBe(1_250);
});

test("turned() is present exactly when the late turns of the window add up", () => {
  const turn = fc.record({
    afterMs: fc.integer({ min: 1, max: 4_000 }),
    gapMs: fc.integer({ min: 0, max: 400 }),
    isLeftOut: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 60 }), (turns) => {
      const { lateTurnMs, lostMs, windowMs } = DEFAULT_LOOP_LAG;
      const lag = new LoopLag();
      const all: { atMs: number; gapMs: number; lostMs: number }[] = [];
      let nowMs = 0;
      let expectedMs = Number.NEGATIVE_INFINITY;
      for (const { afterMs, gapMs, isLeftOut } of turns) {
        nowMs += afterMs;
        all.push({ atMs: nowMs, gapMs, lostMs: isLeftOut ? gapMs : 2 * gapMs });
        lag.turned(nowMs, { gapMs, leftOutMs: isLeftOut ? gapMs : 0 });
        const sumMs = all
          .filter((one) => one.atMs > nowMs - windowMs && one.gapMs > lateTurnMs)
          .reduce((sum, late) => sum + late.lostMs, 0);
        if (gapMs > lateTurnMs && sumMs >= lostMs) expectedMs = nowMs;
        expect(lag.lastPresentMs).toBe(expectedMs);
      }
    }),
  );
});
