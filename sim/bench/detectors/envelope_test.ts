import { expect, test } from "bun:test";
import type { CurvePoint, ReplayResult } from "../../../src/qos/mod.ts";
import { curvesReport, envelopeReport } from "./envelope.ts";

type Row = readonly [detectionMs: number, mistakes: number];

function model(name: string, rows: readonly Row[]): ReplayResult["models"][number] {
  const curve = rows.map(([detectionTimeMeanMs, mistakes]): CurvePoint => ({
    threshold: detectionTimeMeanMs,
    detectionTimeMeanMs,
    detectionTimeP99Ms: detectionTimeMeanMs,
    mistakes,
    mistakeRatePerHour: mistakes,
    mistakeRateUpperPerHour: mistakes + 3,
    mistakeDurationMeanMs: null,
    queryAccuracy: 1,
  }));
  return { model: name, parameter: "phi", curve, calibration: [] };
}

/** Of each model nothing but its curve; the interval is 100 ms. */
function judged(...models: ReplayResult["models"]) {
  const result = { trace: "t", meanIntervalMs: 100, models } as unknown as ReplayResult;
  return { bench: { kind: "stationary", isRecorded: false } as const, result };
}

function cellsOf(table: string, line: number): string[] {
  const text = table.split("\n")[line] ?? "";
  return text.split("|").map((cell) => cell.trim());
}

test("mistakes between two thresholds are in between, by the ratio of their detection times", () => {
  // 200 is half way from 100 to 400.
  const table = curvesReport(
    judged(
      model("fixed", [
        [100, 80],
        [400, 20],
        [2_000, 0],
      ]),
    ),
  );
  expect(table.split("\n").find((line) => line.startsWith("| 2 "))).toMatch(/\| 50\.0 +\|$/u);
  expect(table.split("\n").find((line) => line.startsWith("| 4 "))).toMatch(/\| 20\.0 +\|$/u);
});

test("calibrated is outside only where it makes more mistakes than chance allows", () => {
  const fixed = model("fixed", [
    [100, 1_000],
    [399, 100],
    [400, 10],
    [2_000, 0],
  ]);
  const level = model("calibrated", [
    [100, 1_010],
    [399, 115],
    [400, 12],
    [2_000, 2],
  ]);
  expect(cellsOf(envelopeReport([judged(level, fixed)]), 2).slice(1, 5)).toEqual([
    "t",
    "15 of 15",
    "0",
    "-",
  ]);
  const worse = model("calibrated", [
    [100, 1_000],
    [399, 100],
    [400, 30],
    [2_000, 0],
  ]);
  const [, , inside, , outside] = cellsOf(envelopeReport([judged(worse, fixed)]), 2);
  expect(inside).not.toBe("15 of 15");
  expect(outside).toContain("4: 30.0 for 10.0 (fixed)");
});

test("a detection time that a curve does not have is not compared", () => {
  const short = model("calibrated", [
    [100, 5],
    [500, 0],
  ]);
  const long = model("fixed", [
    [100, 5],
    [2_000, 0],
  ]);
  // 1.2 to 5 are nine of the fifteen.
  expect(cellsOf(envelopeReport([judged(short, long)]), 2)[2]).toBe("9 of 9");
});
