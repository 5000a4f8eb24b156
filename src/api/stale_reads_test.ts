import { expect, test } from "bun:test";
import { MemoryConfigStore, type ConfigStore } from "../store/mod.ts";
import { makeApi, readProblem } from "./_test_api.ts";
import { makeTarget } from "./_test_world.ts";

const PATHS = ["/config", "/config/a"];

/** What was written last is known to the cluster, but has not come here yet. */
async function storeThatIsBehind(): Promise<ConfigStore> {
  const [cluster, here] = [new MemoryConfigStore(), new MemoryConfigStore()];
  for (const store of [cluster, here]) await store.put(makeTarget({ name: "a" }));
  await cluster.put(makeTarget({ name: "a", intervalMillis: 2_000 }));
  await cluster.put(makeTarget({ name: "b" }));
  return {
    read: () => cluster.read(),
    readLocal: () => here.readLocal(),
    put: (target, options) => cluster.put(target, options),
    delete: (name, options) => cluster.delete(name, options),
    replace: (targets, options) => cluster.replace(targets, options),
    subscribe: () => () => {},
  };
}

test("a read has every write that was acknowledged; ?stale=true has what is here, and says so", async () => {
  const { call } = makeApi({ store: await storeThatIsBehind() });
  for (const [query, tags, isStale] of [
    ["", ['"3"', '"2"'], false],
    ["?stale=false", ['"3"', '"2"'], false],
    ["?stale=true", ['"1"', '"1"'], true],
  ] as const) {
    for (const [index, path] of PATHS.entries()) {
      for (const method of ["GET", "HEAD"]) {
        const response = await call(method, path + query);
        const { headers, status } = response;
        expect([status, headers.get("etag"), headers.get("phi-stale")]).toEqual([
          200,
          tags[index]!,
          isStale ? "true" : null,
        ]);
      }
    }
  }
  expect(await (await call("GET", "/config/a?stale=true")).json()).toMatchObject({
    intervalMillis: 1_000,
  });
  const missing = await call("GET", "/config/b?stale=true");
  expect([missing.status, missing.headers.get("phi-stale")]).toEqual([404, "true"]);
  expect((await call("GET", "/config/b")).status).toBe(200);
});

test("If-None-Match and Accept hold for what is here as they do else", async () => {
  const { call } = makeApi({ store: await storeThatIsBehind() });
  for (const path of PATHS) {
    const same = await call("GET", `${path}?stale=true`, { headers: { "if-none-match": '"1"' } });
    expect([same.status, same.headers.get("phi-stale")]).toEqual([304, "true"]);
    const other = await call("GET", path, { headers: { "if-none-match": '"1"' } });
    expect([other.status, other.headers.get("phi-stale")]).toEqual([200, null]);
    const yaml = await call("GET", `${path}?stale=true`, { headers: { accept: "text/yaml" } });
    expect(yaml.headers.get("etag")).toBe('"1-yaml"');
    const html = await call("GET", `${path}?stale=true`, { headers: { accept: "text/html" } });
    expect(html.status).toBe(406);
  }
});

test("without a quorum a read is 503 and says what works, which does", async () => {
  const store = await storeThatIsBehind();
  store.read = async () => ({ ok: false, reason: "unavailable", detail: "no leader is known" });
  const { call } = makeApi({ store });
  for (const path of PATHS) {
    const response = await call("GET", path);
    expect(response.headers.get("retry-after")).toBe("1");
    const { status, type, detail } = await readProblem(response);
    expect([status, type]).toEqual([503, "urn:phi:problem:read_unavailable"]);
    expect(detail).toContain("no leader is known");
    expect(detail).toContain("?stale=true");
    expect((await call("GET", `${path}?stale=true`)).status).toBe(200);
  }
});

test.each([
  "?stale",
  "?stale=",
  "?stale=1",
  "?stale=TRUE",
  "?stale=true&stale=true",
  "?stale=true&x=",
  "?Stale=true",
  "?consistent=true",
  "?%00",
  `?${"x".repeat(2_000)}`,
  `?stale=${"x".repeat(2_000)}`,
])("the query %p is 400", async (query) => {
  const { call } = makeApi({ store: await storeThatIsBehind() });
  for (const path of [...PATHS, "/config/nobody"]) {
    const { status, type, detail } = await readProblem(await call("GET", path + query));
    expect([status, type]).toEqual([400, "urn:phi:problem:invalid_query"]);
    expect(detail.length).toBeLessThan(120);
  }
});
