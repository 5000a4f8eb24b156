import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { makeApi, ORIGIN, readProblem } from "./_test_api.ts";
import { FakeAlerts } from "./_test_alerts.ts";
import { FakeCluster } from "./_test_cluster.ts";
import { FakeObservers } from "./_test_observers.ts";
import { FakeMonitor, makeWatch } from "./_test_world.ts";

const PATHS: Record<string, string[]> = {
  "/": ["GET", "HEAD"],
  "/config": ["GET", "HEAD", "POST", "PUT"],
  "/config/a": ["DELETE", "GET", "HEAD"],
  "/alerts": ["GET", "HEAD"],
  "/silences": ["GET", "HEAD", "POST"],
  "/silences/x": ["DELETE"],
  "/cluster": ["GET", "HEAD"],
  "/cluster/join": ["POST"],
  "/cluster/members/a": ["DELETE"],
  "/observers": ["GET", "HEAD"],
  "/observers/matrix": ["GET", "HEAD"],
  "/targets": ["GET", "HEAD"],
  "/targets/a": ["GET", "HEAD"],
  "/events": ["GET", "HEAD"],
  "/heartbeat/a": ["POST"],
  "/metrics": ["GET", "HEAD"],
  "/healthz": ["GET", "HEAD"],
  "/readyz": ["GET", "HEAD"],
  "/openapi": ["GET", "HEAD"],
  "/openapi/json": ["GET", "HEAD"],
};
const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"];

async function seeded(aot: boolean) {
  const monitor = new FakeMonitor(makeWatch({ name: "a" }));
  const observers = new FakeObservers(monitor);
  const alerts = new FakeAlerts();
  const world = makeApi({ monitor, observers, alerts, cluster: new FakeCluster() }, { aot });
  await world.send("PUT", "/config", { name: "a", url: "push:" });
  return world;
}

describe.each([true, false])("with aot: %p", (aot) => {
  test("every path refuses other methods with 405 and says which it takes", async () => {
    const { call } = await seeded(aot);
    for (const [path, allowed] of Object.entries(PATHS)) {
      for (const method of METHODS) {
        for (const slash of path === "/" ? [""] : ["", "/"]) {
          const response = await call(method, path + slash);
          const isRefused = response.status === 405;
          expect([method, path + slash, isRefused]).toEqual([
            method,
            path + slash,
            !allowed.includes(method),
          ]);
          if (isRefused) {
            expect(response.headers.get("allow")).toBe(allowed.join(", "));
            if (method === "HEAD") continue;
            expect((await readProblem(response)).type).toBe("urn:phi:problem:method_not_allowed");
          } else await response.body?.cancel();
        }
      }
    }
  });

  test("HEAD answers as GET does, without a body", async () => {
    const { call } = await seeded(aot);
    for (const path of Object.keys(PATHS)) {
      if (!PATHS[path]?.includes("HEAD")) continue;
      const [head, get] = [await call("HEAD", path), await call("GET", path)];
      expect([path, head.status]).toEqual([path, get.status]);
      const { "content-length": length, ...headers } = Object.fromEntries(head.headers);
      expect(headers).toEqual(Object.fromEntries(get.headers));
      expect(head.body).toBeNull();
      if (path === "/events") await get.body?.cancel();
      else expect([path, length]).toEqual([path, String((await get.bytes()).length)]);
    }
    expect((await call("HEAD", "/config/nobody")).status).toBe(404);
  });

  test("an unknown path is 404 with a problem, whatever the method", async () => {
    const { call } = await seeded(aot);
    for (const path of [
      "/nothing",
      "//config",
      "/config/a/b",
      "/cluster/members",
      "/heartbeat",
      "/a?b=/config",
    ]) {
      for (const method of ["GET", "PUT", "DELETE"]) {
        const { status, type } = await readProblem(await call(method, path));
        expect([path, status, type]).toEqual([path, 404, "urn:phi:problem:unknown_path"]);
      }
    }
  });

  test("hosts with short names reach the same routes, with their bodies", async () => {
    const { api } = await seeded(aot);
    for (const host of ["a", "a:1", "phi", "localhost", "[::1]", "monitor-1.internal:8000"]) {
      const config = await api.fetch(new Request(`http://${host}/config/a`));
      expect([host, config.status]).toEqual([host, 200]);
      const put = new Request(`http://${host}/config`, {
        method: "PUT",
        body: '{"name":"a","url":"push:"}',
        headers: { "content-type": "application/json" },
      });
      expect([host, (await api.fetch(put)).status]).toEqual([host, 200]);
      const head = await api.fetch(new Request(`http://${host}/config/a`, { method: "HEAD" }));
      expect([host, head.status]).toEqual([host, 200]);
    }
  });

  test("a defect is a 500 that tells nothing but is reported", async () => {
    const monitor = new FakeMonitor(makeWatch({ name: "a" }));
    const secret = new Error("secret path /etc/phi/token");
    monitor.watch = () => {
      throw secret;
    };
    const exposition = { respond: () => Promise.reject(secret) };
    const { call, bugs } = makeApi({ monitor, exposition }, { aot });
    for (const path of ["/targets/a", "/metrics"]) {
      const response = await call("GET", path);
      expect(await response.clone().text()).not.toContain("secret");
      expect((await readProblem(response)).status).toBe(500);
    }
    expect(bugs).toEqual([secret, secret]);
  });

  test("every answer carries the headers that keep browsers in check", async () => {
    const { call } = await seeded(aot);
    for (const path of [...Object.keys(PATHS), "/nothing"]) {
      const response = await call("GET", path);
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
      expect(response.headers.get("cross-origin-resource-policy")).toBe("same-origin");
      expect(response.headers.get("cache-control")).not.toBeNull();
      expect(response.headers.has("access-control-allow-origin")).toBe(false);
      await response.body?.cancel();
    }
  });

  test("GET /metrics is the exposition's own answer", async () => {
    const requests: Request[] = [];
    const exposition = {
      async respond(request: Request) {
        requests.push(request);
        return new Response("x 1\n", { headers: { "content-type": "text/plain; version=0.0.4" } });
      },
    };
    const { call } = makeApi({ exposition }, { aot });
    const response = await call("GET", "/metrics", { headers: { accept: "text/plain" } });
    expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4");
    expect(await response.text()).toBe("x 1\n");
    expect(requests[0]?.headers.get("accept")).toBe("text/plain");
  });

  test("no request at all, however odd, makes a 5xx or a rejection, nor changes a thing", async () => {
    const world = await seeded(aot);
    const before = world.store.readLocal();
    const path = fc.oneof(
      fc.constantFrom(...Object.keys(PATHS)),
      fc.webPath().map((text) => (text.startsWith("/") ? text : `/${text}`)),
      fc.string().map((text) => `/config/${encodeURIComponent(text.toWellFormed())}`),
      fc.string().map((text) => `/targets/${text.replaceAll(/[^ -~]/g, "%")}`),
      fc.webQueryParameters().map((text) => `/targets?verdict=${text}`),
      fc.webQueryParameters().map((text) => `/config?stale=${text}`),
    );
    const body = fc.oneof(
      fc.constant(null),
      fc.uint8Array({ maxLength: 64 }),
      fc.json().map((text) => new TextEncoder().encode(text)),
      fc.json().map((text) => new TextEncoder().encode(`{"name":"z","url":"push:","x":${text}}`)),
      fc.json().map((text) => new TextEncoder().encode(`{"servers":[${text}]}`)),
    );
    const type = fc.constantFrom(
      "application/json",
      "application/yaml",
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
      "",
    );
    const header = fc.string({
      unit: fc.integer({ min: 32, max: 126 }).map((c) => String.fromCharCode(c)),
    });
    const odd = fc.dictionary(
      fc.constantFrom(
        "accept",
        "if-match",
        "if-none-match",
        "idempotency-key",
        "authorization",
        "cookie",
        "last-event-id",
        "origin",
        "upgrade",
      ),
      header,
    );
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...METHODS),
        path,
        body,
        type,
        odd,
        async (method, where, bytes, contentType, headers) => {
          const hasBody = method !== "GET" && method !== "HEAD" && bytes !== null;
          if (method === "DELETE" && where === "/config/a") return;
          const response = await world.call(method, where, {
            ...(hasBody && { body: bytes }),
            headers: { ...headers, "content-type": contentType },
          });
          expect(response.status).toBeLessThan(500);
          if (response.status >= 400 && method !== "HEAD") await readProblem(response);
          else await response.body?.cancel();
        },
      ),
      { numRuns: 1_500 },
    );
    expect(world.store.readLocal()).toEqual(before);
    expect(world.bugs).toEqual([]);
  });
});

test("fetch() answers 500 rather than reject when even the request is broken", async () => {
  const { api } = makeApi();
  const request = new Request(ORIGIN);
  Object.defineProperty(request, "url", { value: "nonsense" });
  expect((await api.fetch(request)).status).toBe(500);
});
