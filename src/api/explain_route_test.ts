import { expect, test } from "bun:test";
import { FormatRegistry } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import type { ObserversReading, SelfDoubtReading } from "../observers/mod.ts";
import { makeApi, readProblem } from "./_test_api.ts";
import { failureCounts, FakeMonitor, makeWatch, WALL_ORIGIN_MS } from "./_test_world.ts";
import { ExplanationSchema, type ExplanationView } from "./explanation_schema.ts";

FormatRegistry.Set("date-time", (text) => !Number.isNaN(Date.parse(text)));

function watched(): FakeMonitor {
  const lastError = { reason: "timeout", detail: "no answer", atWallMs: WALL_ORIGIN_MS } as const;
  return new FakeMonitor(
    makeWatch({ name: "a" }),
    makeWatch({ name: "b" }, { verdict: "down", recoveryCount: 1, worsensMs: () => Infinity }),
    makeWatch({ name: "c" }, { lastError, failureCounts: failureCounts("timeout", 3) }),
    makeWatch({ name: "d", url: "push:" }, { verdict: "unknown", lastHeartbeatMs: Number.NaN }),
  );
}

async function read(response: Response): Promise<ExplanationView> {
  expect([response.status, response.headers.get("vary")]).toEqual([200, "accept"]);
  const view: ExplanationView = await response.json();
  expect([...Value.Errors(ExplanationSchema, view)]).toEqual([]);
  return view;
}

test("GET /targets/:name/explain answers every target as its schema says, in numbers and sentences", async () => {
  const { call } = makeApi({ monitor: watched(), observer: "m1" });
  for (const name of ["a", "b", "c", "d"]) {
    const view = await read(await call("GET", `/targets/${name}/explain`));
    expect([view.target, view.observer]).toEqual([name, "m1"]);
    expect(view.sentences.length).toBeGreaterThan(4);
  }
  const { sentences: _, ...a } = await read(await call("GET", "/targets/a/explain"));
  expect(a).toEqual({
    target: "a",
    observer: "m1",
    at: "2026-01-31T12:01:00.000Z",
    verdict: "up",
    verdictSince: "2026-01-31T12:00:01.000Z",
    watchedSince: "2026-01-31T12:00:00.000Z",
    lastHeartbeat: "2026-01-31T12:00:59.500Z",
    silenceSeconds: 0.5,
    intervalSeconds: 1,
    pushed: false,
    phi: 0.25,
    suspectPhi: 8,
    threshold: 16,
    fit: {
      samples: 60,
      meanMs: 1000.123,
      stdDevMs: 12.5,
      leastStdDevMs: 500,
      stdDevInForceMs: 500,
      acceptablePauseMs: 0,
      deviations: -1,
    },
    detector: { model: "akka", threshold: 16, confident: true, intervalSeconds: 1 },
    quality: {
      since: "2026-01-31T12:00:00.000Z",
      aliveSeconds: 60,
      mistakes: 0,
      mistakeSeconds: 0,
      outages: 0,
      outageSeconds: 0,
      mistakesPerHour: 0,
      mistakeRecurrenceSeconds: null,
      mistakeDurationSeconds: null,
      queryAccuracy: 1,
      detectionSeconds: 5,
      calibration: [1, 2, 3, 4].map((level) => ({
        level,
        judged: 0,
        reached: 0,
        share: null,
        expected: 10 ** -level,
      })),
    },
    budget: null,
    suspectAt: "2026-01-31T12:01:02.500Z",
    downAt: "2026-01-31T12:01:04.500Z",
    recovery: null,
    probes: { total: 61, failed: 0 },
    lastError: null,
    selfDoubts: [],
    combined: null,
    minority: false,
    observers: [],
  });
  const b = await read(await call("GET", "/targets/b/explain"));
  expect(b).toMatchObject({
    suspectAt: null,
    downAt: null,
    recovery: { heartbeats: 1, needed: 2 },
  });
});

const vote = (observer: string, isCounted: boolean) =>
  ({ observer, verdict: "down", phi: 20, sinceWallMs: WALL_ORIGIN_MS, isCounted }) as const;

test("GET /targets/:name/explain shows what the others say, and who doubts itself", async () => {
  const self = { isSelf: true, isHeard: true, silentMs: 0, targetCounts: null } as const;
  const observers: ObserversReading = {
    observers: () => [
      { ...self, id: "m1", doubts: ["paused"] },
      { ...self, id: "m2", doubts: [], isSelf: false, isHeard: false, silentMs: 4_250 },
    ],
    memberCount: 2,
    neededCount: 2,
    isMinority: true,
    combined: (target) => ({
      target,
      verdict: "unknown",
      sinceWallMs: WALL_ORIGIN_MS,
      votes: [vote("m1", false)],
      dissenters: [],
      neededCount: 2,
      memberCount: 2,
    }),
    combinedVerdict: () => "unknown",
    onCombinedChange: () => () => {},
    onObserverChange: () => () => {},
  };
  const selfDoubt: SelfDoubtReading = {
    doubts: () => ["paused"],
    detail: () => "the process did not run for 30 s",
    onChange: () => () => {},
  };
  const { call } = makeApi({ monitor: watched(), observers, selfDoubt });
  const view = await read(await call("GET", "/targets/a/explain"));
  expect(view).toMatchObject({
    observer: null,
    selfDoubts: [{ doubt: "paused", detail: "the process did not run for 30 s" }],
    combined: {
      verdict: "unknown",
      votes: [{ observer: "m1", verdict: "down", counted: false }],
    },
    minority: true,
    observers: [
      { id: "m1", self: true, heard: true, silentSeconds: 0, inDoubt: true, doubts: ["paused"] },
      { id: "m2", self: false, heard: false, silentSeconds: 4.25, inDoubt: false, doubts: [] },
    ],
  });
});

test("GET /targets/:name/explain is text for who wants text, and the same sentences", async () => {
  const { call } = makeApi({ monitor: watched() });
  const text = await call("GET", "/targets/a/explain", { headers: { accept: "text/plain" } });
  expect(text.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  const { sentences } = await read(await call("GET", "/targets/a/explain"));
  expect(await text.text()).toBe(`${sentences.join("\n")}\n`);
  const neither = { headers: { accept: "image/png" } };
  expect((await readProblem(await call("GET", "/targets/a/explain", neither))).status).toBe(406);
});

test("GET /targets/:name/explain of what is not watched is 404, whatever its name", async () => {
  const { call } = makeApi({ monitor: watched() });
  for (const name of ["nobody", "%zz", "__proto__"]) {
    const response = await call("GET", `/targets/${name}/explain`);
    expect((await readProblem(response)).type).toBe("urn:phi:problem:unknown_target");
  }
});
