/** What holds for every suspicion model, whatever it assumes. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { createModel, type ModelOptions } from "./mod.ts";

const SETTINGS = {
  maxSampleSize: 50,
  minStdDeviationMs: 10,
  acceptableHeartbeatPauseMs: 0,
  firstHeartbeatEstimateMs: 1000,
  timeoutMs: 3000,
  threshold: 8,
};
const NAMES = ["akka", "normal", "fixed", "calibrated", "exponential", "satzger"] as const;
const TEN_YEARS_MS = 10 * 365.25 * 24 * 3600 * 1000;

function modelOf(name: (typeof NAMES)[number], settings: Partial<typeof SETTINGS> = {}) {
  return createModel({ model: name, ...SETTINGS, ...settings } satisfies ModelOptions);
}

const anyGapMs = fc.oneof(
  { weight: 10, arbitrary: fc.double({ min: 900, max: 1100, noNaN: true }) },
  { weight: 2, arbitrary: fc.double({ min: 0, max: 1e4, noNaN: true }) },
  { weight: 1, arbitrary: fc.integer({ min: 0, max: 1e8 }) },
  { weight: 3, arbitrary: fc.constant(1000) },
);
/** A gap, and whether it is known to have ended. */
const anyLife = fc.array(fc.tuple(anyGapMs, fc.boolean()), { maxLength: 200 });
const anyPauseMs = fc.oneof(fc.constant(0), fc.double({ min: 0, max: 1e4, noNaN: true }));

describe.each([...NAMES])("the model %s", (name) => {
  function livedModel(life: readonly (readonly [number, boolean])[], pauseMs: number) {
    const model = modelOf(name, { acceptableHeartbeatPauseMs: pauseMs });
    for (const [gapMs, hasEnded] of life) {
      if (hasEnded) model.add(gapMs);
      else model.addAtLeast(gapMs);
    }
    return model;
  }

  test("never falls while the silence grows, and is finite for ten years", () => {
    fc.assert(
      fc.property(
        anyLife,
        anyPauseMs,
        fc.array(fc.double({ min: 0, max: 1e5, noNaN: true }), { maxLength: 50 }),
        (life, pauseMs, silencesMs) => {
          const model = livedModel(life, pauseMs);
          let before = 0;
          for (const silenceMs of [...silencesMs.toSorted((a, b) => a - b), TEN_YEARS_MS]) {
            const log10Survival = model.log10Survival(silenceMs);
            expect(log10Survival).toBeFinite();
            expect(log10Survival).toBeLessThanOrEqual(before + 1e-12);
            before = log10Survival;
          }
          // Satzger's has no more to say beyond its window.
          if (name === "satzger") return;
          expect(before).toBeLessThan(model.log10Survival(1e7 + model.meanMs));
        },
      ),
      { numRuns: 300 },
    );
  });

  test("its inverse is the shortest silence at which φ is reached", () => {
    fc.assert(
      fc.property(
        anyLife,
        anyPauseMs,
        fc.double({ min: -2, max: 1.3, noNaN: true }),
        (life, pauseMs, exponent) => {
          const model = livedModel(life, pauseMs);
          const phi = 10 ** exponent;
          const silenceMs = model.silenceAtPhi(phi);
          if (silenceMs === Infinity) {
            expect(-model.log10Survival(Number.MAX_SAFE_INTEGER / 1000)).toBeLessThan(phi);
            return;
          }
          expect(-model.log10Survival(silenceMs)).toBeGreaterThanOrEqual(phi);
          if (silenceMs === 0) return;
          const shorterMs = silenceMs * (1 - 1e-9) - 1e-6;
          expect(-model.log10Survival(Math.max(shorterMs, 0))).toBeLessThan(phi + 1e-9);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test("surprise stands for φ", () => {
    fc.assert(
      fc.property(anyLife, fc.double({ min: 0, max: 1e5, noNaN: true }), (life, silenceMs) => {
        const model = livedModel(life, 0);
        const surprise = model.surprise(silenceMs);
        const phi = -model.log10Survival(silenceMs);
        expect(model.phiOfSurprise(surprise)).toBe(Math.max(phi, 0));
        if (phi < 1e-3 || phi > 1e3) return;
        expect(model.phiOfSurprise(model.surpriseAtPhi(phi)) / phi).toBeCloseTo(1, 9);
      }),
    );
  });

  test("begins with the first estimate, and the first heartbeat is no gap", () => {
    const model = modelOf(name);
    expect([model.sampleCount, model.meanMs, model.stdDevMs]).toEqual([0, 1000, 250]);
    const phi = -model.log10Survival(2000);
    model.begin();
    model.begin();
    expect([model.sampleCount, model.meanMs, model.stdDevMs]).toEqual([2, 1000, 250]);
    expect(-model.log10Survival(2000)).toBe(phi);
    // Of what a live server does nothing is known before its first gap.
    for (const silenceMs of [0, 500, 1000, 2000]) {
      expect(model.isConfidentAt(silenceMs)).toBe(false);
    }
    expect(model.gapCount).toBe(0);
    model.add(1000);
    expect([model.sampleCount, model.gapCount]).toEqual([3, 1]);
  });

  test("tells mean and deviation of the gaps that it heard", () => {
    const model = modelOf(name);
    for (let gap = 0; gap < 100; gap++) model.add(gap % 2 === 0 ? 990 : 1010);
    expect(model.meanMs).toBeCloseTo(1000, 0);
    expect(model.stdDevMs).toBeCloseTo(10, 0);
  });

  test("does not let an hour's outage hide the next", () => {
    const model = modelOf(name);
    for (let gap = 0; gap < 500; gap++) model.add(990 + (gap % 20));
    const dayMs = 86_400_000;
    const phi = name === "satzger" ? 1 : 3;
    const before = model.silenceAtPhi(phi);
    for (let outage = 0; outage < 5; outage++) {
      model.addAtLeast(3_600_000);
      for (let gap = 0; gap < 3; gap++) model.add(1000);
    }
    expect(model.silenceAtPhi(phi)).toBeLessThan(before * 1.05);
    model.addAtLeast(dayMs);
    expect(model.silenceAtPhi(phi)).toBeLessThan(before * 1.05);
  });
});

describe("createModel()", () => {
  test("refuses options out of range, and says which", () => {
    expect(() => modelOf("akka", { maxSampleSize: 0 })).toThrow(
      new RangeError(
        'Cannot create model akka: "maxSampleSize" must be an integer >= 1, received 0',
      ),
    );
    expect(() => modelOf("normal", { minStdDeviationMs: 0 })).toThrow('"minStdDeviationMs"');
    expect(() => modelOf("fixed", { timeoutMs: 0 })).toThrow(
      'Cannot create model fixed: "timeoutMs" must be > 0, received 0',
    );
    expect(() => modelOf("calibrated", { firstHeartbeatEstimateMs: NaN })).toThrow("received NaN");
  });

  test("fixed: φ is the threshold at the timeout, and in proportion before and after", () => {
    const model = modelOf("fixed");
    for (let gap = 0; gap < 10; gap++) model.add(100);
    expect(-model.log10Survival(3000)).toBeCloseTo(8, 12);
    expect(-model.log10Survival(750)).toBeCloseTo(2, 12);
    expect(model.silenceAtPhi(8)).toBeCloseTo(3000, 9);
    expect(-model.log10Survival(model.silenceAtPhi(8))).toBeGreaterThanOrEqual(8);
  });

  test("normal: one gap in 741 is three standard deviations late", () => {
    const model = modelOf("normal", { minStdDeviationMs: 100 });
    for (let gap = 0; gap < 100; gap++) model.add(1000);
    expect(10 ** model.log10Survival(1300)).toBeCloseTo(1 / 740.8, 6);
  });
});
