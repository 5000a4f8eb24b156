import { describe, expect, test } from "bun:test";
import { makeApi, MAX_STORED_TARGETS, readProblem, type TestApi } from "./_test_api.ts";

const NOT_UTF8 = new Blob([new Uint8Array([0x7b, 0xff, 0x7d])]);
const URL_1 = "http://10.1.0.101:8080/heartbeat";

const refuseAll = () => ({ ok: false, detail: "10.1.0.101 is not on the list" }) as const;

async function seeded(aot = true): Promise<TestApi> {
  const world = makeApi({}, { aot });
  for (const name of ["a", "b"]) await world.send("PUT", "/config", { name, url: URL_1 });
  return world;
}

function names({ store }: TestApi): string[] {
  return [...store.readLocal().targets.keys()];
}

describe.each([true, false])("with aot: %p", (aot) => {
  test("PUT /config answers with the stored target, its defaults, revision and ETag", async () => {
    const { send } = makeApi({}, { aot });
    const response = await send("PUT", "/config", { name: 10, url: URL_1 });
    expect(response.status).toBe(200);
    expect(response.headers.get("etag")).toBe('"1"');
    expect(response.headers.get("content-location")).toBe("/config/10");
    expect(await response.json()).toMatchObject({
      revision: 1,
      created: true,
      target: { name: "10", url: URL_1, intervalMillis: 1000, monitor: { threshold: 16 } },
    });
    const again = await send("PUT", "/config", { name: "10", url: URL_1, intervalMillis: 2000 });
    expect(await again.json()).toMatchObject({ created: false, revision: 2 });
  });

  test("PUT /config takes YAML by its Content-Type", async () => {
    const world = makeApi({}, { aot });
    const response = await world.call("PUT", "/config", {
      body: `name: y\nurl: ${URL_1}\n`,
      headers: { "content-type": "application/yaml" },
    });
    expect(response.status).toBe(200);
    expect(names(world)).toEqual(["y"]);
  });

  test("PUT /config of what is there already leaves the revision as it is", async () => {
    const { send } = await seeded(aot);
    const again = await send("PUT", "/config", { name: "a", url: URL_1 });
    expect(again.headers.get("etag")).toBe('"1"');
    expect(await again.json()).toMatchObject({ revision: 1, created: false });
  });

  test("PUT /config replaces and does not merge", async () => {
    const { send, call } = makeApi({}, { aot });
    await send("PUT", "/config", { name: "a", url: URL_1, labels: { team: "x" } });
    await send("PUT", "/config", { name: "a", url: URL_1 });
    expect(await (await call("GET", "/config/a")).json()).toMatchObject({ labels: {} });
  });

  test("invalid bodies get a problem with pointers, and change nothing", async () => {
    const world = await seeded(aot);
    const before = world.store.readLocal();
    const bodies: [string, string | object, string][] = [
      ["not JSON", "{", ""],
      ["YAML as JSON", `name: a\nurl: ${URL_1}`, ""],
      ["empty object", "{}", "/name"],
      ["array", "[]", ""],
      ["null", "null", ""],
      ["NaN", `{"name":"c","url":"${URL_1}","intervalMillis":NaN}`, ""],
      ["unknown key", { name: "c", url: URL_1, intervalMilis: 1 }, "/intervalMilis"],
      ["wrong type", { name: "c", url: URL_1, intervalMillis: "fast" }, "/intervalMillis"],
      ["negative", { name: "c", url: URL_1, monitor: { threshold: -1 } }, "/monitor/threshold"],
      ["huge", { name: "c", url: URL_1, intervalMillis: 1e300 }, "/intervalMillis"],
      ["bad name", { name: "../x", url: URL_1 }, "/name"],
      ["password", { name: "c", url: "http://u:p@10.1.0.1/" }, "/url"],
      ["twice", `{"name":"c","name":"d","url":"${URL_1}"}`, "/name"],
      ["not UTF-8", NOT_UTF8, ""],
    ];
    for (const [what, body, pointer] of bodies) {
      const text = typeof body === "string" || body instanceof Blob ? body : JSON.stringify(body);
      const response = await world.call("PUT", "/config", {
        body: text,
        headers: { "content-type": "application/json" },
      });
      const { status, detail, errors } = await readProblem(response);
      expect([what, status]).toEqual([what, 400]);
      expect(detail).not.toBe("");
      expect([what, errors?.map((error) => error.pointer)]).toEqual([
        what,
        expect.arrayContaining([pointer]),
      ]);
    }
    expect(world.store.readLocal()).toEqual(before);
  });

  test("a body without a usable Content-Type is 415 and says which header to add", async () => {
    const world = await seeded(aot);
    const types = [
      "",
      "application/x-www-form-urlencoded",
      "text/plain",
      "multipart/form-data; boundary=x",
    ];
    for (const type of [...types, "application/json; charset=utf-16"]) {
      const body = new TextEncoder().encode(JSON.stringify({ name: "c", url: URL_1 }));
      const headers = type === "" ? {} : { "content-type": type };
      for (const method of ["PUT", "POST"]) {
        const response = await world.call(method, "/config", {
          body,
          headers: { ...headers, "if-match": "*" },
        });
        const { status, detail } = await readProblem(response);
        expect([type, status]).toEqual([type, 415]);
        expect(detail).toContain("Content-Type: ");
      }
    }
    const packed = await world.send("PUT", "/config", {}, { "content-encoding": "gzip" });
    expect((await readProblem(packed)).status).toBe(415);
    expect(names(world)).toEqual(["a", "b"]);
  });

  test("JSON with parameters and +json types are JSON", async () => {
    const { send } = makeApi({}, { aot });
    for (const type of [
      "application/json; charset=UTF-8",
      'application/json;charset="utf-8"',
      "Application/JSON",
      "application/vnd.phi+json",
    ]) {
      const response = await send(
        "PUT",
        "/config",
        { name: "a", url: URL_1 },
        { "content-type": type },
      );
      expect([type, response.status]).toEqual([type, 200]);
    }
  });

  test("an empty body is 400", async () => {
    const { call } = makeApi({}, { aot });
    const headers = { "content-type": "application/json" };
    const empty = await readProblem(await call("PUT", "/config", { headers }));
    expect(empty.status).toBe(400);
    expect(empty.detail).toContain("empty");
  });

  test("an address that the network policy refuses is 422", async () => {
    const world = makeApi({ checkTarget: refuseAll }, { aot });
    const one = await readProblem(await world.send("PUT", "/config", { name: "a", url: URL_1 }));
    expect(one).toMatchObject({ status: 422, errors: [{ pointer: "/url" }] });
    const servers = ["a", "b"].map((name) => ({ name, url: URL_1 }));
    const all = await readProblem(
      await world.send("POST", "/config", { servers }, { "if-match": "*" }),
    );
    expect(all.status).toBe(422);
    expect(all.errors?.map((error) => error.pointer)).toEqual(["/servers/0/url", "/servers/1/url"]);
    expect(names(world)).toEqual([]);
  });

  test("POST /config without If-Match is 428, with the revision it replaces all", async () => {
    const world = await seeded(aot);
    const config = { servers: [{ name: "c", url: URL_1 }] };
    const without = await readProblem(await world.send("POST", "/config", config));
    expect(without.status).toBe(428);
    const stale = await world.send("POST", "/config", config, { "if-match": '"1"' });
    expect((await readProblem(stale)).status).toBe(412);
    expect(names(world)).toEqual(["a", "b"]);
    const done = await world.send("POST", "/config", config, { "if-match": '"2"' });
    expect(await done.json()).toEqual({ revision: 3, targets: 1 });
    expect(done.headers.get("etag")).toBe('"3"');
    expect(names(world)).toEqual(["c"]);
  });

  test("POST /config with one bad target, or the same name twice, changes nothing", async () => {
    const world = await seeded(aot);
    const good = { name: "c", url: URL_1 };
    for (const [bad, pointer] of [
      [{ name: "d" }, "/servers/1"],
      [good, "/servers/1/name"],
    ] as const) {
      const response = await world.send(
        "POST",
        "/config",
        { servers: [good, bad] },
        { "if-match": "*" },
      );
      const { status, errors } = await readProblem(response);
      expect(status).toBe(400);
      expect(errors?.[0]?.pointer.startsWith(pointer)).toBe(true);
    }
    expect(names(world)).toEqual(["a", "b"]);
  });

  test("DELETE /config/:name stops watching, once; names may be percent-encoded", async () => {
    const world = await seeded(aot);
    const gone = await world.call("DELETE", "/config/%61");
    expect(await gone.json()).toEqual({ revision: 3, deleted: "a" });
    expect((await readProblem(await world.call("DELETE", "/config/a"))).status).toBe(404);
    expect((await readProblem(await world.call("DELETE", "/config/%zz"))).status).toBe(404);
    expect((await readProblem(await world.call("DELETE", "/config/b%2F"))).status).toBe(404);
    expect(names(world)).toEqual(["b"]);
  });

  test("If-Match holds a write to a revision of its target", async () => {
    const world = await seeded(aot); // a is at 1, b at 2
    let intervalMillis = 1_000;
    // Each write changes something, or it would leave the revision as it is.
    const put = async (headers: HeadersInit, name = "a") => {
      intervalMillis++;
      return (await world.send("PUT", "/config", { name, url: URL_1, intervalMillis }, headers))
        .status;
    };
    expect(await put({ "if-match": '"2"' })).toBe(412);
    expect(await put({ "if-match": 'W/"1"' })).toBe(412);
    expect(await put({ "if-match": '"01"' })).toBe(412);
    expect(await put({ "if-match": '"x", "y,z"' })).toBe(412);
    expect(await put({ "if-match": "1" })).toBe(400);
    expect(await put({ "if-match": '"1' })).toBe(400);
    expect(await put({ "if-match": "" })).toBe(400);
    expect(await put({ "if-match": '"1"' })).toBe(200);
    expect(await put({ "if-match": 'W/"9", "7" ,"3"' })).toBe(200);
    expect(await put({ "if-match": "*" })).toBe(200);
    expect(await put({ "if-match": "*" }, "new")).toBe(412);
    expect(await put({ "if-match": '"5"' }, "new")).toBe(412);
    const refused = await world.call("DELETE", "/config/a", { headers: { "if-match": '"1"' } });
    expect(await readProblem(refused)).toMatchObject({ status: 412 });
    expect(refused.headers.get("etag")).toBe('"5"');
    const gone = await world.call("DELETE", "/config/a", { headers: { "if-match": '"5"' } });
    expect(gone.status).toBe(200);
  });

  test("If-None-Match: * creates and never replaces, whoever comes at the same time", async () => {
    const world = await seeded(aot);
    const create = (name: string) =>
      world.send("PUT", "/config", { name, url: URL_1 }, { "if-none-match": "*" });
    expect((await create("a")).status).toBe(412);
    const both = await Promise.all([create("new"), create("new")]);
    expect(both.map((response) => String(response.status)).toSorted()).toEqual(["200", "412"]);
    const headers = { "if-none-match": '"1"' };
    const same = await world.send("PUT", "/config", { name: "a", url: URL_1 }, headers);
    expect(same.status).toBe(412);
    const other = await world.send("PUT", "/config", { name: "b", url: URL_1 }, headers);
    expect(other.status).toBe(200);
    const mixed = { "if-none-match": "*", "if-match": "*" };
    expect((await world.send("PUT", "/config", { name: "a", url: URL_1 }, mixed)).status).toBe(400);
  });

  test("a store that is full answers 422", async () => {
    const world = makeApi({}, { aot });
    for (let i = 0; i < MAX_STORED_TARGETS; i++)
      await world.send("PUT", "/config", { name: i, url: URL_1 });
    const refused = await readProblem(
      await world.send("PUT", "/config", { name: "x", url: URL_1 }),
    );
    expect(refused).toMatchObject({ status: 422, type: "urn:phi:problem:too_many_targets" });
  });
});
