import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { Alarm, TimerWheel } from "./wheel.ts";

class TestAlarm extends Alarm {
  readonly #ring: (nowMs: number) => void;

  constructor(ring: (nowMs: number) => void) {
    super();
    this.#ring = ring;
  }

  ring(nowMs: number): void {
    this.#ring(nowMs);
  }
}

function alarm(ring: (nowMs: number) => void): Alarm {
  return new TestAlarm(ring);
}

describe("TimerWheel", () => {
  test("rings at the first advance() after the time, never before", () => {
    const rung: number[] = [];
    const wheel = new TimerWheel(0);
    wheel.set(
      alarm((nowMs) => rung.push(nowMs)),
      11,
    );
    wheel.advance(10.9);
    expect(rung).toEqual([]);
    wheel.advance(12);
    expect(rung).toEqual([12]);
    wheel.advance(5_000_000);
    expect(rung).toEqual([12]);
  });

  test("an alarm many rounds ahead waits for its round", () => {
    let rung = 0;
    const wheel = new TimerWheel(0, { slotMs: 1, slotCount: 8 });
    wheel.set(
      alarm(() => rung++),
      1_000,
    );
    for (let nowMs = 0; nowMs < 1_000; nowMs++) wheel.advance(nowMs);
    expect(rung).toBe(0);
    wheel.advance(1_000);
    expect(rung).toBe(1);
  });

  test("a ring may clear another alarm of the same slot, and set itself again", () => {
    const rung: string[] = [];
    const wheel = new TimerWheel(0);
    const second = alarm(() => rung.push("second"));
    const first: Alarm = alarm((nowMs) => {
      rung.push("first");
      wheel.clear(second);
      if (rung.length < 3) wheel.set(first, nowMs);
    });
    wheel.set(first, 4);
    wheel.set(second, 4);
    for (let nowMs = 4; nowMs < 20; nowMs += 2) wheel.advance(nowMs);
    expect(rung).toEqual(["first", "first", "first"]);
    expect(wheel.size).toBe(0);
  });

  test("an alarm set in a ring for a time gone by rings at the next advance()", () => {
    const wheel = new TimerWheel(0);
    const rung: string[] = [];
    const second = alarm(() => rung.push("second"));
    wheel.set(
      alarm(() => wheel.set(second, 4)),
      4,
    );
    wheel.advance(20);
    wheel.advance(22);
    expect(rung).toEqual(["second"]);
  });

  test("idleMs() never passes over an alarm, and is bounded", () => {
    const wheel = new TimerWheel(0);
    expect(wheel.idleMs(0, 20)).toBe(20);
    wheel.set(
      alarm(() => {}),
      9,
    );
    expect(wheel.idleMs(0, 20)).toBe(10);
    expect(wheel.idleMs(9.5, 20)).toBeCloseTo(0.5);
    wheel.set(
      alarm(() => {}),
      1_000,
    );
    expect(wheel.idleMs(400, 20)).toBe(0);
  });

  test("agrees with a sorted list under any sequence of set, clear and advance", () => {
    const step = fc.oneof(
      fc.record({ set: fc.nat(9), inMs: fc.integer({ min: -5, max: 300 }) }),
      fc.record({ clear: fc.nat(9) }),
      fc.record({ advance: fc.integer({ min: 0, max: 120 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), (steps) => {
        let nowMs = 0;
        const wheel = new TimerWheel(0, { slotMs: 2, slotCount: 16 });
        const rung: number[] = [];
        const alarms = Array.from({ length: 10 }, (_, id) => alarm(() => rung.push(id)));
        const due = new Map<number, number>();
        for (const action of steps) {
          if ("set" in action) {
            wheel.set(alarms[action.set]!, nowMs + action.inMs);
            due.set(action.set, nowMs + action.inMs);
          } else if ("clear" in action) {
            wheel.clear(alarms[action.clear]!);
            due.delete(action.clear);
          } else {
            // Whole slots, so that "the first advance after the time" is this one.
            nowMs += action.advance * 2;
            wheel.advance(nowMs);
            const expected = [...due].filter(([, dueMs]) => dueMs <= nowMs).map(([id]) => id);
            expect(rung.toSorted()).toEqual(expected.toSorted());
            for (const id of expected) due.delete(id);
            rung.length = 0;
          }
          expect(wheel.size).toBe(due.size);
        }
      }),
    );
  });
});
