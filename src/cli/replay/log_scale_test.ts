import { describe, expect, test } from "bun:test";
import { LogScale } from "./log_scale.ts";

describe("LogScale", () => {
  test("equal ratios are equally far apart, upwards and downwards", () => {
    const scale = new LogScale(100, 10_000, 0, 200);
    expect([100, 1_000, 10_000].map((value) => scale.place(value))).toEqual([0, 100, 200]);
    const down = new LogScale(0.1, 1_000, 400, 0);
    expect(down.place(1)).toBeCloseTo(300, 9);
  });

  test("has 1, 2 and 5 of each power of ten, or powers alone where there are many", () => {
    expect(new LogScale(90, 2_100, 0, 1).ticks()).toEqual([100, 200, 500, 1_000, 2_000]);
    expect(new LogScale(0.05, 0.6, 0, 1).ticks()).toEqual([0.05, 0.1, 0.2, 0.5]);
    expect(new LogScale(0.3, 20_000, 0, 1).ticks()).toEqual([1, 10, 100, 1_000, 10_000]);
    expect(new LogScale(1e-3, 1e18, 0, 1).ticks().length).toBeLessThanOrEqual(11);
  });

  test("a range of one number is a decade from there", () => {
    const scale = new LogScale(5, 5, 0, 10);
    expect([scale.place(5), scale.place(50)]).toEqual([0, 10]);
  });
});
