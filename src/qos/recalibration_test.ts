import { describe, expect, test } from "bun:test";
import { seededRandom } from "./_test_random.ts";
import { Recalibration } from "./recalibration.ts";

const INTERVALS = 100_000;

/** φ as a model has it under which φ = x is exceeded in `excess` times 10^-x of intervals. */
function seen(excess: number, seed = 7): Recalibration {
  const random = seededRandom(seed);
  const recalibration = new Recalibration();
  for (let count = 0; count < INTERVALS; count++) {
    recalibration.add(Math.max(Math.log10(excess / random()), 0), true);
  }
  return recalibration;
}

describe("Recalibration", () => {
  test("takes the model at its word before anything was seen", () => {
    const recalibration = new Recalibration();
    for (const level of [1, 2.5, 4, 6.41, 12]) {
      expect(recalibration.levelOf(10 ** -level)).toBeCloseTo(level, 9);
    }
  });

  test("leaves a model that is right where it is", () => {
    const recalibration = seen(1);
    for (const level of [1, 2, 3, 4]) {
      expect(Math.abs(recalibration.levelOf(10 ** -level) - level)).toBeLessThan(0.12);
    }
  });

  test("puts a model right that is exceeded ten times too often, also beyond what was seen", () => {
    const recalibration = seen(10);
    for (const level of [1, 2, 3, 4]) {
      expect(Math.abs(recalibration.levelOf(10 ** -level) - (level + 1))).toBeLessThan(0.12);
    }
    // One in 10^7: never seen, but what is seen below it says where it must be.
    expect(Math.abs(recalibration.levelOf(1e-7) - 8)).toBeLessThan(0.5);
  });

  test("and one that is exceeded ten times too seldom", () => {
    const recalibration = seen(0.1);
    expect(Math.abs(recalibration.levelOf(1e-3) - 2)).toBeLessThan(0.12);
  });

  test("but where it was never seen a model stays nearly as careful as it is", () => {
    const recalibration = seen(0.1);
    expect(recalibration.levelOf(1e-8)).toBeGreaterThan(7.5);
  });

  test("levelOf() never falls as the share does", () => {
    const recalibration = seen(4, 11);
    let before = 0;
    for (let exponent = 0.5; exponent < 12; exponent += 0.01) {
      const level = recalibration.levelOf(10 ** -exponent);
      expect(level).toBeGreaterThanOrEqual(before - 1e-12);
      before = level;
    }
  });

  test("an exceedance that is not counted is an interval all the same", () => {
    const recalibration = new Recalibration();
    for (let count = 0; count < INTERVALS; count++) recalibration.add(5, false);
    expect(recalibration.intervalCount).toBe(INTERVALS);
    // A share of 10^-3 was expected beyond 3, and none came: it is found far lower.
    expect(recalibration.levelOf(1e-3)).toBeLessThan(1.5);
  });

  test("restore() goes on where save() ended, and takes nothing else", () => {
    const saved = seen(3).save();
    const restored = new Recalibration();
    expect(restored.restore(saved)).toBe(true);
    expect(restored.save()).toEqual(saved);
    const [intervalCount, ...counts] = saved;
    const broken = [
      [],
      saved.slice(1),
      [...saved, 0],
      [intervalCount!, ...counts.with(0, -1)],
      [intervalCount!, ...counts.with(0, 0.5)],
      [0, ...counts],
      [Number.NaN, ...counts],
    ];
    for (const each of broken) expect(restored.restore(each)).toBe(false);
    expect(restored.save()).toEqual(saved);
  });
});
