import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { LatenessCurve } from "./_lateness_curve.ts";

const MEDIAN_US = 100_000;

/** Of gaps so much later than the median, in microseconds; earlier if negative. */
function curveOf(latenessUs: readonly number[]): LatenessCurve {
  const curve = new LatenessCurve();
  curve.histogram.clear(MEDIAN_US);
  for (const lateUs of latenessUs) curve.histogram.add(lateUs);
  curve.fit(MEDIAN_US);
  return curve;
}

/** A little to either side of the median, and some far out. */
const lateness = fc.oneof(
  { weight: 5, arbitrary: fc.double({ min: -5_000, max: 5_000, noNaN: true }) },
  { weight: 1, arbitrary: fc.double({ min: 500_000, max: 5_000_000, noNaN: true }) },
);
const curves = fc.array(lateness, { minLength: 60, maxLength: 300 }).map(curveOf);
const silences = fc.double({ min: -MEDIAN_US, max: 20_000_000, noNaN: true });

describe("LatenessCurve", () => {
  test("never falls, and rises over a stretch where no gap ever ended", () => {
    const usual = Array.from({ length: 590 }, (_, index) => (index % 11) * 1_000 - 5_000);
    const curve = curveOf([...usual, ...Array.from({ length: 10 }, () => 1_900_000)]);
    const phis = [30_000, 400_000, 900_000, 1_400_000, 1_800_000].map((lateUs) =>
      curve.phiAt(lateUs, MEDIAN_US),
    );
    for (const [index, phi] of phis.entries()) {
      if (index > 0) expect(phi).toBeGreaterThan(phis[index - 1]!);
    }
    // By little: nothing is known of it.
    expect(phis.at(-1)! - phis[0]!).toBeLessThan(0.01);
    // A budget of time asks for φ at that time, and has to be given the same time back.
    for (const lateUs of [30_000, 900_000, 1_800_000]) {
      const back = curve.latenessAt(curve.phiAt(lateUs, MEDIAN_US), MEDIAN_US);
      expect(Math.abs(back - lateUs)).toBeLessThan(lateUs * 0.001);
    }
  });

  test("never falls, whatever was heard", () => {
    fc.assert(
      fc.property(curves, silences, silences, (curve, one, other) => {
        const [sooner, later] = [Math.min(one, other), Math.max(one, other)];
        const [low, high] = [curve.phiAt(sooner, MEDIAN_US), curve.phiAt(later, MEDIAN_US)];
        expect(high).toBeGreaterThanOrEqual(low - 1e-12);
      }),
    );
  });

  test("the way back leads to where φ is that, and nowhere sooner", () => {
    fc.assert(
      fc.property(curves, silences, (curve, lateUs) => {
        const phi = curve.phiAt(lateUs, MEDIAN_US);
        fc.pre(phi > 1e-6);
        const back = curve.latenessAt(phi, MEDIAN_US);
        expect(curve.phiAt(back, MEDIAN_US)).toBeCloseTo(phi, 6);
        expect(back).toBeLessThanOrEqual(lateUs + Math.abs(lateUs) * 1e-6 + 1);
      }),
    );
  });
});
