import { expect, test } from "bun:test";
import { FormatRegistry } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import type { WatchReading } from "../monitor/mod.ts";
import { makeApi, readProblem } from "./_test_api.ts";
import { FakeMonitor, makeWatch, WALL_ORIGIN_MS } from "./_test_world.ts";
import { IntervalsSchema } from "./quality_schemas.ts";
import { TargetDetailSchema } from "./schemas.ts";

FormatRegistry.Set("date-time", (text) => !Number.isNaN(Date.parse(text)));

const config = { name: "a", monitor: { detectWithinMillis: 1_500, falseAlarmsPerMonth: 1 } };

async function read(path: string, reading: Partial<WatchReading> = {}): Promise<unknown> {
  const { call } = makeApi({ monitor: new FakeMonitor(makeWatch(config, reading)) });
  const response = await call("GET", path);
  expect(response.status).toBe(200);
  return response.json();
}

test("GET /targets/:name says how the target is judged, and how well that went", async () => {
  const view = await read("/targets/a", {
    downPhi: 6.5,
    suspectPhi: 3.25,
    intervalMs: 400,
    isConfident: () => false,
    judgedSinceMs: 30_000,
    quality: () => ({
      mistakeCount: 2,
      mistakeMs: 3_000,
      outageCount: 1,
      outageMs: 90_000,
      aliveMs: 7_200_000,
      mistakesPerHour: 1,
      mistakeRecurrenceMs: 3_600_000,
      mistakeDurationMs: 1_500,
      queryAccuracy: 0.9996,
      detectionTimeMs: 1_425,
    }),
    calibration: () => [{ level: 1, judgedCount: 200, reachedCount: 30, expectedShare: 0.1 }],
    budget: () => ({
      detectWithinMs: 1_500,
      falseAlarmsPerMonth: 1,
      threshold: 6.5,
      intervalMs: 400,
      isFeasible: false,
      mostFalseAlarmsPerMonth: 12,
    }),
    feasibleInstead: () => ({
      detectWithinMs: 2_300,
      falseAlarmsPerMonth: 12,
      intervalMs: null,
    }),
  });
  expect([...Value.Errors(TargetDetailSchema, view)]).toEqual([]);
  expect(view).toMatchObject({
    threshold: 6.5,
    suspectPhi: 3.25,
    detector: { model: "calibrated", threshold: 6.5, confident: false, intervalSeconds: 0.4 },
    quality: {
      since: new Date(WALL_ORIGIN_MS + 30_000).toISOString(),
      aliveSeconds: 7_200,
      mistakes: 2,
      mistakeSeconds: 3,
      outages: 1,
      outageSeconds: 90,
      mistakesPerHour: 1,
      mistakeRecurrenceSeconds: 3_600,
      mistakeDurationSeconds: 1.5,
      queryAccuracy: 0.9996,
      detectionSeconds: 1.425,
      calibration: [{ level: 1, judged: 200, reached: 30, share: 0.15, expected: 0.1 }],
    },
    budget: {
      detectWithinSeconds: 1.5,
      falseAlarmsPerMonth: 1,
      feasible: false,
      boundFalseAlarmsPerMonth: 12,
      achieved: { detectionSeconds: 1.425, falseAlarmsPerMonth: 720 },
      instead: { detectWithinSeconds: 2.3, falseAlarmsPerMonth: 12, intervalSeconds: null },
    },
  });
});

test("GET /targets/:name has no budget where none was stated", async () => {
  const { call } = makeApi({ monitor: new FakeMonitor(makeWatch({ name: "b" })) });
  const view: unknown = await (await call("GET", "/targets/b")).json();
  expect([...Value.Errors(TargetDetailSchema, view)]).toEqual([]);
  expect(view).toMatchObject({ budget: null, detector: { model: "akka" } });
});

test("GET /targets/:name/intervals gives the gaps in order, and says which were outages", async () => {
  const view = await read("/targets/a/intervals", {
    gaps: () => [
      { gapMs: 1000.125, isOutage: false },
      { gapMs: 61_000, isOutage: true },
    ],
  });
  expect([...Value.Errors(IntervalsSchema, view)]).toEqual([]);
  expect(view).toEqual({
    target: "a",
    intervals: [
      { ms: 1000.125, outage: false },
      { ms: 61_000, outage: true },
    ],
  });
});

test("GET /targets/:name/intervals of what is not watched is 404", async () => {
  const { call } = makeApi({ monitor: new FakeMonitor() });
  const problem = await readProblem(await call("GET", "/targets/x/intervals"));
  expect(problem).toMatchObject({ status: 404, type: "urn:phi:problem:unknown_target" });
});
