import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { normalDeviationAtPhi, normalPhi } from "./normal_tail.ts";

/** -log10 Q(y), to fifteen places, by a program for arbitrary precision. */
const EXACT: readonly (readonly [number, number])[] = [
  [-10, 3.30926012130672e-24],
  [-5, 1.24491213738829e-7],
  [-3, 0.000586649313790067],
  [-1, 0.075026012957818],
  [-0.1, 0.267744723958664],
  [0, 0.301029995663981],
  [0.1, 0.337079656726623],
  [0.5, 0.510691989265241],
  [1.13, 0.888609394276577],
  [2, 1.64301608014094],
  [2.63, 2.36964908337578],
  [3, 2.86969903592937],
  [4.9, 6.31949834715313],
  [7.99, 15.1708933008754],
  [8, 15.2061425510172],
  [8.01, 15.2414346084849],
  [20, 88.5600953430756],
  [38, 315.539789703963],
  [100, 2173.87154286903],
];

describe("normalPhi()", () => {
  test("gives exact values, on its grid and between, and where the tail itself underflows", () => {
    for (const [y, phi] of EXACT) expect(normalPhi(y) / phi).toBeCloseTo(1, 13);
  });

  test("is finite for any deviation", () => {
    for (const y of [1e5, 1e10, 1e100, 1e200, Number.MAX_VALUE, Infinity]) {
      expect(normalPhi(y)).toBeFinite();
      expect(normalPhi(-y)).toBe(0);
    }
  });

  test("never falls", () => {
    fc.assert(
      fc.property(
        fc.double({ min: -40, max: 40, noNaN: true }),
        fc.double({ min: 1e-9, max: 1, noNaN: true }),
        (y, stepY) => expect(normalPhi(y + stepY)).toBeGreaterThanOrEqual(normalPhi(y)),
      ),
      { numRuns: 2000 },
    );
  });
});

describe("normalDeviationAtPhi()", () => {
  test("is the inverse, from the tiniest level to the largest", () => {
    for (let exponent = -12; exponent < 20; exponent += 0.01) {
      const phi = 10 ** exponent;
      expect(normalPhi(normalDeviationAtPhi(phi)) / phi).toBeCloseTo(1, 12);
    }
    expect(normalDeviationAtPhi(0)).toBe(-Infinity);
    expect(normalDeviationAtPhi(Infinity)).toBe(Infinity);
  });
});
