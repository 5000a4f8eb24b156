import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { makeApi, MAX_STORED_TARGETS, readProblem, type TestApi } from "./_test_api.ts";
import { readIdempotency } from "./idempotency.ts";

const URL_1 = "http://10.1.0.101:8080/heartbeat";
const KEY = { "idempotency-key": "k1" };

interface Told {
  readonly status: number;
  readonly etag: string | null;
  readonly body: string;
}

/** What a client can tell two answers apart by. */
async function told(response: Response): Promise<Told> {
  const { headers, status } = response;
  return { status, etag: headers.get("etag"), body: await response.text() };
}

const put = (world: TestApi, name: string, headers: HeadersInit, intervalMillis = 1_000) =>
  world.send("PUT", "/config", { name, url: URL_1, intervalMillis }, headers);

describe("a write repeated under its Idempotency-Key", () => {
  test("is applied once, and gets the same status, body and ETag", async () => {
    const world = makeApi();
    const writes: [string, () => Promise<Response>][] = [
      ["put", () => put(world, "a", { "idempotency-key": "k-put" })],
      [
        "replace",
        () =>
          world.send(
            "POST",
            "/config",
            { servers: [{ name: "b", url: URL_1 }] },
            { "if-match": '"1"', "idempotency-key": "k-replace" },
          ),
      ],
      [
        "delete",
        () => world.call("DELETE", "/config/b", { headers: { "idempotency-key": "k-delete" } }),
      ],
    ];
    const first: Told[] = [];
    for (const [, write] of writes) {
      const response = await write();
      expect(response.status).toBe(200);
      first.push(await told(response));
    }
    await put(world, "other", {});
    const before = world.store.readLocal();
    for (const [index, [what, write]] of writes.entries()) {
      expect([what, await told(await write())]).toEqual([what, first[index]!]);
    }
    expect(world.store.readLocal()).toEqual(before);
  });

  test("gets its refusal again, although it would be taken by now", async () => {
    const world = makeApi();
    const refused = await told(await put(world, "a", { ...KEY, "if-match": '"7"' }));
    expect(refused).toMatchObject({ status: 412 });
    const missing = () =>
      world.call("DELETE", "/config/a", { headers: { "idempotency-key": "k2" } });
    const notFound = await told(await missing());
    expect(notFound).toMatchObject({ status: 404 });
    for (let i = 0; i < 7; i++) await put(world, "a", {}, 1_000 + i);
    expect(world.store.readLocal().targets.get("a")?.revision).toBe(7);
    expect(await told(await put(world, "a", { ...KEY, "if-match": '"7"' }))).toEqual(refused);
    expect(await told(await missing())).toEqual(notFound);
  });

  test.each([
    ["a list of tags", { "if-match": '"9", "1"' }],
    ["a tag that is not to be there", { "if-none-match": '"9", "2"' }],
  ])(
    "is known under a condition with %s, whatever the revision is by now",
    async (_, condition) => {
      const world = makeApi();
      await put(world, "a", {});
      const write = () => put(world, "a", { ...KEY, ...condition }, 2_000);
      const first = await told(await write());
      // After it the revision is 2, which neither condition holds for.
      expect(first).toMatchObject({ status: 200, etag: '"2"' });
      expect(await told(await write())).toEqual(first);
      await put(world, "a", {}, 3_000);
      expect(await told(await write())).toEqual(first);
      expect(world.store.readLocal().targets.get("a")?.target.intervalMillis).toBe(3_000);
    },
  );

  test.each([{ "if-match": '"8", "9"' }, { "if-match": 'W/"1"' }, { "if-none-match": '"1"' }])(
    "that is refused for the condition %j is refused for good",
    async (condition) => {
      const world = makeApi();
      await put(world, "a", {});
      const write = () => put(world, "a", { ...KEY, ...condition }, 2_000);
      const first = await told(await write());
      expect(first).toMatchObject({ status: 412, etag: '"1"' });
      for (let revision = 2; revision <= 8; revision++) await put(world, "a", {}, 1_000 + revision);
      expect(await told(await write())).toEqual(first);
    },
  );

  test("is applied once when both come at the same time", async () => {
    const world = makeApi();
    const both = await Promise.all([put(world, "a", KEY), put(world, "a", KEY)]);
    const [one, two] = [await told(both[0]), await told(both[1])];
    expect(one).toEqual(two);
    expect(one).toMatchObject({ status: 200, etag: '"1"' });
  });
});

describe("a key that was used", () => {
  const path = "/config";
  const body = { name: "a", url: URL_1, intervalMillis: 1_000 };
  const original = (world: TestApi) =>
    world.send("PUT", path, body, { ...KEY, "if-none-match": "*" });

  test.each([
    ["another body", (world: TestApi) => put(world, "a", { ...KEY, "if-none-match": "*" }, 2_000)],
    [
      "another If-Match",
      (world: TestApi) => world.send("PUT", path, body, { ...KEY, "if-match": "*" }),
    ],
    ["no condition", (world: TestApi) => world.send("PUT", path, body, KEY)],
    [
      "another If-None-Match",
      (world: TestApi) => world.send("PUT", path, body, { ...KEY, "if-none-match": '"1"' }),
    ],
    ["another path", (world: TestApi) => world.call("DELETE", "/config/a", { headers: KEY })],
  ])("is 422 for a write with %s, which changes nothing", async (_what, write) => {
    const world = makeApi();
    const first = await told(await original(world));
    const before = world.store.readLocal();
    const { status, type } = await readProblem(await write(world));
    expect([status, type]).toEqual([422, "urn:phi:problem:key_reused"]);
    expect(world.store.readLocal()).toEqual(before);
    expect(await told(await original(world))).toEqual(first);
  });

  test("is free again for a body that was not valid: nothing was written under it", async () => {
    const world = makeApi();
    expect((await world.send("PUT", "/config", { name: "a" }, KEY)).status).toBe(400);
    expect((await put(world, "a", KEY)).status).toBe(200);
  });

  test("is another one for each key", async () => {
    const world = makeApi();
    expect((await put(world, "a", { "idempotency-key": "K1" })).status).toBe(200);
    expect((await put(world, "b", KEY)).status).toBe(200);
  });
});

test.each(["", " ", "a b", "a\tb", "é", "x".repeat(129), "k1, k2"])(
  "the key %j is 400, and nothing is written",
  async (key) => {
    const world = makeApi();
    for (const response of [
      await put(world, "a", { "idempotency-key": key }),
      await world.send(
        "POST",
        "/config",
        { servers: [] },
        { "if-match": "*", "idempotency-key": key },
      ),
      await world.call("DELETE", "/config/a", { headers: { "idempotency-key": key } }),
    ]) {
      const { status, type } = await readProblem(response);
      expect([status, type]).toEqual([400, "urn:phi:problem:invalid_header"]);
    }
    expect(world.store.readLocal().revision).toBe(0);
  },
);

test("a key given twice is 400", async () => {
  const headers = new Headers({ "content-type": "application/json" });
  headers.append("idempotency-key", "k1");
  headers.append("idempotency-key", "k1");
  const body = JSON.stringify({ name: "a", url: URL_1 });
  const response = await makeApi().call("PUT", "/config", { body, headers });
  expect((await readProblem(response)).status).toBe(400);
});

test.each(["!", "x".repeat(128), '"8e03978e-40d5-43dd-bc93-6894a57f9324"', "~"])(
  "the key %j is taken",
  async (key) => {
    expect((await put(makeApi(), "a", { "idempotency-key": key })).status).toBe(200);
  },
);

test("a store that refuses for another reason refuses again", async () => {
  const world = makeApi();
  const servers = Array.from({ length: MAX_STORED_TARGETS }, (_, i) => ({ name: i, url: URL_1 }));
  await world.send("POST", "/config", { servers }, { "if-match": "*" });
  const full = await told(await put(world, "x", KEY));
  expect(full).toMatchObject({ status: 422 });
  await world.call("DELETE", "/config/1");
  expect(await told(await put(world, "x", KEY))).toEqual(full);
});

async function digestOf(write: Write): Promise<string | undefined> {
  const { method, path, match, none, body } = write;
  const headers = new Headers(KEY);
  if (match !== null) headers.set("if-match", match);
  if (none !== null) headers.set("if-none-match", none);
  const request = new Request(`http://127.0.0.1${path}`, { method, headers });
  const read = await readIdempotency(request, new TextEncoder().encode(body));
  return read.ok ? read.idempotency?.digest : undefined;
}

interface Write {
  readonly method: string;
  readonly path: string;
  readonly match: string | null;
  readonly none: string | null;
  readonly body: string;
}

test("readIdempotency(): two writes have one digest only if they are the same", async () => {
  const tag = fc.constantFrom(null, "*", '"1"', '"1",null', 'null,"1"', '"]');
  const write: fc.Arbitrary<Write> = fc.record({
    method: fc.constantFrom("PUT", "POST", "DELETE"),
    path: fc.constantFrom("/config", "/config/a", "/config/%22", "/config/null"),
    match: tag,
    none: tag,
    body: fc.constantFrom("", "\n", "x", "y", '"]\n', '"1"]\n', ",null]\n"),
  });
  const fields = fc.subarray(["method", "path", "match", "none", "body"] as const, {
    maxLength: 2,
  });
  await fc.assert(
    fc.asyncProperty(write, write, fields, async (left, other, changed) => {
      const right = {
        ...left,
        ...Object.fromEntries(changed.map((field) => [field, other[field]])),
      };
      const [one, two] = [await digestOf(left), await digestOf(right)];
      expect(one).toMatch(/^[0-9a-f]{64}$/);
      expect(one === two).toBe(Bun.deepEquals(left, right));
    }),
    { numRuns: 2_000 },
  );
});
