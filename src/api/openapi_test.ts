import { expect, test } from "bun:test";
import { FakeAlerts } from "./_test_alerts.ts";
import { makeApi, readProblem, type TestApi } from "./_test_api.ts";
import { FakeCluster } from "./_test_cluster.ts";

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly security?: readonly object[];
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly schema: object;
  }[];
  readonly responses: Readonly<Record<string, { readonly description: string }>>;
}

interface Document {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string };
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>;
    readonly securitySchemes: object;
  };
}

async function read({ call }: TestApi = makeApi()): Promise<Document> {
  const response = await call("GET", "/openapi/json");
  expect(response.headers.get("content-type")).toBe("application/json");
  const document: Document = await response.json();
  return document;
}

test("the OpenAPI document has every route of the API and nothing else", async () => {
  for (const aot of [true, false]) {
    const { paths, openapi, info } = await read(makeApi({}, { aot }));
    expect([openapi, info.title, info.version]).toEqual(["3.1.2", "phi", "1.2.3"]);
    const routes = Object.entries(paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(routes.toSorted()).toEqual([
      "DELETE /cluster/members/{id}",
      "DELETE /config/{name}",
      "DELETE /silences/{id}",
      "GET /",
      "GET /alerts",
      "GET /badge/{file}",
      "GET /cluster",
      "GET /config",
      "GET /config/{name}",
      "GET /events",
      "GET /healthz",
      "GET /metrics",
      "GET /observers",
      "GET /observers/matrix",
      "GET /readyz",
      "GET /silences",
      "GET /targets",
      "GET /targets/{name}",
      "GET /targets/{name}/explain",
      "GET /targets/{name}/history",
      "GET /targets/{name}/intervals",
      "POST /cluster/join",
      "POST /config",
      "POST /heartbeat/{name}",
      "POST /silences",
      "PUT /config",
    ]);
  }
});

test("every operation of the OpenAPI document is complete", async () => {
  const { paths } = await read();
  const ids = new Set<string>();
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      ids.add(operation.operationId);
      expect([method, path, operation.summary]).not.toContain("");
      expect(Object.keys(operation.responses)[0]).toMatch(/^20[04]$/);
      for (const { description } of Object.values(operation.responses)) {
        expect(description.length).toBeGreaterThan(0);
      }
      const parameters = operation.parameters ?? [];
      const inPath = parameters.filter((parameter) => parameter.in === "path");
      expect(inPath.map((parameter) => `{${parameter.name}}`)).toEqual(
        path.match(/\{\w+\}/g) ?? [],
      );
      const keys = parameters.map((parameter) => `${parameter.in} ${parameter.name}`);
      expect(new Set(keys).size).toBe(keys.length);
      for (const { schema } of parameters) expect(schema).toBeObject();
    }
  }
  expect(ids.size).toBe(Object.values(paths).flatMap((path) => Object.keys(path)).length);
});

test("every reference of the OpenAPI document leads somewhere, and every schema is used", async () => {
  const document = await read();
  const named = new Set<string>();
  for (const match of JSON.stringify(document).matchAll(/"\$ref":"([^"]*)"/g)) {
    const name = /^#\/components\/schemas\/(\w+)$/.exec(match[1]!)?.[1];
    expect([match[1], document.components.schemas[name ?? ""]]).not.toContain(undefined);
    named.add(name!);
  }
  const { Verdict, CombinedVerdict, ...schemas } = document.components.schemas;
  const { SnapshotEvent, VerdictEvent, CombinedEvent, ObserverEvent, ...others } = schemas;
  expect([...named].toSorted()).toEqual(Object.keys(others).toSorted());
  expect(Verdict).toMatchObject({ type: "string", enum: ["unknown", "up", "suspect", "down"] });
  expect(CombinedVerdict).toMatchObject({
    enum: ["unknown", "up", "suspect", "partial", "down"],
  });
  const events = [SnapshotEvent, VerdictEvent, CombinedEvent, ObserverEvent];
  expect(events).not.toContain(undefined);
});

test("an operation on something named has its other parameters too", async () => {
  const { paths } = await read();
  const namesOf = (path: string, method: string) =>
    paths[path]?.[method]?.parameters?.map(({ name }) => name);
  expect(namesOf("/config/{name}", "delete")).toEqual(["name", "If-Match", "Idempotency-Key"]);
  expect(namesOf("/config/{name}", "get")).toEqual(["name", "stale", "If-None-Match"]);
  expect(namesOf("/targets/{name}/history", "get")).toEqual(["name", "from", "to", "limit"]);
  expect(namesOf("/heartbeat/{name}", "post")).toEqual(["name", "sequence"]);
});

test("a write takes the preconditions that its operation describes, or refuses any", async () => {
  const { paths } = await read();
  const world = { cluster: new FakeCluster(), alerts: new FakeAlerts() };
  const { call } = makeApi(world);
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, { parameters = [] }] of Object.entries(operations)) {
      // A heartbeat changes nothing that anybody keeps, and is never to be lost.
      if (method === "get" || path.startsWith("/heartbeat/")) continue;
      const takes = parameters.some(({ name }) => name === "If-Match");
      const asked = path.replace(/\{\w+\}/u, "m1");
      for (const header of ["If-Match", "If-None-Match"]) {
        const response = await call(method.toUpperCase(), asked, { headers: { [header]: '"1"' } });
        const { type } = await readProblem(response);
        const isRefused = type === "urn:phi:problem:invalid_header";
        if (!takes) expect([method, path, header, isRefused]).toEqual([method, path, header, true]);
      }
    }
  }
  expect([world.cluster.joins, world.cluster.removals, world.alerts.writes]).toEqual([[], [], []]);
});

test("the OpenAPI document's statuses are those that the API gives", async () => {
  const { paths } = await read();
  const { call, send } = makeApi();
  const given = [
    ["/config", "put", await call("PUT", "/config", { body: "x" })],
    ["/config", "put", await send("PUT", "/config", {})],
    ["/config", "post", await send("POST", "/config", {})],
    ["/config/{name}", "get", await call("GET", "/config/x")],
    ["/config", "get", await call("GET", "/config", { headers: { accept: "x/y" } })],
    ["/targets", "get", await call("GET", "/targets?verdict=x")],
    ["/badge/{file}", "get", await call("GET", "/badge/x.svg")],
    ["/targets/{name}/history", "get", await call("GET", "/targets/x/history?limit=0")],
    ["/targets/{name}/history", "get", await call("GET", "/targets/x/history")],
    ["/heartbeat/{name}", "post", await call("POST", "/heartbeat/x")],
    ["/cluster", "get", await call("GET", "/cluster")],
    ["/observers", "get", await call("GET", "/observers")],
    ["/observers/matrix", "get", await call("GET", "/observers/matrix")],
    ["/cluster/join", "post", await send("POST", "/cluster/join", {})],
    ["/cluster/members/{id}", "delete", await call("DELETE", "/cluster/members/x")],
    ["/alerts", "get", await call("GET", "/alerts")],
    ["/silences", "post", await send("POST", "/silences", {})],
    ["/silences/{id}", "delete", await call("DELETE", "/silences/x")],
  ] as const;
  for (const [path, method, response] of given) {
    expect(Object.keys(paths[path]?.[method]?.responses ?? {})).toContain(String(response.status));
  }
});

test("exactly the writes of the OpenAPI document may ask for a token, and can be refused for it", async () => {
  const { paths, components } = await read();
  for (const [path, operations] of Object.entries(paths)) {
    for (const [method, { security, responses }] of Object.entries(operations)) {
      const isWrite = method !== "get";
      expect([path, method, security]).toEqual([
        path,
        method,
        isWrite ? [{}, { writeToken: [] }] : undefined,
      ]);
      expect([path, method, "401" in responses]).toEqual([path, method, isWrite]);
    }
  }
  expect(components.securitySchemes).toMatchObject({ writeToken: { scheme: "bearer" } });
});

test("GET /openapi shows the viewer from files of its own, and without one leads to the document", async () => {
  const plain = await (await makeApi().call("GET", "/openapi")).text();
  expect(plain).toContain('href="/openapi/json"');
  const { call } = makeApi({ openapiViewer: { css: "css-text", js: "js-text" } });
  const response = await call("GET", "/openapi");
  const page = await response.text();
  const files = [...page.matchAll(/(?:src|href)="([^"]*)"/g)].map((match) => match[1]!);
  expect(
    files.filter((file) => file !== "data:,").every((file) => file.startsWith("/openapi/")),
  ).toBe(true);
  expect(response.headers.get("content-security-policy")).toContain("script-src 'self'");
  expect(await (await call("GET", "/openapi/viewer.css")).text()).toStartWith("css-text");
  const script = await call("GET", "/openapi/viewer.js");
  expect(script.headers.get("content-type")).toBe("text/javascript; charset=utf-8");
  expect(await script.text()).toBe("js-text");
  expect(await (await call("GET", "/openapi/start.js")).text()).toContain('"/openapi/json"');
});
