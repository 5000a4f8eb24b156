import { expect, test } from "bun:test";
import { refuseForeign } from "./guard.ts";
import { makeApi, readProblem } from "./_test_api.ts";
import { FakeMonitor, makeWatch } from "./_test_world.ts";

function refusal(method: string, url: string, headers: HeadersInit, allowedHosts?: string[]) {
  return refuseForeign(new Request(url, { method, headers }), allowedHosts)?.status ?? null;
}

const HERE = "http://localhost:8000/heartbeat/a";

test.each([
  [{}, null],
  [{ "sec-fetch-site": "same-origin" }, null],
  [{ "sec-fetch-site": "none" }, null],
  [{ "sec-fetch-site": "cross-site" }, 403],
  [{ "sec-fetch-site": "same-site" }, 403],
  [{ "sec-fetch-site": "cross-site", origin: "http://localhost:8000" }, 403],
  [{ origin: "http://localhost:8000" }, null],
  [{ origin: "https://localhost:8000" }, null],
  [{ origin: "http://localhost:3000" }, 403],
  [{ origin: "http://evil.example" }, 403],
  [{ origin: "null" }, 403],
] as const)("a write with %p is answered with %p", (headers, expected) => {
  for (const method of ["POST", "PUT", "DELETE", "PATCH"]) {
    expect(refusal(method, HERE, headers)).toBe(expected);
  }
  for (const method of ["GET", "HEAD"]) expect(refusal(method, HERE, headers)).toBeNull();
});

test.each([
  ["127.0.0.1:8000", null],
  ["10.1.2.3", null],
  ["[::1]:8000", null],
  ["localhost:8000", null],
  ["LOCALHOST", null],
  ["phi.localhost", null],
  ["monitor1:8000", null],
  ["evil.example", 421],
  ["127.0.0.1.evil.example:8000", 421],
  ["localhost.evil.example", 421],
  ["monitor1.evil.example", 421],
] as const)("a request to %p is answered with %p where hosts are listed", (host, expected) => {
  for (const method of ["GET", "POST"]) {
    expect(refusal(method, `http://${host}/config`, {}, ["monitor1"])).toBe(expected);
    expect(refusal(method, `http://${host}/config`, {})).toBeNull();
  }
});

test("a refused write changes nothing", async () => {
  const monitor = new FakeMonitor(makeWatch({ name: "job", url: "push:" }));
  const { call, send, store } = makeApi({ monitor }, { allowedHosts: [] });
  const foreign = { "sec-fetch-site": "cross-site" };
  const beat = await call("POST", "/heartbeat/job", { headers: foreign });
  expect((await readProblem(beat)).status).toBe(403);
  const put = await send("PUT", "/config", { name: "a", url: "push:" }, foreign);
  expect((await readProblem(put)).status).toBe(403);
  expect(monitor.heartbeats).toEqual([]);
  expect(store.readLocal().revision).toBe(0);
  expect((await send("PUT", "/config", { name: "a", url: "push:" })).status).toBe(200);
});
