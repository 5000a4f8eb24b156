import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { firstGapMessage, firstPhi, isFirstGapSuspicious } from "./_first_gap.ts";
import { DEFAULTS, type MonitorSettings } from "./target.ts";

function settings(part: Partial<MonitorSettings>): MonitorSettings {
  return { ...DEFAULTS.monitor, firstHeartbeatEstimateMillis: 1_000, ...part };
}

const anySettings = fc.record({
  model: fc.constantFrom("akka" as const, "normal" as const, "calibrated" as const),
  threshold: fc.double({ min: 0.01, max: 100, noNaN: true }),
  suspectRatio: fc.double({ min: 0.1, max: 1, noNaN: true }),
  upAfterHeartbeats: fc.constant(2),
  maxSampleSize: fc.constant(200),
  minStdDeviationMillis: fc.double({ min: 0.1, max: 2_000, noNaN: true }),
  acceptableHeartbeatPauseMillis: fc.double({ min: 0, max: 2_000, noNaN: true }),
  firstHeartbeatEstimateMillis: fc.double({ min: 0.1, max: 2_000, noNaN: true }),
  mistakeMaxMillis: fc.constant(60_000),
});

/** What else settings may hold: a timeout, or a budget. */
const anyExtra = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  fc
    .double({ min: 1, max: 20_000, noNaN: true })
    .map((fixedTimeoutMillis) => ({ model: "fixed" as const, fixedTimeoutMillis })),
  fc.integer({ min: 20, max: 20_000 }).map((detectWithinMillis) => ({ detectWithinMillis })),
  fc
    .double({ min: 1, max: 1e5, noNaN: true })
    .map((falseAlarmsPerMonth) => ({ falseAlarmsPerMonth })),
);

describe("firstPhi()", () => {
  test("is the akka model's: reference points of mean 1000 and deviation 250", () => {
    const quarter = settings({ minStdDeviationMillis: 1 });
    expect(firstPhi(1_000, quarter)).toBeCloseTo(Math.log10(2), 6);
    // log10(1 + e^(4 * 1.5976 + 64 * 0.070566))
    expect(firstPhi(2_000, quarter)).toBeCloseTo(4.737, 2);
    // y = 10 when the least deviation is 100 and the estimate 0.0...: phi(10, 0, 1) = 37.585
    const tiny = settings({ firstHeartbeatEstimateMillis: 1e-9, minStdDeviationMillis: 100 });
    expect(firstPhi(1_000, tiny)).toBeCloseTo(37.585, 3);
  });

  test("is the normal model's: tables of the normal distribution", () => {
    const quarter = settings({ model: "normal", minStdDeviationMillis: 1 });
    const tails: [number, number][] = [
      [0, 0.5],
      [-1, 0.8413447460685429],
      [1, 0.15865525393145707],
      [3, 0.0013498980316300946],
      [6, 9.865876450376981e-10],
    ];
    for (const [y, tail] of tails) {
      expect(firstPhi(1_000 + 250 * y, quarter)).toBeCloseTo(-Math.log10(tail), 9);
    }
  });

  test("is the timeout's: the threshold where the timeout is", () => {
    const fixed = settings({ model: "fixed", fixedTimeoutMillis: 4_000 });
    expect(firstPhi(4_000, fixed)).toBe(16);
    expect([2_000, 1_999].map((millis) => isFirstGapSuspicious(millis, fixed))).toEqual([
      true,
      false,
    ]);
  });

  test("is finite for the widest gap there can be", () => {
    const worst = settings({ firstHeartbeatEstimateMillis: 1e-300, minStdDeviationMillis: 1e-90 });
    expect(Number.isFinite(firstPhi(86_400_000, worst))).toBe(true);
  });
});

describe("firstGapMessage()", () => {
  test("offers the smallest whole value that works, for every setting that it offers", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 10_000 }),
        anySettings,
        anyExtra,
        (intervalMillis, base, extra) => {
          const given = { ...base, ...extra };
          fc.pre(isFirstGapSuspicious(intervalMillis, given));
          const message = firstGapMessage(intervalMillis, given);
          for (const [, name = "", millis] of message.matchAll(/set (\w+) to at least (\d+)/g)) {
            const isSuspicious = (value: number) =>
              isFirstGapSuspicious(intervalMillis, { ...given, [name]: value });
            expect(isSuspicious(Number(millis))).toBe(false);
            expect(isSuspicious(Number(millis) - 1)).toBe(true);
          }
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test("offers nothing of its own where no value within a day would do", () => {
    const hopeless = settings({ threshold: 1e-9 });
    expect(isFirstGapSuspicious(86_400_000, hopeless)).toBe(true);
    expect(firstGapMessage(86_400_000, hopeless)).toMatch(/: raise threshold or suspectRatio$/);
  });
});
