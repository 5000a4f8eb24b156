import { expect, test } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import { FormatRegistry } from "@sinclair/typebox";
import { makeApi, readProblem } from "./_test_api.ts";
import { failureCounts, FakeMonitor, makeWatch, WALL_ORIGIN_MS } from "./_test_world.ts";
import { ReadinessSchema, TargetViewSchema, type TargetView } from "./schemas.ts";

FormatRegistry.Set("date-time", (text) => !Number.isNaN(Date.parse(text)));

function watched(): FakeMonitor {
  return new FakeMonitor(
    makeWatch({ name: "a" }),
    makeWatch(
      { name: "b", monitor: { threshold: 8 } },
      {
        verdict: "down",
        phi: (nowMs) => nowMs / 1_000,
        failureCounts: failureCounts("timeout", 3),
        lastError: {
          reason: "timeout",
          detail: "no answer in 5000 ms",
          atWallMs: WALL_ORIGIN_MS + 50_000,
        },
        certificateExpiresWallMs: WALL_ORIGIN_MS,
      },
    ),
    makeWatch({ name: "c", url: "push:" }, { verdict: "unknown", lastHeartbeatMs: Number.NaN }),
  );
}

async function list(path: string, monitor = watched()): Promise<TargetView[]> {
  const response = await makeApi({ monitor }).call("GET", path);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("application/json");
  const views: TargetView[] = await response.json();
  return views;
}

test("GET /targets shows every target as its schema says", async () => {
  const views = await list("/targets");
  expect(views.map((view) => view.name)).toEqual(["a", "b", "c"]);
  for (const view of views) expect([...Value.Errors(TargetViewSchema, view)]).toEqual([]);
  expect(views[1]).toEqual({
    name: "b",
    url: "http://10.1.0.101:8080/heartbeat",
    verdict: "down",
    verdictSince: "2026-01-31T12:00:01.000Z",
    phi: 60,
    threshold: 8,
    suspectPhi: 4,
    watchedSeconds: 60,
    lastHeartbeat: "2026-01-31T12:00:59.500Z",
    silenceSeconds: 0.5,
    heartbeats: 60,
    window: { samples: 60, meanMs: 1000.123, stdDevMs: 12.5 },
    probes: { total: 61, skipped: 1, failures: { timeout: 3 } },
    lastError: {
      reason: "timeout",
      detail: "no answer in 5000 ms",
      at: "2026-01-31T12:00:50.000Z",
    },
    certificateExpires: "2026-01-31T12:00:00.000Z",
  });
  expect(views[2]).toMatchObject({ lastHeartbeat: null, silenceSeconds: 60, lastError: null });
});

test("GET /targets/:name counts no silence from before this process watched", async () => {
  const watch = makeWatch({ name: "a" }, { watchedSinceMs: 50_000, lastHeartbeatMs: -3_600_000 });
  const { call } = makeApi({ monitor: new FakeMonitor(watch) });
  const view = await (await call("GET", "/targets/a")).json();
  expect(view).toMatchObject({ silenceSeconds: 10, lastHeartbeat: "2026-01-31T11:00:00.000Z" });
});

async function named(path: string): Promise<string[]> {
  return (await list(path)).map((view) => view.name);
}

test("GET /targets filters by verdict and by name", async () => {
  expect(await named("/targets?verdict=down,suspect")).toEqual(["b"]);
  expect(await named("/targets?verdict=down&verdict=unknown")).toEqual(["b", "c"]);
  expect(await named("/targets?name=c&name=a&name=c&name=x")).toEqual(["c", "a"]);
  expect(await named("/targets?name=a&verdict=down")).toEqual([]);
  expect(await named("/targets?name=nobody")).toEqual([]);
});

test("GET /targets with a verdict that is none is 400", async () => {
  for (const query of ["verdict=dead", "verdict=", "verdict=up,", "verdict=UP"]) {
    const response = await makeApi().call("GET", `/targets?${query}`);
    expect((await readProblem(response)).status).toBe(400);
  }
});

test("GET /targets of 10,000 targets is made in pieces", async () => {
  const watches = Array.from({ length: 10_000 }, (_, i) => makeWatch({ name: `t${i}` }));
  const monitor = new FakeMonitor(...watches);
  const world = makeApi({ monitor });
  const response = await world.call("GET", "/targets");
  expect(world.timers.yieldCount).toBeLessThan(5);
  const views: TargetView[] = await response.json();
  expect(views).toHaveLength(10_000);
  expect(views[9_999]?.name).toBe("t9999");
  expect(world.timers.yieldCount).toBeGreaterThanOrEqual(100);
});

test("GET /targets stops being made when the reader goes away", async () => {
  const monitor = new FakeMonitor();
  let seenCount = 0;
  monitor.watches = function* () {
    const watch = makeWatch({ name: "a" });
    try {
      for (; seenCount < 1_000_000; seenCount++) yield watch;
    } finally {
      seenCount = -1;
    }
  };
  const response = await makeApi({ monitor }).call("GET", "/targets");
  await response.body?.cancel();
  expect(seenCount).toBe(-1);
});

test("GET /targets/:name shows one, by its percent-encoded name too", async () => {
  const monitor = watched();
  monitor.add(makeWatch({ name: "db:1" }));
  const { call } = makeApi({ monitor });
  expect(await (await call("GET", "/targets/db%3A1")).json()).toMatchObject({ name: "db:1" });
  expect(await (await call("GET", "/targets/db:1")).json()).toMatchObject({ name: "db:1" });
  for (const name of ["nobody", "%zz", "a%2Fb", "__proto__"]) {
    expect((await readProblem(await call("GET", `/targets/${name}`))).status).toBe(404);
  }
});

test("GET /healthz and GET /readyz say that the monitor lives and what it watches", async () => {
  const monitor = watched();
  monitor.pausedMs = 10_000;
  const { call } = makeApi({ monitor, observer: "m1" });
  const health = await call("GET", "/healthz");
  expect([health.status, await health.text()]).toEqual([200, "alive\n"]);
  const readiness = await (await call("GET", "/readyz")).json();
  expect(Value.Check(ReadinessSchema, readiness)).toBe(true);
  expect(readiness).toMatchObject({ watching: 3, revision: 0, pausedSeconds: 10, observer: "m1" });
});
