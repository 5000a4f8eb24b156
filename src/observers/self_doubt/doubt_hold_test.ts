import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { DEFAULT_DOUBT_HOLD, DoubtHold } from "./doubt_hold.ts";

const SECOND_MS = 1_000;
const askedWithin = (ms: number) => () => ms;

describe("DoubtHold", () => {
  test("begins at once, and ends when the cause was gone and all were asked again", () => {
    const hold = new DoubtHold();
    expect(hold.update(0, -Infinity, askedWithin(2_000))).toBe(false);
    expect(hold.update(1_000, 1_000, askedWithin(2_000))).toBe(true);
    expect(hold.update(5_999, 1_000, askedWithin(2_000))).toBe(true);
    expect(hold.update(6_000, 1_000, askedWithin(2_000))).toBe(false);
    expect(hold.update(60_000, 1_000, askedWithin(2_000))).toBe(false);
  });

  test("waits for targets that are asked seldom, but for no longer than a minute", () => {
    for (const [askedMs, lastsMs] of [
      [20_000, 20_000],
      [7_200_000, 60_000],
    ] as const) {
      const hold = new DoubtHold();
      hold.update(0, 0, askedWithin(askedMs));
      expect(hold.update(lastsMs - 1, 0, askedWithin(askedMs))).toBe(true);
      expect(hold.update(lastsMs, 0, askedWithin(askedMs))).toBe(false);
    }
  });

  test("lasts twice as long each time that its cause is soon back, until it was gone for long", () => {
    const hold = new DoubtHold();
    const lengths: number[] = [];
    let nowMs = 0;
    const runEpisode = () => {
      const presentMs = nowMs;
      while (hold.update(nowMs, presentMs, askedWithin(0))) nowMs += 100;
      lengths.push(nowMs - presentMs);
    };
    for (let episode = 0; episode < 6; episode++) {
      runEpisode();
      nowMs += 10_000;
    }
    nowMs += 60_000;
    runEpisode();
    expect(lengths).toEqual([5_000, 10_000, 20_000, 40_000, 60_000, 60_000, 5_000]);
  });

  test("holds for at least five seconds after any sign of the cause, and never flaps", () => {
    const seconds = fc.array(fc.boolean(), { minLength: 600, maxLength: 600 });
    const sparse = fc
      .array(fc.integer({ min: 0, max: 599 }), { maxLength: 80 })
      .map((set) => Array.from({ length: 600 }, (_, second) => set.includes(second)));
    fc.assert(
      fc.property(fc.oneof(seconds, sparse), (presences) => {
        const hold = new DoubtHold();
        let presentMs = Number.NEGATIVE_INFINITY;
        let beganCount = 0;
        let wasHeld = false;
        for (const [second, isPresent] of presences.entries()) {
          const nowMs = second * SECOND_MS;
          if (isPresent) presentMs = nowMs;
          const isHeld = hold.update(nowMs, presentMs, askedWithin(2_000));
          if (nowMs - presentMs < DEFAULT_DOUBT_HOLD.leastMs) expect(isHeld).toBe(true);
          if (nowMs - presentMs >= DEFAULT_DOUBT_HOLD.mostMs) expect(isHeld).toBe(false);
          if (isHeld && !wasHeld) beganCount++;
          wasHeld = isHeld;
        }
        // 5, 10, 20 and 40 s, and then one a minute.
        expect(beganCount).toBeLessThanOrEqual(4 + 10);
      }),
    );
  });
});
