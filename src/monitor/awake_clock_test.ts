import { describe, expect, test } from "bun:test";
import { AwakeClock } from "./awake_clock.ts";

class HandClock {
  monotonic = 5_000;
  wall = 1_700_000_000_000;
  monotonicMs(): number {
    return this.monotonic;
  }
  wallMs(): number {
    return this.wall;
  }
  pass(ms: number): void {
    this.monotonic += ms;
    this.wall += ms;
  }
}

describe("AwakeClock", () => {
  test("runs with the monotonic clock while it is read often", () => {
    const hand = new HandClock();
    const clock = new AwakeClock(hand);
    const startMs = clock.nowMs();
    for (let tick = 0; tick < 100; tick++) {
      hand.pass(20);
      clock.nowMs();
    }
    expect(clock.nowMs() - startMs).toBe(2_000);
    expect(clock.pausedMs).toBe(0);
    expect(clock.excusingPauses).toEqual([]);
  });

  test("takes a pause out, but for one tick", () => {
    const hand = new HandClock();
    const clock = new AwakeClock(hand);
    const startMs = clock.nowMs();
    hand.pass(10_000);
    expect(clock.nowMs() - startMs).toBe(20);
    expect(clock.pausedMs).toBe(9_980);
    expect(clock.excusingPauses).toEqual([{ wokeMs: startMs + 20, lastedMs: 9_980 }]);
  });

  test("a wall clock moved by an hour changes nothing", () => {
    const hand = new HandClock();
    const clock = new AwakeClock(hand);
    const startMs = clock.nowMs();
    hand.wall += 3_600_000;
    hand.pass(10);
    expect(clock.nowMs() - startMs).toBe(10);
    hand.wall -= 7_200_000;
    hand.pass(10);
    expect(clock.nowMs() - startMs).toBe(20);
  });

  test("wallMsOf() is right on both sides of a pause", () => {
    const hand = new HandClock();
    const clock = new AwakeClock(hand);
    const before = { awakeMs: clock.nowMs(), wallMs: hand.wall };
    hand.pass(10_000);
    const after = { awakeMs: clock.nowMs(), wallMs: hand.wall };
    hand.pass(50);
    expect(clock.wallMsOf(before.awakeMs)).toBe(before.wallMs);
    expect(clock.wallMsOf(after.awakeMs)).toBe(after.wallMs);
  });

  test("remembers a bounded number of pauses", () => {
    const hand = new HandClock();
    const clock = new AwakeClock(hand);
    const startMs = clock.nowMs();
    for (let pause = 0; pause < 1_000; pause++) {
      hand.pass(1_000);
      clock.nowMs();
    }
    expect(clock.nowMs() - startMs).toBe(1_000 * 20);
    expect(clock.wallMsOf(clock.nowMs())).toBe(hand.wall);
    // What lies before the pauses that are remembered is off by what came later, not by all there was.
    const forgotten = { awakeMs: clock.nowMs(), wallMs: hand.wall };
    for (let pause = 0; pause < 64; pause++) {
      hand.pass(1_000);
      clock.nowMs();
    }
    expect(Math.abs(clock.wallMsOf(forgotten.awakeMs) - forgotten.wallMs)).toBeLessThan(1_000);
  });

  test("a long pause is not forgotten over short ones", () => {
    const hand = new HandClock();
    const clock = new AwakeClock(hand);
    const moments: { awakeMs: number; wallMs: number }[] = [];
    const remember = () => moments.push({ awakeMs: clock.nowMs(), wallMs: hand.wall });
    remember();
    hand.pass(8 * 3_600_000);
    remember();
    for (let pause = 0; pause < 5_000; pause++) {
      hand.pass(150);
      remember();
    }
    const offsMs = moments.map(({ awakeMs, wallMs }) => Math.abs(clock.wallMsOf(awakeMs) - wallMs));
    expect(offsMs[0]).toBe(0);
    // As much as a few of those that are remembered together, and the newest not at all.
    expect(Math.max(...offsMs)).toBeLessThan((150 * 5_000) / 32);
    expect(Math.max(...offsMs.slice(-65))).toBe(0);
  });

  test("a pause excuses for as long as it lasted, and a short one takes nothing from a long one", () => {
    const hand = new HandClock();
    const clock = new AwakeClock(hand);
    hand.pass(10_000);
    const long = { wokeMs: clock.nowMs(), lastedMs: 9_980 };
    hand.pass(150);
    const short = { wokeMs: clock.nowMs(), lastedMs: 130 };
    expect(clock.excusingPauses).toEqual([long, short]);
    hand.pass(20_000);
    const longer = { wokeMs: clock.nowMs(), lastedMs: 19_980 };
    expect(clock.excusingPauses).toEqual([longer]);
  });
});
