import { FormatRegistry } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { describe, expect, test } from "bun:test";
import type { HistoryPage, HistoryQuery, HistoryReading, HistoryResult } from "../history/mod.ts";
import { makeApi, readProblem, type TestApi } from "./_test_api.ts";
import { FakeMonitor, makeWatch, WALL_ORIGIN_MS } from "./_test_world.ts";
import { HistorySchema } from "./history_schemas.ts";

FormatRegistry.Set("date-time", (text) => !Number.isNaN(Date.parse(text)));

/** By the tests' clock. */
const NOW_MS = WALL_ORIGIN_MS + 60_000;
const NOTHING: HistoryPage = { isKnown: true, changes: [], samples: [], nextFromWallMs: null };

class FakeHistory implements HistoryReading {
  readonly queries: HistoryQuery[] = [];
  result: HistoryResult = { ok: true, page: NOTHING };

  read(query: HistoryQuery): Promise<HistoryResult> {
    this.queries.push(query);
    return Promise.resolve(this.result);
  }
}

function world(page: Partial<HistoryPage> = {}): TestApi & { readonly history: FakeHistory } {
  const history = new FakeHistory();
  history.result = { ok: true, page: { ...NOTHING, ...page } };
  const monitor = new FakeMonitor(makeWatch({ name: "a" }));
  return { ...makeApi({ history, monitor }), history };
}

describe("GET /targets/:name/history", () => {
  test("tells changes and φ as its schema says", async () => {
    const at = { atWallMs: WALL_ORIGIN_MS };
    const { call } = world({
      changes: [
        {
          ...at,
          target: "a",
          scope: "own",
          from: "up",
          to: "suspect",
          phi: 8.5,
          reason: "silence",
        },
        {
          ...at,
          target: "a",
          scope: "combined",
          from: "up",
          to: "partial",
          phi: null,
          reason: "m1",
        },
      ],
      samples: [
        { ...at, phi: 0.25, peakPhi: 1.5 },
        { ...at, phi: 16.1, peakPhi: 308 },
      ],
      nextFromWallMs: WALL_ORIGIN_MS + 1,
    });
    const response = await call("GET", "/targets/a/history");
    expect([response.status, response.headers.get("content-type")]).toEqual([
      200,
      "application/json",
    ]);
    const body = await response.json();
    expect([...Value.Errors(HistorySchema, body)]).toEqual([]);
    const when = "2026-01-31T12:00:00.000Z";
    expect(body).toEqual({
      target: "a",
      from: "2026-01-30T12:01:00.001Z",
      to: "2026-01-31T12:01:00.001Z",
      changes: [
        { at: when, scope: "own", from: "up", to: "suspect", phi: 8.5, reason: "silence" },
        { at: when, scope: "combined", from: "up", to: "partial", phi: null, reason: "m1" },
      ],
      phi: [
        { at: when, phi: 0.25, peakPhi: 1.5 },
        { at: when, phi: 16.1, peakPhi: 308 },
      ],
      next: "2026-01-31T12:00:00.001Z",
    });
  });

  test("asks for the last day up to and including now, unless it is asked otherwise", async () => {
    const { call, history } = world();
    await call("GET", "/targets/a/history");
    await call("GET", "/targets/a/history?from=1769860800&to=1769860800.5&limit=7");
    await call("GET", "/targets/a/history?from=2026-01-31T13:00:00+01:00");
    await call("GET", "/targets/a/history?to=3600");
    expect(history.queries).toEqual([
      { target: "a", fromWallMs: NOW_MS + 1 - 86_400_000, toWallMs: NOW_MS + 1, limit: 1_000 },
      { target: "a", fromWallMs: WALL_ORIGIN_MS, toWallMs: WALL_ORIGIN_MS + 500, limit: 7 },
      { target: "a", fromWallMs: WALL_ORIGIN_MS, toWallMs: NOW_MS + 1, limit: 1_000 },
      { target: "a", fromWallMs: 0, toWallMs: 3_600_000, limit: 1_000 },
    ]);
  });

  test.each([
    ["limit=0", '"limit" must be a whole number from 1 to 10000, received "0"'],
    ["limit=10001", '"limit" must be'],
    ["limit=1.5", '"limit" must be'],
    ["limit=", '"limit" must be'],
    ["limit=1&limit=2", '"limit" must be given once'],
    ["from=yesterday", '"from" must be a time such as 2026-01-31T12:00:00Z, or Unix seconds'],
    ["to=2026-02-30T00:00:00Z", '"to" must be a time'],
    ["to=-5", '"to" must be a time'],
    ["from=1e9", '"from" must be a time'],
    ["from=2000000000&to=1999999999", '"from" must not be later than "to"'],
    ["since=1", 'The query parameters are "from", "to" and "limit", received "since"'],
    [`from=${"x".repeat(500)}`, `received "${"x".repeat(40)}…"`],
  ])("with ?%s is 400, and says why", async (query, words) => {
    const { call, history } = world();
    const refusal = await readProblem(await call("GET", `/targets/a/history?${query}`));
    expect([refusal.status, refusal.type]).toEqual([400, "urn:phi:problem:invalid_query"]);
    expect(refusal.detail).toContain(words);
    expect(history.queries).toEqual([]);
  });

  test("is answered for a target that is gone, and 404 for one that never was", async () => {
    const { call, history } = world();
    expect((await call("GET", "/targets/gone/history")).status).toBe(200);
    history.result = { ok: true, page: { ...NOTHING, isKnown: false } };
    // Watched, and nothing has happened yet.
    expect((await call("GET", "/targets/a/history")).status).toBe(200);
    for (const name of ["never", "%zz"]) {
      const refusal = await readProblem(await call("GET", `/targets/${name}/history`));
      expect([refusal.status, refusal.type]).toEqual([404, "urn:phi:problem:unknown_target"]);
    }
  });

  test("takes names in their percent-encoding", async () => {
    const { call, history } = world();
    await call("GET", "/targets/db%3A1/history");
    expect(history.queries[0]!.target).toBe("db:1");
  });

  test("is 404 where nothing is kept, and 503 where it cannot be read", async () => {
    const none = await readProblem(await makeApi().call("GET", "/targets/a/history"));
    expect([none.status, none.type]).toEqual([404, "urn:phi:problem:no_history"]);
    const { call, history } = world();
    history.result = { ok: false, detail: "The history cannot be read: the disk is gone." };
    const response = await call("GET", "/targets/a/history");
    expect(response.headers.get("retry-after")).toBe("10");
    expect(await readProblem(response)).toMatchObject({
      status: 503,
      type: "urn:phi:problem:history_unavailable",
      detail: "The history cannot be read: the disk is gone.",
    });
  });

  test("of ten thousand lines is made in pieces", async () => {
    const samples = Array.from({ length: 9_990 }, (_, index) => ({
      atWallMs: WALL_ORIGIN_MS + index * 1_000,
      phi: 1,
      peakPhi: 1,
    }));
    const { call, timers } = world({ samples });
    const response = await call("GET", "/targets/a/history?limit=10000");
    expect(timers.yieldCount).toBeLessThan(5);
    const body: { phi: unknown[] } = await response.json();
    expect(body.phi).toHaveLength(9_990);
    expect(timers.yieldCount).toBeGreaterThan(90);
  });

  test("has no body for HEAD, and takes nothing else", async () => {
    const { call } = world();
    const head = await call("HEAD", "/targets/a/history");
    expect([head.status, await head.text()]).toEqual([200, ""]);
    expect((await call("POST", "/targets/a/history")).status).toBe(405);
  });
});
