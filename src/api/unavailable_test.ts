import { describe, expect, test } from "bun:test";
import { MemoryConfigStore, type ConfigStore, type WriteResult } from "../store/mod.ts";
import { makeApi, readProblem } from "./_test_api.ts";

const URL_1 = "http://10.1.0.101:8080/heartbeat";

/** A store that has `a` at revision 1 and cannot decide on anything: what a monitor has without a quorum. */
async function storeThatAnswers(refusal: WriteResult): Promise<ConfigStore> {
  const before = new MemoryConfigStore();
  const { send } = makeApi({ store: before });
  await send("PUT", "/config", { name: "a", url: URL_1 });
  const write = async () => refusal;
  return {
    read: async () => ({ ok: false, reason: "unavailable", detail: "no leader is known" }),
    readLocal: () => before.readLocal(),
    put: write,
    delete: write,
    replace: write,
    subscribe: () => () => {},
  };
}

const refusalOf = (outcome: "failed" | "unknown"): WriteResult => ({
  ok: false,
  reason: "unavailable",
  outcome,
  detail: "no leader is known",
});

const SERVERS = { servers: [{ name: "a", url: URL_1 }] };

describe("a store that is not available", () => {
  test.each([
    ["failed", "write_failed", "The write has failed and changed nothing: no leader is known."],
    ["unknown", "write_unknown", "Whether the write was or will be made is unknown: no leader"],
  ] as const)("a write that is %p answers 503 %s and says so", async (outcome, kind, sentence) => {
    const { send } = makeApi({ store: await storeThatAnswers(refusalOf(outcome)) });
    for (const response of [
      await send("PUT", "/config", { name: "a", url: URL_1 }),
      await send("POST", "/config", SERVERS, { "if-match": "*" }),
      await send("DELETE", "/config/a", undefined),
    ]) {
      expect(response.headers.get("retry-after")).toBe("1");
      const { status, type, detail } = await readProblem(response);
      expect([status, type]).toEqual([503, `urn:phi:problem:${kind}`]);
      expect(detail).toStartWith(sentence);
    }
  });

  test("reads answer 503, and what only shows the monitor itself goes on", async () => {
    const { call } = makeApi({ store: await storeThatAnswers(refusalOf("failed")) });
    for (const path of ["/config", "/config/a", "/config/unknown"]) {
      const response = await call("GET", path);
      expect(response.headers.get("retry-after")).toBe("1");
      expect(await readProblem(response)).toMatchObject({
        status: 503,
        type: "urn:phi:problem:read_unavailable",
      });
    }
    expect(await (await call("GET", "/readyz")).json()).toMatchObject({ revision: 1 });
  });

  test("a condition that needs the current revision is not decided by an old one", async () => {
    const { send } = makeApi({ store: await storeThatAnswers(refusalOf("failed")) });
    const put = (headers: HeadersInit) =>
      send("PUT", "/config", { name: "a", url: URL_1 }, headers);
    for (const headers of [{ "if-match": '"4", "5"' }, { "if-none-match": '"5"' }]) {
      expect(await readProblem(await put(headers))).toMatchObject({
        type: "urn:phi:problem:write_failed",
      });
    }
    expect((await put({ "if-match": 'W/"1"' })).status).toBe(412);
  });

  test("a key that was used for another write is 422", async () => {
    const { send } = makeApi({
      store: await storeThatAnswers({ ok: false, reason: "key_reused" }),
    });
    const response = await send("PUT", "/config", { name: "a", url: URL_1 });
    expect(await readProblem(response)).toMatchObject({
      status: 422,
      type: "urn:phi:problem:key_reused",
    });
  });

  test("a write that is larger than the log takes is 413, with nothing to wait for", async () => {
    const refusal = { ok: false, reason: "too_large", writeBytes: 17, limitBytes: 16 } as const;
    const { send } = makeApi({ store: await storeThatAnswers(refusal) });
    const response = await send("POST", "/config", SERVERS, { "if-match": "*" });
    expect(response.headers.get("retry-after")).toBeNull();
    expect(await readProblem(response)).toMatchObject({
      status: 413,
      type: "urn:phi:problem:too_large",
      detail: expect.stringContaining("has 17 bytes, and at most 16 are taken"),
    });
  });
});
