import { expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  CALIBRATION_CELLS,
  CALIBRATION_LEVELS,
  calibrationOf,
  countInterval,
} from "./calibration.ts";

test("countInterval() counts an interval at every level that it reached, and in no other cell", () => {
  const phis = fc.array(fc.oneof(fc.double({ min: 0, max: 6, noNaN: true }), fc.nat(5)));
  fc.assert(
    fc.property(phis, fc.nat(3), (reached, firstCell) => {
      const cells = new Uint32Array(firstCell + CALIBRATION_CELLS + 1).fill(7);
      cells.fill(0, firstCell, firstCell + CALIBRATION_CELLS);
      for (const phi of reached) countInterval(cells, firstCell, phi);
      for (const { level, judgedCount, reachedCount } of calibrationOf(cells, firstCell)) {
        expect(judgedCount).toBe(reached.length);
        expect(reachedCount).toBe(reached.filter((phi) => phi >= level).length);
      }
      expect([...cells.subarray(0, firstCell), cells.at(-1)]).toEqual(
        Array.from({ length: firstCell + 1 }, () => 7),
      );
    }),
  );
});

test("calibrationOf() expects a tenth at each level of the one before, also where nothing was counted", () => {
  const readings = calibrationOf(null, 0);
  expect(readings.map(({ level }) => level)).toEqual([...CALIBRATION_LEVELS]);
  expect(readings.map(({ expectedShare }) => expectedShare)).toEqual([0.1, 0.01, 0.001, 0.0001]);
  expect(readings.every(({ judgedCount, reachedCount }) => judgedCount + reachedCount === 0)).toBe(
    true,
  );
});
