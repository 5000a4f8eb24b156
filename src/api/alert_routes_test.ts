import { FormatRegistry } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { describe, expect, test } from "bun:test";
import { AlertsSchema, SilenceSchema, SilencesSchema } from "./alert_schemas.ts";
import { FakeAlerts } from "./_test_alerts.ts";
import { makeApi, readProblem } from "./_test_api.ts";
import { FakeCluster } from "./_test_cluster.ts";
import { fakeClock, WALL_ORIGIN_MS } from "./_test_world.ts";

FormatRegistry.Set("date-time", (text) => !Number.isNaN(Date.parse(text)));

/** `pass` lets time go by. */
function setUp() {
  const alerts = new FakeAlerts();
  let passedMs = 0;
  const clock = { ...fakeClock, wallMs: () => fakeClock.wallMs() + passedMs };
  const pass = (ms: number) => void (passedMs += ms);
  return { alerts, pass, ...makeApi({ alerts, cluster: new FakeCluster(), clock }) };
}

const UNTIMED = {
  matchers: ["target=db-*", "team!=payments"],
  author: "me",
  comment: "new disks",
};
const SILENCE = { ...UNTIMED, durationSeconds: 7_200 };
/** The clock of these tests stands a minute after the origin. */
const NOW = WALL_ORIGIN_MS + 60_000;

describe("GET /alerts", () => {
  test("says what is told, to whom, what waits and why", async () => {
    const { call } = setUp();
    const response = await call("GET", "/alerts");
    expect(response.headers.get("content-type")).toBe("application/json");
    const body = await response.json();
    expect([...Value.Errors(AlertsSchema, body)]).toEqual([]);
    expect(body).toMatchObject({
      leader: "m1",
      sender: true,
      configured: true,
      hold: "in_doubt",
      dropped: 3,
      waiting: [{ target: "b", dueInSeconds: 239.5, since: "2026-01-31T12:00:01.000Z" }],
      receivers: [
        {
          name: "chat",
          at: ["https://chat.example.org"],
          queue: 1,
          notice: { key: "c1-8", incidents: 1, since: "2026-01-31T12:00:02.000Z" },
          failures: 2,
          nextAttemptSeconds: 1.501,
        },
        { name: "am", notice: null, failures: null },
      ],
      incidents: [
        {
          key: "c1-7",
          since: "2026-01-31T12:00:00.000Z",
          closedAt: null,
          silencedBy: ["s1"],
          receivers: { chat: "sending", am: "told" },
        },
        { key: "c1-5", closedAt: "2026-01-31T12:00:09.000Z", closedReason: "up: all say up" },
      ],
    });
  });

  test("a receiver by itself has none", async () => {
    const { call, send } = makeApi();
    for (const path of ["/alerts", "/silences"]) {
      expect((await readProblem(await call("GET", path))).status).toBe(404);
    }
    expect((await readProblem(await send("POST", "/silences", SILENCE))).status).toBe(404);
    expect((await readProblem(await call("DELETE", "/silences/x"))).status).toBe(404);
  });
});

describe("silences", () => {
  test("are made, listed with the last to end first, and ended", async () => {
    const { alerts, call, send } = setUp();
    const response = await send("POST", "/silences", SILENCE);
    expect(response.status).toBe(200);
    const made = await response.json();
    expect([...Value.Errors(SilenceSchema, made)]).toEqual([]);
    expect(made).toMatchObject({
      matchers: ["target=db-*", "team!=payments"],
      startsAt: "2026-01-31T12:01:00.000Z",
      endsAt: "2026-01-31T14:01:00.000Z",
      createdAt: "2026-01-31T12:01:00.000Z",
      author: "me",
      comment: "new disks",
      status: "active",
    });
    expect(alerts.writes).toEqual([
      {
        id: made.id,
        matchers: [
          { name: "target", isEqual: true, pattern: "db-*" },
          { name: "team", isEqual: false, pattern: "payments" },
        ],
        startsWallMs: NOW,
        endsWallMs: NOW + 7_200_000,
        createdWallMs: NOW,
        author: "me",
        comment: "new disks",
      },
    ]);
    const later = { startsAt: "2026-01-31T13:02:00+01:00", endsAt: "2026-02-01T00:00:00Z" };
    expect((await send("POST", "/silences", { ...UNTIMED, ...later })).status).toBe(200);
    alerts.kept.push({ ...alerts.kept[0]!, id: "old", endsWallMs: NOW });
    const list = await (await call("GET", "/silences")).json();
    expect([...Value.Errors(SilencesSchema, list)]).toEqual([]);
    expect(list.map(({ status }: { status: string }) => status)).toEqual([
      "pending",
      "active",
      "expired",
    ]);
    expect(await (await call("DELETE", `/silences/${made.id}`)).json()).toEqual({
      removed: made.id,
    });
    expect(alerts.writes.at(-1)).toBe(made.id);
  });

  test("repeated under an Idempotency-Key have the same id, else another", async () => {
    const { alerts, send } = setUp();
    const ids: string[] = [];
    for (const key of ["k1", "k1", "k2", undefined, undefined]) {
      const headers = key === undefined ? {} : { "idempotency-key": key };
      ids.push((await (await send("POST", "/silences", SILENCE, headers)).json()).id);
    }
    expect(ids[1]).toBe(ids[0]);
    expect(new Set(ids).size).toBe(4);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{16}$/u);
    expect(alerts.kept).toHaveLength(4);
    const bad = await send("POST", "/silences", SILENCE, { "idempotency-key": "a b" });
    expect((await readProblem(bad)).status).toBe(400);
  });

  const SOON = "2026-01-31T13:00:00Z";
  const END = "2026-01-31T15:00:00Z";

  test.each([
    ["for a while", SILENCE],
    ["for a while from a moment on", { ...SILENCE, startsAt: SOON }],
    ["until a moment", { ...UNTIMED, endsAt: END }],
    ["from a moment to another", { ...UNTIMED, startsAt: SOON, endsAt: END }],
  ])("one %s, sent again seconds later, is the one that was made", async (_name, body) => {
    const { alerts, pass, send } = setUp();
    const again = () => send("POST", "/silences", body, { "idempotency-key": "k" });
    const made = await (await again()).json();
    pass(5_000);
    const response = await again();
    expect([response.status, await response.json()]).toEqual([200, made]);
    expect(alerts.kept).toHaveLength(1);
  });

  test.each([
    ["another length", SILENCE, { ...SILENCE, durationSeconds: 7_201 }],
    ["another start", { ...SILENCE, startsAt: SOON }, { ...SILENCE, startsAt: END }],
    ["a start that was none", SILENCE, { ...SILENCE, startsAt: SOON }],
    ["no start where there was one", { ...SILENCE, startsAt: SOON }, SILENCE],
    ["another end", { ...UNTIMED, endsAt: END }, { ...UNTIMED, endsAt: SOON }],
    ["an end for a length", SILENCE, { ...UNTIMED, endsAt: END }],
    [
      "an end that was too far away",
      { ...SILENCE, durationSeconds: 31_622_400 },
      { ...UNTIMED, endsAt: "2027-02-01T12:01:01Z" },
    ],
  ])("the key of one with %s is refused", async (_name, first, second) => {
    const { alerts, pass, send } = setUp();
    const headers = { "idempotency-key": "k" };
    expect((await send("POST", "/silences", first, headers)).status).toBe(200);
    pass(5_000);
    const { type } = await readProblem(await send("POST", "/silences", second, headers));
    expect(type).toEndWith(":key_reused");
    expect(alerts.kept).toHaveLength(1);
  });

  test("the key of one that is over is refused: nothing would be kept quiet", async () => {
    const { pass, send } = setUp();
    const ask = () => send("POST", "/silences", SILENCE, { "idempotency-key": "k" });
    await ask();
    pass(7_199_999);
    expect((await ask()).status).toBe(200);
    pass(1);
    const { status, detail } = await readProblem(await ask());
    expect([status, detail]).toEqual([422, expect.stringContaining("that is over")]);
  });

  test.each([
    ["no JSON", "x", ""],
    ["a key that stands twice", `{"author":"x",${JSON.stringify(SILENCE).slice(1)}`, "/author"],
    ["a list", [], ""],
    ["nothing to match", { ...SILENCE, matchers: [] }, "/matchers"],
    ["no comment", { ...SILENCE, comment: "" }, "/comment"],
    ["no author", { ...SILENCE, author: undefined }, "/author"],
    ["another key", { ...SILENCE, until: "x" }, "/until"],
    ["a matcher that is none", { ...SILENCE, matchers: ["a=b", "db-1"] }, "/matchers/1"],
    ["no target", { ...SILENCE, matchers: ["team=x", "target="] }, "/matchers/1"],
    ["a matcher without a name", { ...SILENCE, matchers: ["=b"] }, "/matchers/0"],
    ["a matcher that moves the cursor", { ...SILENCE, matchers: ["a=\u001B[2J"] }, "/matchers/0"],
    ["an author of two lines", { ...SILENCE, author: "me\nyou" }, "/author"],
    ["a comment that rings", { ...SILENCE, comment: "new disks\u0007" }, "/comment"],
    ["half a second", { ...SILENCE, durationSeconds: 0.5 }, "/durationSeconds"],
    ["both ends", { ...SILENCE, endsAt: "2026-02-01T00:00:00Z" }, ""],
    ["neither end", { ...SILENCE, durationSeconds: undefined }, ""],
    ["a day that is none", { ...SILENCE, startsAt: "2026-02-30T00:00:00Z" }, "/startsAt"],
    ["a number for a time", { ...SILENCE, startsAt: 5 }, "/startsAt"],
    ["one that is over", { ...SILENCE, startsAt: "2026-01-31T09:00:00Z" }, "/startsAt"],
    [
      "one that ends before it starts",
      { ...SILENCE, durationSeconds: undefined, endsAt: "2026-01-31T12:00:00Z" },
      "/endsAt",
    ],
    [
      "one for ever",
      { ...SILENCE, durationSeconds: undefined, endsAt: "2028-01-31T12:00:00Z" },
      "/endsAt",
    ],
  ])("%s is refused, with where", async (_, body, pointer) => {
    const { alerts, call } = setUp();
    const response = await call("POST", "/silences", {
      headers: { "content-type": "application/json" },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    const { status, errors } = await readProblem(response);
    expect(status).toBe(400);
    expect(errors?.map((error) => error.pointer)).toContain(pointer);
    expect(alerts.writes).toEqual([]);
  });

  test("a body that is YAML, or too large, is refused", async () => {
    const { call, send } = setUp();
    const headers = { "content-type": "application/yaml" };
    expect((await call("POST", "/silences", { headers, body: "a: b" })).status).toBe(415);
    const large = { ...SILENCE, comment: "x".repeat(20_000) };
    expect((await send("POST", "/silences", large)).status).toBe(413);
  });

  test("what the record says is told apart by its type", async () => {
    const { alerts, call, send } = setUp();
    const given: string[] = [];
    const results = [
      { ok: false, reason: "too_many_silences", limit: 5 },
      { ok: false, reason: "silence_exists" },
      { ok: false, reason: "older_members", members: ["b"] },
      { ok: false, reason: "unavailable", outcome: "failed", detail: "there is no leader" },
      { ok: false, reason: "unavailable", outcome: "unknown", detail: "nothing came of it" },
    ] as const;
    for (const result of results) {
      alerts.result = result;
      const { status, type } = await readProblem(await send("POST", "/silences", SILENCE));
      given.push(`${status} ${type.split(":").at(-1)}`);
    }
    alerts.removal = { ok: false, reason: "unknown_silence" };
    const { status, type } = await readProblem(await call("DELETE", "/silences/nobody"));
    given.push(`${status} ${type.split(":").at(-1)}`);
    expect(given).toEqual([
      "422 too_many_silences",
      "422 key_reused",
      "409 older_members",
      "503 write_failed",
      "503 write_unknown",
      "404 unknown_silence",
    ]);
  });
});
