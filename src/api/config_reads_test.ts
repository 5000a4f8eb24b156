import { expect, test } from "bun:test";
import { decodeConfigText, decodeTarget, decodeTargetText } from "../config/mod.ts";
import { makeApi, readProblem, type TestApi } from "./_test_api.ts";
import { makeTarget } from "./_test_world.ts";
import { formatEtag } from "./etag.ts";

async function seeded(count: number): Promise<TestApi> {
  const world = makeApi();
  const targets = Array.from({ length: count }, (_, i) =>
    makeTarget({ name: `t${i}`, monitor: { threshold: 8 + (i % 3) }, labels: { team: "yes" } }),
  );
  await world.store.replace(targets);
  return world;
}

test("GET /config gives back, in JSON and in YAML, what decodes to the same targets", async () => {
  for (const count of [0, 1, 250]) {
    const { call, store } = await seeded(count);
    const stored = [...store.readLocal().targets.values()].map(({ target }) => target);
    for (const type of ["application/json", "application/yaml"] as const) {
      const response = await call("GET", "/config", { headers: { accept: type } });
      expect(response.headers.get("content-type")).toBe(type);
      expect(response.headers.get("vary")).toBe("accept");
      const format = type === "application/json" ? "json" : "yaml";
      const revision = count === 0 ? 0 : 1;
      expect(response.headers.get("etag")).toBe(formatEtag(revision, format));
      const decoded = decodeConfigText(await response.text(), undefined, format);
      expect(decoded).toEqual({ ok: true, targets: stored });
    }
  }
});

test("GET /config of many targets yields to the loop between pieces", async () => {
  const { call, timers } = await seeded(1_000);
  await (await call("GET", "/config")).text();
  expect(timers.yieldCount).toBeGreaterThanOrEqual(10);
});

test("GET /config/:name shows one target with its defaults and its own ETag", async () => {
  const { call, send } = await seeded(2);
  await send("PUT", "/config", { name: "p", url: "push:" });
  const asked = await call("GET", "/config/t1");
  expect(asked.headers.get("etag")).toBe('"1"');
  expect(await asked.json()).toMatchObject({ name: "t1", timeoutMillis: 5000 });
  const pushed = await call("GET", "/config/p");
  expect(pushed.headers.get("etag")).toBe('"2"');
  const text = await pushed.text();
  expect(decodeTarget(JSON.parse(text))).toEqual({
    ok: true,
    target: makeTarget({ name: "p", url: "push:" }),
  });
  const yaml = await call("GET", "/config/t1", { headers: { accept: "application/yaml" } });
  expect(yaml.headers.get("content-type")).toBe("application/yaml");
  expect(decodeTargetText(await yaml.text(), "yaml")).toMatchObject({
    ok: true,
    target: { name: "t1" },
  });
  expect((await readProblem(await call("GET", "/config/nobody"))).status).toBe(404);
  expect((await readProblem(await call("GET", "/config/%E0%A4"))).status).toBe(404);
});

test("GET /config/:name in YAML can be sent back, whatever the name looks like", async () => {
  const { call, store } = await seeded(0);
  const names = ["2026-01-31", "010", "1.10", "no", "null", "web"];
  await store.replace(names.map((name) => makeTarget({ name })));
  for (const name of names) {
    const yaml = await call("GET", `/config/${name}`, { headers: { accept: "application/yaml" } });
    const { target } = store.readLocal().targets.get(name)!;
    const body = await yaml.text();
    expect(decodeTargetText(body, "yaml")).toEqual({ ok: true, target });
    const headers = { "content-type": "application/yaml" };
    const put = await call("PUT", "/config", { headers, body });
    expect([name, put.status]).toEqual([name, 200]);
  }
});

test("If-None-Match answers 304 without a body while nothing changed", async () => {
  const { call, send } = await seeded(1);
  for (const path of ["/config", "/config/t0"]) {
    for (const tag of ['"1"', 'W/"1"', '"7", "1"', "*"]) {
      const response = await call("GET", path, { headers: { "if-none-match": tag } });
      expect([path, tag, response.status]).toEqual([path, tag, 304]);
      expect(response.headers.get("etag")).toBe('"1"');
      expect(await response.text()).toBe("");
    }
    const other = await call("GET", path, { headers: { "if-none-match": '"11", oops' } });
    expect(other.status).toBe(200);
  }
  await send("PUT", "/config", { name: "t9", url: "push:" });
  const config = await call("GET", "/config", { headers: { "if-none-match": '"1"' } });
  expect(config.status).toBe(200);
  const target = await call("GET", "/config/t0", { headers: { "if-none-match": '"1"' } });
  expect(target.status).toBe(304);
});

test("JSON and YAML have tags of their own, and a write takes either", async () => {
  const { call, send } = await seeded(1);
  const yaml = { accept: "application/yaml" };
  const tag = (await call("GET", "/config/t0", { headers: yaml })).headers.get("etag")!;
  expect(tag).toBe('"1-yaml"');
  const hasJson = await call("GET", "/config/t0", { headers: { ...yaml, "if-none-match": '"1"' } });
  expect(hasJson.status).toBe(200);
  const hasYaml = await call("GET", "/config/t0", { headers: { ...yaml, "if-none-match": tag } });
  expect(hasYaml.status).toBe(304);
  const written = await send("PUT", "/config", { name: "t0", url: "push:" }, { "if-match": tag });
  expect(written.status).toBe(200);
});

test("an Accept that rules out JSON and YAML is 406", async () => {
  const { call } = await seeded(1);
  for (const path of ["/config", "/config/t0"]) {
    const response = await call("GET", path, { headers: { accept: "text/html" } });
    expect((await readProblem(response)).status).toBe(406);
  }
});
