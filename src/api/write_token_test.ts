import { describe, expect, spyOn, test } from "bun:test";
import { makeApi, readProblem } from "./_test_api.ts";
import { FakeAlerts } from "./_test_alerts.ts";
import { FakeCluster } from "./_test_cluster.ts";
import { FakeMonitor, makeWatch } from "./_test_world.ts";

const TOKEN = "s3cret-T0ken";
const TARGET = { name: "a", url: "http://10.1.0.101:8080/heartbeat" };

function guarded() {
  const monitor = new FakeMonitor(makeWatch({ name: "job", url: "push:" }));
  const cluster = new FakeCluster();
  const alerts = new FakeAlerts();
  return { ...makeApi({ monitor, cluster, alerts }, { writeToken: TOKEN }), cluster, alerts };
}

const WRITES: readonly [string, string, unknown?][] = [
  ["PUT", "/config", TARGET],
  ["POST", "/config", { servers: [] }],
  ["DELETE", "/config/a"],
  ["POST", "/heartbeat/job"],
  ["POST", "/cluster/join", { id: "m4", address: "10.1.0.114:7000" }],
  ["DELETE", "/cluster/members/m2"],
  [
    "POST",
    "/silences",
    { matchers: ["target=a"], durationSeconds: 60, author: "me", comment: "why" },
  ],
  ["DELETE", "/silences/s1"],
  ["PATCH", "/config"],
  ["PUT", "/nothing"],
];

describe("with a write token", () => {
  test("every write without it is 401, and changes nothing", async () => {
    const { send, store, monitor, cluster, alerts } = guarded();
    for (const [method, path, body] of WRITES) {
      const response = await send(method, path, body, { "if-match": "*" });
      expect(response.headers.get("www-authenticate")).toBe("Bearer");
      const { status, type } = await readProblem(response);
      expect([method, path, status, type]).toEqual([
        method,
        path,
        401,
        "urn:phi:problem:unauthorized",
      ]);
    }
    expect(store.readLocal().revision).toBe(0);
    expect([monitor.heartbeats, cluster.joins, cluster.removals]).toEqual([[], [], []]);
    expect(alerts.writes).toEqual([]);
  });

  test("every write with it goes through", async () => {
    const { send } = guarded();
    const statuses: number[] = [];
    for (const [method, path, body] of WRITES) {
      const headers = {
        authorization: `Bearer ${TOKEN}`,
        ...(path.startsWith("/config") && { "if-match": "*" }),
      };
      statuses.push((await send(method, path, body, headers)).status);
    }
    // The targets are gone by then, and the first PUT found none to match.
    expect(statuses).toEqual([412, 200, 412, 204, 200, 200, 200, 200, 405, 404]);
  });

  test.each([
    "",
    "Bearer",
    "Bearer ",
    TOKEN,
    `Basic ${TOKEN}`,
    `Bearer ${TOKEN}x`,
    `Bearer ${TOKEN.slice(0, -1)}`,
    `Bearer ${TOKEN.toUpperCase()}`,
    `Bearer x, Bearer ${TOKEN}`,
    `Bearer ${TOKEN}, Bearer ${TOKEN}`,
    `Bearer ${TOKEN} ${TOKEN}`,
    `Bearer\t${TOKEN}`,
    `Bearer "${TOKEN}"`,
    `Bearer ${"x".repeat(10_000)}`,
    `Bearer s3cret-T0ké n`,
  ])("the credentials %p are refused", async (authorization) => {
    const { send } = guarded();
    const response = await send("PUT", "/config", TARGET, { authorization });
    expect((await readProblem(response)).status).toBe(401);
  });

  test("of every guess the digest is made, and no more is done for one that is nearly right", async () => {
    const { send } = guarded();
    const attempt = (token: string) =>
      send("PUT", "/config", TARGET, { authorization: `Bearer ${token}` });
    await attempt("the-first-one-brings-the-digest-of-its-own");
    const subtle = spyOn(crypto.subtle, "digest");
    const guesses = [
      "x",
      `${TOKEN.slice(0, -1)}x`,
      `x${TOKEN.slice(1)}`,
      "x".repeat(TOKEN.length),
      `${TOKEN}x`,
      TOKEN.slice(0, -1),
    ];
    for (const guess of guesses) expect((await attempt(guess)).status).toBe(401);
    const digested = subtle.mock.calls.map(([algorithm, bytes]) => [
      algorithm,
      Buffer.from(bytes as Uint8Array).toString(),
    ]);
    subtle.mockRestore();
    expect(digested).toEqual(guesses.map((guess) => ["SHA-256", guess]));
  });

  test("the scheme's name is not case-sensitive, and may be followed by blanks", async () => {
    const { send } = guarded();
    for (const authorization of [`bearer ${TOKEN}`, `BEARER   ${TOKEN}`]) {
      expect((await send("PUT", "/config", TARGET, { authorization })).status).toBe(200);
    }
  });

  test("reads stay open, and the page is all there", async () => {
    const { call } = guarded();
    const paths =
      "/ /config /targets /targets/job /events /metrics /healthz /readyz /cluster /openapi";
    for (const path of paths.split(" ")) {
      for (const method of ["GET", "HEAD"]) {
        const response = await call(method, path);
        expect([method, path, response.status]).toEqual([method, path, 200]);
        await response.body?.cancel();
      }
    }
    expect((await call("GET", "/badge/job.svg")).status).toBe(200);
  });

  test("a page of another site is refused before it can try tokens", async () => {
    const { send } = guarded();
    const headers = { authorization: `Bearer ${TOKEN}`, "sec-fetch-site": "cross-site" };
    expect((await send("PUT", "/config", TARGET, headers)).status).toBe(403);
  });
});

test("without a write token nothing is asked for", async () => {
  expect((await makeApi().send("PUT", "/config", TARGET)).status).toBe(200);
});

test.each(["", " ", "a b", "a\n", "é", "\u0000"])(
  "createApi() does not take the write token %j",
  (writeToken) => {
    expect(() => makeApi({}, { writeToken })).toThrow(RangeError);
  },
);
