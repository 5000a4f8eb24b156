import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { exactPhi } from "../../test/kit/exact_phi.ts";
import { deviationAtPhi, phiAtDeviation, phiOf } from "./suspicion.ts";

const TEN_YEARS_MS = 10 * 365.25 * 24 * 3600 * 1000;

/** What rounding g costs: its absolute error is φ's relative one where φ is small. */
function roundingOf(y: number): number {
  const g = Math.abs(y * (1.5976 + 0.070566 * y * y));
  return 4 * Number.EPSILON * (2 + Math.min(g, 800));
}

describe("phiOf()", () => {
  test("gives Akka's reference points", () => {
    const points = [
      [0, 0.0],
      [500, 0.1],
      [1000, 0.3],
      [1200, 1.6],
      [1400, 4.7],
      [1600, 10.8],
      [1700, 15.3],
    ] as const;
    for (const [elapsedMs, phi] of points) {
      expect(Math.abs(phiOf(elapsedMs, 1000, 100) - phi)).toBeLessThanOrEqual(0.1);
    }
  });

  test("is g / ln 10 ten standard deviations out", () => {
    expect(phiOf(10, 0, 1)).toBeCloseTo(37.585, 3);
  });

  test("is log10(2) at the mean, whatever the deviation", () => {
    for (const stdDevMs of [Number.MIN_VALUE, 1e-9, 1, 1e9]) {
      expect(phiOf(1000, 1000, stdDevMs)).toBeCloseTo(Math.log10(2), 15);
    }
  });

  test("agrees with exact arithmetic wherever it is not too small for a double", () => {
    fc.assert(
      fc.property(fc.double({ min: -19.5, max: 60, noNaN: true }), (y) => {
        const exact = exactPhi(y);
        expect(Math.abs(phiOf(y, 0, 1) - exact)).toBeLessThanOrEqual(exact * roundingOf(y));
      }),
      { numRuns: 300 },
    );
  });

  test("stays accurate through ten years of silence", () => {
    for (const stdDevMs of [0.001, 1, 100, 500, 1e6]) {
      for (const elapsedMs of [1e4, 1e6, 1e9, TEN_YEARS_MS]) {
        const y = (elapsedMs - 1000) / stdDevMs;
        const phi = phiOf(elapsedMs, 1000, stdDevMs);
        expect(phi / exactPhi(y)).toBeCloseTo(1, 13);
        // Far out φ is g / ln 10 and nothing else.
        const asymptote = (1.5976 * y + 0.070566 * y ** 3) / Math.LN10;
        if (y > 5) expect(phi / asymptote).toBeCloseTo(1, 4);
        if (y > 10) expect(phi / asymptote).toBeCloseTo(1, 13);
      }
    }
  });

  test("is never Infinity or NaN, where 1 + e^g or e^-g would have been", () => {
    for (const y of [21, 22, 30, 1e3, 1e100, 1e103, 1e200, Number.MAX_VALUE]) {
      expect(phiOf(y, 0, 1)).toBeFinite();
      expect(phiOf(-y, 0, 1)).toBe(Math.max(0, phiOf(-y, 0, 1)));
    }
    expect(phiOf(1e6, 0, Number.MIN_VALUE)).toBe(Number.MAX_VALUE);
    expect(phiOf(0, 1e6, Number.MIN_VALUE)).toBe(0);
    expect(phiOf(Number.MAX_VALUE, -Number.MAX_VALUE, 1)).toBe(Number.MAX_VALUE);
  });

  test("never falls while the silence grows", () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: TEN_YEARS_MS, noNaN: true }),
        fc.double({ min: 1e-8, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1e7, noNaN: true }),
        fc.double({ min: 1e-6, max: 1e7, noNaN: true }),
        (elapsedMs, growth, meanMs, stdDevMs) => {
          const later = elapsedMs + growth * (elapsedMs + meanMs + stdDevMs);
          const phi = phiOf(elapsedMs, meanMs, stdDevMs);
          expect(phi).toBeWithin(0, Infinity);
          expect(phiOf(later, meanMs, stdDevMs)).toBeGreaterThanOrEqual(phi);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("rises strictly where it is not too small or too large for a double", () => {
    let last = -1;
    for (let y = -20; y < 1000; y += 0.01) {
      const phi = phiAtDeviation(y);
      expect(phi).toBeGreaterThan(last);
      last = phi;
    }
  });

  test("refuses what is not a time or a deviation", () => {
    expect(() => phiOf(NaN, 1, 1)).toThrow(
      new RangeError('Cannot compute phi: "elapsedMs" must be finite, received NaN'),
    );
    expect(() => phiOf(1, Infinity, 1)).toThrow(RangeError);
    expect(() => phiOf(1, 1, -Infinity)).toThrow(RangeError);
    expect(() => phiOf(1, 1, 0)).toThrow(
      new RangeError('Cannot compute phi: "stdDevMs" must be > 0, received 0'),
    );
  });
});

describe("deviationAtPhi()", () => {
  test("is the inverse of phiAtDeviation(), from the tiniest level to the largest", () => {
    fc.assert(
      fc.property(fc.double({ min: -307, max: 300, noNaN: true }), (exponent) => {
        const level = 10 ** exponent;
        const phi = phiAtDeviation(deviationAtPhi(level));
        expect(Math.abs(phi - level) / level).toBeLessThanOrEqual(1e-11);
      }),
    );
    fc.assert(
      fc.property(fc.double({ min: -19, max: 1000, noNaN: true }), (y) => {
        expect(Math.abs(deviationAtPhi(phiAtDeviation(y)) - y)).toBeLessThanOrEqual(1e-12 * 1000);
      }),
    );
  });

  test("gives the same answer when asked again, in turns too", () => {
    const levels = [8, 16, 8, 16, 16, 0.5, 8];
    const first = new Map(levels.map((level) => [level, deviationAtPhi(level)]));
    for (const level of levels) expect(deviationAtPhi(level)).toBe(first.get(level)!);
  });

  test("is infinite beyond what φ can be", () => {
    expect(deviationAtPhi(0)).toBe(-Infinity);
    expect(deviationAtPhi(-1)).toBe(-Infinity);
    expect(deviationAtPhi(Infinity)).toBe(Infinity);
  });
});
