import { describe, expect, test } from "bun:test";
import type { CurvePoint } from "./curve_tally.ts";
import { recommend as recommendOf, type ReplayBudget } from "./recommend.ts";
import type { JudgedTime, ModelResult } from "./replay.ts";

const DAYS_30_MS = 30 * 86_400_000;

/** A month of one heartbeat a second. */
const month: JudgedTime = { first: 1, aliveMs: DAYS_30_MS, meanIntervalMs: 1_000, outages: 0 };
const hour: JudgedTime = { ...month, aliveMs: 3_600_000 };

type Row = readonly [threshold: number, detectionMs: number, mistakes: number];

/** What each threshold came to: the mean is a tenth below the p99. */
function curve({ aliveMs }: JudgedTime, ...rows: readonly Row[]): CurvePoint[] {
  const hours = aliveMs / 3_600_000;
  return rows.map(([threshold, detectionMs, mistakes]) => ({
    threshold,
    detectionTimeMeanMs: 0.9 * detectionMs,
    detectionTimeP99Ms: detectionMs,
    mistakes,
    mistakeRatePerHour: mistakes / hours,
    mistakeRateUpperPerHour: (mistakes + 3) / hours,
    mistakeDurationMeanMs: null,
    queryAccuracy: 1,
  }));
}

function model(name: string, points: readonly CurvePoint[]): ModelResult {
  return { model: name, parameter: "phi", curve: points, calibration: [] };
}

/** Monitors know the first two models, with thresholds up to a day. */
function recommend(results: readonly ModelResult[], budget: ReplayBudget, judged: JudgedTime) {
  return recommendOf(results, budget, judged, (name, threshold) =>
    name === "chen" ? undefined : { model: name, threshold },
  );
}

describe("recommend", () => {
  const results = [
    model("calibrated", curve(month, [2, 1_500, 90], [4, 2_500, 9], [6, 4_000, 0], [8, 9_000, 0])),
    model("fixed", curve(month, [1_400, 1_400, 80], [3_000, 3_000, 7], [5_000, 5_000, 0])),
    model("chen", curve(month, [1, 1_000, 0])),
  ];

  test("for a detection time: the fewest mistakes, with all of the time used", () => {
    const chosen = recommend(results, { detectWithinMs: 4_500 }, month);
    expect(chosen).toMatchObject({
      isFeasible: true,
      model: "calibrated",
      threshold: 6,
      monitor: { model: "calibrated", threshold: 6 },
    });
    expect(recommend(results, { detectWithinMs: 3_000 }, month)).toMatchObject({
      model: "fixed",
      threshold: 3_000,
      mistakes: 7,
      isShown: true,
    });
  });

  test("of those that are equal the first model, and no other than a monitor has", () => {
    const chosen = recommend(results, { detectWithinMs: 10_000 }, month);
    expect(chosen).toMatchObject({ model: "calibrated", threshold: 8 });
    const others = results.slice(2);
    expect(recommend(others, { detectWithinMs: 10_000 }, month)).toMatchObject({
      model: "chen",
      monitor: null,
    });
  });

  test("for false alarms: the fastest that keeps to them", () => {
    expect(recommend(results, { falseAlarmsPerMonth: 10 }, month)).toMatchObject({
      model: "calibrated",
      threshold: 4,
      falseAlarmsPerMonth: 9,
      isShown: false,
    });
    expect(recommend(results, { falseAlarmsPerMonth: 12 }, month)).toMatchObject({ isShown: true });
  });

  test("what the trace is too short to show is left to the calibrated φ that promises it", () => {
    // One in an hour is 720 a month; one a month of one a second is a φ of 6.4.
    const short = [
      model("calibrated", curve(hour, [4, 2_500, 0], [6, 4_000, 0], [7, 6_000, 0])),
      model("fixed", curve(hour, [2_000, 2_000, 0])),
    ];
    const chosen = recommend(short, { falseAlarmsPerMonth: 1 }, hour);
    expect(chosen).toMatchObject({ model: "calibrated", threshold: 7, isShown: false });
    // Without it there is nothing but what was seen.
    expect(recommend(short.slice(1), { falseAlarmsPerMonth: 1 }, hour)).toMatchObject({
      model: "fixed",
      isShown: false,
    });
  });

  test("for both: the fastest of those that are in time and quiet enough", () => {
    const budget = { detectWithinMs: 2_600, falseAlarmsPerMonth: 10 };
    expect(recommend(results, budget, month)).toMatchObject({ model: "calibrated", threshold: 4 });
  });

  test("what is not feasible comes with what would be, either way", () => {
    const budget = { detectWithinMs: 1_450, falseAlarmsPerMonth: 8 };
    expect(recommend(results, budget, month)).toMatchObject({
      isFeasible: false,
      model: null,
      threshold: null,
      fastestWithinFalseAlarms: { model: "fixed", threshold: 3_000 },
      fewestWithinDetection: { model: "fixed", threshold: 1_400, mistakes: 80 },
    });
    const none = recommend(results, { detectWithinMs: 10, falseAlarmsPerMonth: 1_000 }, month);
    expect(none).toMatchObject({ fewestWithinDetection: null });
  });

  test("what might never detect a crash is no choice", () => {
    const points = curve(month, [9, 1_000, 0]).map((point) => ({
      ...point,
      detectionTimeMeanMs: null,
    }));
    const budget = { detectWithinMs: 5_000 };
    expect(recommend([model("calibrated", points)], budget, month)).toMatchObject({
      isFeasible: false,
    });
  });
});
