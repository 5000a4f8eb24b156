import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { RateBound } from "./rate_bound.ts";

test("no window of time ever sees more than twice the rate, and none that is asked for waits for ever", () => {
  const steps = fc.array(fc.integer({ min: 0, max: 40_000 }), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), steps, (notices, waitsMs) => {
      const perMillis = 60_000;
      const bound = new RateBound({ notices, perMillis }, 0);
      const takenMs: number[] = [];
      let nowMs = 0;
      for (const waitMs of waitsMs) {
        nowMs += waitMs;
        if (bound.available(nowMs) === 0) continue;
        bound.take(nowMs);
        takenMs.push(nowMs);
      }
      for (const fromMs of takenMs) {
        const inWindow = takenMs.filter((ms) => ms >= fromMs && ms < fromMs + perMillis);
        expect(inWindow.length).toBeLessThanOrEqual(2 * notices);
      }
      expect(bound.available(nowMs + perMillis)).toBe(notices);
    }),
  );
});

test("a clock that goes back gives nothing away", () => {
  const bound = new RateBound({ notices: 1, perMillis: 1_000 }, 5_000);
  bound.take(5_000);
  expect(bound.available(4_000)).toBe(0);
  expect(bound.available(5_999)).toBe(0);
  expect(bound.available(6_000)).toBe(1);
});
