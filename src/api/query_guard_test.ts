import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { FakeAlerts } from "./_test_alerts.ts";
import { makeApi, readProblem } from "./_test_api.ts";
import { FakeCluster } from "./_test_cluster.ts";
import { FakeObservers } from "./_test_observers.ts";
import { FakeMonitor, makeWatch } from "./_test_world.ts";

interface Document {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<Record<string, { readonly parameters?: { name: string; in: string }[] }>>
    >
  >;
}

interface Case {
  readonly method: string;
  readonly path: string;
  readonly known: readonly string[];
}

/** Everything that the API describes. */
async function everyRoute(api: ReturnType<typeof makeWorld>): Promise<Case[]> {
  const document: Document = await (await api.call("GET", "/openapi/json")).json();
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [] }]) => ({
      method: method.toUpperCase(),
      path: path.replaceAll(/\{[^}]+\}/gu, "a"),
      known: parameters.filter((parameter) => parameter.in === "query").map(({ name }) => name),
    })),
  );
}

function makeWorld() {
  const monitor = new FakeMonitor(makeWatch({ name: "a" }));
  return makeApi({
    monitor,
    observers: new FakeObservers(monitor),
    alerts: new FakeAlerts(),
    cluster: new FakeCluster(),
    history: { read: () => Promise.resolve({ ok: false, detail: "none" }) },
    openapiViewer: { css: "", js: "" },
  });
}

/** What scrapers, load balancers, browsers and other people's pages ask for. */
const OPEN = ["/metrics", "/healthz", "/readyz", "/", "/badge/a"];

test("every route but the open ones refuses a query parameter that it does not describe, and names it", async () => {
  const world = makeWorld();
  const routes = await everyRoute(world);
  expect(routes.length).toBeGreaterThanOrEqual(26);
  for (const { method, path, known } of routes) {
    const own = known.map((name) => `&${name}=1`).join("");
    const response = await world.call(method, `${path}?colour=red${own}`);
    const where = [method, path];
    if (OPEN.includes(path)) {
      expect([...where, response.status]).not.toEqual([...where, 400]);
      continue;
    }
    const { status, type, detail } = await readProblem(response);
    expect([...where, status, type]).toEqual([...where, 400, "urn:phi:problem:invalid_query"]);
    expect(detail).toEndWith(', received "colour".');
    for (const name of known) expect(detail).toContain(`"${name}"`);
  }
  expect(world.store.readLocal().targets.size).toBe(0);
});

test("no route refuses the names that it describes", async () => {
  const world = makeWorld();
  for (const { method, path, known } of await everyRoute(world)) {
    for (const name of known) {
      const response = await world.call(method, `${path}?${name}=a`);
      if (response.status === 400)
        expect((await readProblem(response)).detail).toContain("must be");
      else await response.body?.cancel();
    }
  }
});

test("any other name is refused, however it is written, and shown shortened", async () => {
  const { call } = makeWorld();
  await fc.assert(
    fc.asyncProperty(fc.string(), async (text) => {
      const name = text.toWellFormed();
      fc.pre(name !== "verdict" && name !== "name");
      const response = await call("GET", `/targets?name=a&${encodeURIComponent(name)}=1`);
      const { status, detail } = await readProblem(response);
      expect(status).toBe(400);
      expect(detail).toBe(
        `The query parameters are "verdict" and "name", received ${JSON.stringify(name)}.`,
      );
    }),
    { numRuns: 200 },
  );
  const { detail } = await readProblem(await call("GET", `/cluster?${"x".repeat(500)}=1`));
  expect(detail).toBe(
    `This path takes no query parameters, received ${JSON.stringify(`${"x".repeat(40)}…`)}.`,
  );
});
