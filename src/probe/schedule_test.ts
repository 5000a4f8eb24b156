import { describe, expect, test } from "bun:test";
import { HandProber } from "../../test/kit/hand_prober.ts";
import { evenPhase, ProbeSchedule, type ScheduleListener } from "./schedule.ts";
import { TimerWheel } from "./wheel.ts";

function open(intervalMs = 1_000, firstMs = 100) {
  const wheel = new TimerWheel(0);
  const prober = new HandProber();
  const told = {
    askedAtMs: [] as number[],
    lagsMs: [] as number[],
    skipped: 0,
    answered: 0,
    answeredBefore: 0,
    mostOut: 2,
  };
  const listener: ScheduleListener<string> = {
    asked: (_subject, nowMs, lagMs) => {
      told.askedAtMs.push(nowMs);
      told.lagsMs.push(lagMs);
    },
    skipped: (_subject, slots) => (told.skipped += slots),
    answered: () => told.answered++,
    answeredBefore: () => told.answeredBefore++,
    mostOut: () => told.mostOut,
  };
  const schedule = new ProbeSchedule({ wheel, listener, earlier: new Map() }, prober, "server1", {
    firstMs,
    intervalMs,
  });
  return { wheel, prober, told, schedule };
}

const LATER_MS = 60_000;

describe("ProbeSchedule", () => {
  test("asks on an absolute grid, whatever an answer takes", () => {
    const { wheel, prober, told } = open();
    for (let nowMs = 0; nowMs < 4_000; nowMs += 2) {
      wheel.advance(nowMs);
      // Each answer takes 700 ms.
      if (prober.out.length > 0 && nowMs >= told.askedAtMs.at(-1)! + 700) prober.end();
    }
    expect(told.askedAtMs).toEqual([100, 1_100, 2_100, 3_100]);
    expect(told.answered).toBe(4);
    expect(told.skipped).toBe(0);
  });

  test("changeInterval() keeps the next slot, or brings it forward, and goes on from there", () => {
    const { wheel, prober, told, schedule } = open();
    const answered = (fromMs: number, toMs: number) => {
      for (let nowMs = fromMs; nowMs < toMs; nowMs += 2) {
        wheel.advance(nowMs);
        while (prober.out.length > 0) prober.end();
      }
    };
    answered(0, 1_200);
    schedule.changeInterval(250, 1_200);
    answered(1_200, 2_000);
    schedule.changeInterval(1_500, 2_000);
    answered(2_000, 5_000);
    expect(told.askedAtMs).toEqual([100, 1_100, 1_350, 1_600, 1_850, 2_100, 3_600]);
    expect(told.skipped).toBe(0);
    schedule.close();
    schedule.changeInterval(10, 5_000);
    answered(5_000, 6_000);
    expect(told.askedAtMs.length).toBe(7);
  });

  test("changeInterval() late in an interval makes no slot late, and skips none that never was", () => {
    const { wheel, prober, told, schedule } = open();
    wheel.advance(100);
    prober.end();
    schedule.changeInterval(100, 1_030);
    for (let nowMs = 1_030; nowMs <= 1_250; nowMs += 2) {
      wheel.advance(nowMs);
      while (prober.out.length > 0) prober.end();
    }
    expect(told.askedAtMs).toEqual([100, 1_100, 1_200]);
    expect(told.lagsMs).toEqual([0, 0, 0]);
    expect(told.skipped).toBe(0);
    // However often it is changed, the next slot comes no later for it.
    schedule.changeInterval(70, 1_250);
    schedule.changeInterval(30, 1_265);
    schedule.changeInterval(10, 1_269);
    wheel.advance(1_270);
    expect([told.askedAtMs.at(-1), told.lagsMs.at(-1), told.skipped]).toEqual([1_270, 0, 0]);
  });

  test("asks while others are out, up to as many as may be", () => {
    const { wheel, prober, told } = open();
    for (let nowMs = 0; nowMs <= 4_100; nowMs += 2) wheel.advance(nowMs);
    expect(prober.askedCount).toBe(2);
    expect(told.skipped).toBe(3);
    prober.end();
    wheel.advance(5_100);
    expect(prober.askedCount).toBe(3);
    told.mostOut = 4;
    for (let nowMs = 5_100; nowMs <= 9_100; nowMs += 2) wheel.advance(nowMs);
    expect(prober.askedCount).toBe(5);
    expect(told.skipped).toBe(5);
  });

  test("counts the slots that were passed over, and stays on the grid", () => {
    const { wheel, told } = open(100, 100);
    wheel.advance(100);
    wheel.advance(470);
    expect(told.askedAtMs).toEqual([100, 470]);
    expect(told.lagsMs[1]).toBe(70);
    expect(told.skipped).toBe(2);
    wheel.advance(500);
    expect(told.skipped).toBe(3);
  });

  test("askOtherwise() gives up in time what was asked before", () => {
    const { wheel, prober, told, schedule } = open(500);
    wheel.advance(100);
    wheel.advance(600);
    const next = new HandProber();
    schedule.askOtherwise(next, { firstMs: 1_100, intervalMs: 500 }, 1_600);
    wheel.advance(1_100);
    expect([next.askedCount, prober.isClosed]).toEqual([0, false]);
    wheel.advance(1_600);
    expect([next.askedCount, prober.isClosed]).toEqual([1, true]);
    next.end();
    expect([told.answered, schedule.isAsking]).toEqual([1, false]);
  });

  test("askOtherwise() waits for what is out, and counts it", () => {
    const { wheel, prober, told, schedule } = open();
    wheel.advance(100);
    const [second, third] = [new HandProber(), new HandProber()];
    schedule.askOtherwise(second, { firstMs: 600, intervalMs: 500 }, LATER_MS);
    wheel.advance(600);
    schedule.askOtherwise(third, { firstMs: 1_100, intervalMs: 500 }, LATER_MS);
    wheel.advance(1_100);
    expect([told.askedAtMs, told.skipped, third.askedCount]).toEqual([[100, 600], 1, 0]);
    expect([prober.isClosed, second.isClosed]).toEqual([false, false]);
    prober.end();
    expect([prober.isClosed, second.isClosed]).toEqual([true, false]);
    wheel.advance(1_600);
    third.end();
    expect([told.answeredBefore, told.answered, schedule.isAsking]).toEqual([1, 1, true]);
    schedule.askOtherwise(new HandProber(), { firstMs: 2_100, intervalMs: 500 }, LATER_MS);
    expect([second.isClosed, third.isClosed]).toEqual([false, true]);
    schedule.close();
    expect(second.isClosed).toBe(true);
  });

  test("close() asks nothing more and closes the prober", () => {
    const { wheel, prober, told, schedule } = open();
    wheel.advance(100);
    schedule.close();
    for (let nowMs = 100; nowMs < 5_000; nowMs += 10) wheel.advance(nowMs);
    expect(told.askedAtMs).toEqual([100]);
    expect(prober.isClosed).toBe(true);
    expect(wheel.size).toBe(0);
  });
});

describe("evenPhase()", () => {
  test.each([1, 7, 100, 1_500])("spreads %d targets with no crowd and no hole", (count) => {
    const phases = Array.from({ length: count }, (_, index) => evenPhase(index, 0.9)).toSorted();
    expect(phases.every((phase) => phase >= 0 && phase < 1)).toBe(true);
    const gaps = phases.map((phase, index) => (phases[index + 1] ?? phases[0]! + 1) - phase);
    expect(Math.max(...gaps)).toBeLessThan(2.7 / count);
  });
});
