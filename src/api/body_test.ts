import { expect, test } from "bun:test";
import { bodyFormat, readBody } from "./body.ts";
import { makeApi, ORIGIN, readProblem } from "./_test_api.ts";

function post(body: BodyInit | null, headers: HeadersInit = {}): Request {
  return new Request(ORIGIN, { method: "POST", body, headers });
}

/** A body without an end; counts what was taken of it. */
function endless(chunkBytes: number) {
  const taken = { chunks: 0, isCancelled: false };
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      taken.chunks++;
      controller.enqueue(new Uint8Array(chunkBytes).fill(0x20));
    },
    cancel() {
      taken.isCancelled = true;
    },
  });
  return { body, taken };
}

test("readBody() joins the chunks of a stream", async () => {
  const parts = ["ab", "", "c"].map((text) => new TextEncoder().encode(text));
  const body = new ReadableStream({
    pull(controller) {
      const part = parts.shift();
      if (part === undefined) controller.close();
      else controller.enqueue(part);
    },
  });
  const result = await readBody(post(body), 3);
  expect(result.ok && new TextDecoder().decode(result.bytes)).toBe("abc");
});

test("readBody() takes a body of exactly the limit and none that is a byte longer", async () => {
  expect(await readBody(post("abcd"), 4)).toMatchObject({ ok: true });
  const over = await readBody(post("abcde"), 4);
  expect(!over.ok && over.response.status).toBe(413);
});

test("readBody() cuts an endless stream off at the limit", async () => {
  const { body, taken } = endless(1_000);
  const result = await readBody(post(body), 10_000);
  expect(!result.ok && result.response.status).toBe(413);
  expect(taken.isCancelled).toBe(true);
  expect(taken.chunks).toBeLessThan(20);
});

test("readBody() refuses a declared length over the limit unread", async () => {
  const { body, taken } = endless(1_000);
  const result = await readBody(post(body, { "content-length": "999999999" }), 10_000);
  expect(!result.ok && result.response.status).toBe(413);
  expect(taken.chunks).toBeLessThan(2);
});

test("readBody() believes no declared length that is short of what comes", async () => {
  for (const length of ["2", "two", "-1"]) {
    const over = await readBody(post("abcde", { "content-length": length }), 4);
    expect([length, !over.ok && over.response.status]).toEqual([length, 413]);
    const whole = await readBody(post("abcd", { "content-length": length }), 4);
    expect(whole.ok && new TextDecoder().decode(whole.bytes)).toBe("abcd");
  }
});

test("readBody() is content with no body, and survives one that breaks off", async () => {
  const none = await readBody(post(null), 10);
  expect(none.ok && none.bytes.length).toBe(0);
  for (const headers of [{}, { "content-length": "5" }]) {
    const body = new ReadableStream({ pull: (controller) => controller.error(new Error("gone")) });
    expect(await readBody(post(body, headers), 10)).toMatchObject({ ok: false });
  }
});

test("a body over 8 MiB is 413 on PUT and POST /config, and over 1 KiB on a heartbeat", async () => {
  const { call, store } = makeApi();
  const headers = { "content-type": "application/json", "if-match": "*" };
  const big = new Uint8Array(10_000_000).fill(0x20);
  for (const method of ["PUT", "POST"]) {
    const streamed = endless(65_536);
    for (const body of [big, streamed.body]) {
      const { status } = await readProblem(await call(method, "/config", { body, headers }));
      expect([method, status]).toEqual([method, 413]);
    }
    expect(streamed.taken.isCancelled).toBe(true);
  }
  const beat = await call("POST", "/heartbeat/a", { body: new Uint8Array(2_000) });
  expect((await readProblem(beat)).status).toBe(413);
  expect(store.readLocal().revision).toBe(0);
});

test.each([
  ["application/json", "json"],
  ["application/problem+json", "json"],
  ["application/yaml", "yaml"],
  ["text/x-yaml; charset=utf-8", "yaml"],
  ["application/vnd.oai+yaml", "yaml"],
  ["application/jsonp", 415],
  ["text/json5", 415],
  ["", 415],
] as const)("bodyFormat() of %p is %p", (type, expected) => {
  const result = bodyFormat(post("{}", { "content-type": type }));
  expect(result.ok ? result.format : result.response.status).toBe(expected);
});

test("YAML, which is slow to read, is taken up to 64 KiB and then asked for as JSON", async () => {
  const { api } = makeApi();
  const put = (comment: string) =>
    api.fetch(
      new Request(`${ORIGIN}/config`, {
        method: "PUT",
        headers: { "content-type": "application/yaml" },
        body: `name: a\nurl: http://127.0.0.1/\n# ${comment}`,
      }),
    );
  expect((await put("x".repeat(60_000))).status).toBe(200);
  const refused = await put("x".repeat(70_000));
  expect(refused.status).toBe(413);
  expect((await readProblem(refused)).detail).toContain("JSON");
});
