/** Cassandra's and Satzger's models on published values, and on gaps small enough to follow by hand. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { createModel } from "./mod.ts";

const OPTIONS = { maxSampleSize: 4, firstHeartbeatEstimateMs: 111 };

describe("exponential", () => {
  test("gives the values of Cassandra's ArrivalWindowTest, which are φ · ln 10", () => {
    const model = createModel({ model: "exponential", ...OPTIONS });
    for (let gap = 0; gap < 4; gap++) model.add(111); //   beats at 111, 222, ... 555
    expect(-model.log10Survival(666 - 555) * Math.LN10).toBeCloseTo(1, 2);
    expect(-model.log10Survival(3000 - 555) * Math.LN10).toBeCloseTo(22.03, 2);
  });

  test("φ = 1 is e-folded ln 10 times: one gap in ten of an exponential server", () => {
    const model = createModel({ model: "exponential", ...OPTIONS });
    for (const gapMs of [100, 300, 200, 400]) model.add(gapMs);
    expect(model.silenceAtPhi(1)).toBeCloseTo(250 * Math.LN10, 9);
  });
});

describe("satzger", () => {
  test("is the share of the window's gaps that were no longer", () => {
    const model = createModel({ model: "satzger", ...OPTIONS });
    for (const gapMs of [900, 100, 300, 200, 400]) model.add(gapMs); //    900 has gone
    expect(10 ** model.log10Survival(99)).toBeCloseTo(1, 12);
    expect(10 ** model.log10Survival(100)).toBeCloseTo(3 / 4, 12);
    expect(10 ** model.log10Survival(250)).toBeCloseTo(2 / 4, 12);
    expect(10 ** model.log10Survival(399)).toBeCloseTo(1 / 4, 12);
    expect(10 ** model.log10Survival(400)).toBeCloseTo(1 / 8, 12);
    expect(model.silenceAtPhi(Math.log10(2))).toBe(200);
    expect(model.silenceAtPhi(0.9)).toBe(400);
    expect(model.silenceAtPhi(1)).toBe(Infinity);
    expect([model.isConfidentAt(399), model.isConfidentAt(400)]).toEqual([true, false]);
  });

  test("agrees with counting, whatever leaves the window", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 1, maxLength: 60 }),
        fc.integer({ min: 0, max: 21 }),
        (gapsMs, silenceMs) => {
          const model = createModel({ model: "satzger", ...OPTIONS, maxSampleSize: 8 });
          for (const gapMs of gapsMs) model.add(gapMs);
          const known = [111 * 0.75, 111 * 1.25, ...gapsMs].slice(-8);
          const longer = known.filter((gapMs) => gapMs > silenceMs).length;
          const survival = Math.max(longer, 1 / 2) / known.length;
          expect(10 ** model.log10Survival(silenceMs)).toBeCloseTo(survival, 12);
        },
      ),
    );
  });
});
