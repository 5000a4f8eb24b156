import { expect, test } from "bun:test";
import { Paused, type ClockReadings } from "./paused.ts";

const START: ClockReadings = { nowMs: 1_000, pausedMs: 0, monotonicMs: 1_000, wallMs: 1.7e12 };

/** The clocks later on: `ranMs` while the process ran, `pausedMs` while it did not. */
function later(from: ClockReadings, by: { ranMs?: number; pausedMs?: number; wallMs?: number }) {
  const { ranMs = 0, pausedMs = 0, wallMs = 0 } = by;
  return {
    nowMs: from.nowMs + ranMs,
    pausedMs: from.pausedMs + pausedMs,
    monotonicMs: from.monotonicMs + ranMs + pausedMs,
    wallMs: from.wallMs + ranMs + pausedMs + wallMs,
  };
}

test("running on is no pause, and neither are stalls of less than half a second", () => {
  const paused = new Paused(START);
  let clocks = START;
  for (let turn = 0; turn < 1_000; turn++) {
    clocks = later(clocks, { ranMs: 20, pausedMs: turn % 10 === 0 ? 499 : 0 });
    expect(paused.ran(clocks)).toBe(0);
  }
  expect(paused.lastPresentMs).toBe(-Infinity);
});

test("time that was left out at once is a pause, present when it ends", () => {
  const paused = new Paused(START);
  const woken = later(START, { ranMs: 20, pausedMs: 29_980 });
  expect(paused.ran(woken)).toBe(29_980);
  expect(paused.lastPresentMs).toBe(woken.nowMs);
  expect(paused.detail).toBe("the process did not run for 30 s");
  expect(paused.ran(later(woken, { ranMs: 20 }))).toBe(0);
  expect(paused.lastPresentMs).toBe(woken.nowMs);
});

test("a wall clock that alone went on is a suspended machine; one set back, or a little ahead, is none", () => {
  const paused = new Paused(START);
  let clocks = later(START, { ranMs: 20, wallMs: 4_000 });
  paused.ran(clocks);
  clocks = later(clocks, { ranMs: 20, wallMs: -3_600_000 });
  paused.ran(clocks);
  expect(paused.lastPresentMs).toBe(-Infinity);
  clocks = later(clocks, { ranMs: 20, wallMs: 3_600_000 });
  expect(paused.ran(clocks)).toBe(0);
  expect(paused.lastPresentMs).toBe(clocks.nowMs);
  expect(paused.detail).toBe("the wall clock is suddenly 3600 s ahead: the machine was suspended");
});
