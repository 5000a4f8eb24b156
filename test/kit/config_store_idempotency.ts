/** What every `ConfigStore` promises of idempotency keys, as tests. Part of `config_store_suite.ts`. */
import { expect, test } from "bun:test";
import type { ConfigChange, WriteOptions } from "../../src/store/mod.ts";
import {
  KEYS_EXPIRE_AFTER,
  MAX_KEYS,
  MAX_TARGETS,
  namesOf,
  readAll,
  target,
  type Make,
} from "./config_store_basics.ts";

/** A key, under the digest of nothing in particular. */
function once(key: string, digest = "digest"): WriteOptions {
  return { idempotency: { key, digest } };
}

export function idempotency(make: Make): void {
  test("a write repeated under its key is applied once, and gets the same answer", async () => {
    const store = await make();
    const created = await store.put(target("a"), once("k1"));
    expect(created).toMatchObject({ ok: true, created: true });
    const deleted = await store.delete("a", once("k2"));
    const replaced = await store.replace([target("b")], once("k3"));
    const changes: ConfigChange[] = [];
    store.subscribe((change) => changes.push(change));
    const before = await readAll(store);
    expect(await store.put(target("a"), once("k1"))).toEqual(created);
    expect(await store.delete("a", once("k2"))).toEqual(deleted);
    expect(await store.replace([target("b")], once("k3"))).toEqual(replaced);
    expect(await readAll(store)).toEqual(before);
    expect(changes).toEqual([]);
  });

  test("a refusal is an answer too, although the write would be taken by now", async () => {
    const store = await make();
    const notFound = await store.delete("a", once("k1"));
    expect(notFound).toEqual({ ok: false, reason: "not_found" });
    const failed = await store.put(target("a"), { ...once("k2"), ifMatch: "*" });
    expect(failed).toEqual({ ok: false, reason: "precondition_failed", revision: null });
    const many = Array.from({ length: MAX_TARGETS + 1 }, (_, index) => target(`t${index}`));
    const tooMany = await store.replace(many, once("k3"));
    expect(tooMany).toMatchObject({ reason: "too_many_targets" });
    await store.put(target("a"));
    expect(await store.delete("a", once("k1"))).toEqual(notFound);
    expect(await store.put(target("a", 2_000), { ...once("k2"), ifMatch: "*" })).toEqual(failed);
    expect(await store.replace([], once("k3"))).toEqual(tooMany);
    expect([...(await readAll(store)).targets.values()]).toMatchObject([{ target: target("a") }]);
  });

  test("another digest under a known key is refused, and the key keeps its answer", async () => {
    const store = await make();
    const first = await store.put(target("a"), once("k1"));
    const reused = { ok: false, reason: "key_reused" } as const;
    expect(await store.put(target("b"), once("k1", "another"))).toEqual(reused);
    expect(await store.delete("a", once("k1", "another"))).toEqual(reused);
    expect(await namesOf(store)).toEqual(["a"]);
    expect(await store.put(target("a"), once("k1"))).toEqual(first);
  });

  test("of more keys than are remembered the oldest is forgotten first", async () => {
    const store = await make();
    const deletion = (key: string) => store.delete("a", once(key));
    for (let count = 0; count <= MAX_KEYS; count++) await deletion(`k${count}`);
    await store.put(target("a"));
    for (let count = 1; count <= MAX_KEYS; count++) {
      expect(await deletion(`k${count}`)).toEqual({ ok: false, reason: "not_found" });
    }
    expect(await deletion("k0")).toMatchObject({ ok: true });
    // It took the place of what was the oldest by then.
    await store.put(target("a"));
    expect(await deletion("k2")).toEqual({ ok: false, reason: "not_found" });
    expect(await deletion("k1")).toMatchObject({ ok: true });
  });

  test("a key is forgotten when enough was written since, repeated or not", async () => {
    const store = await make();
    const deletion = () => store.delete("a", once("k1"));
    await deletion();
    await store.put(target("a"));
    for (let count = 0; count < KEYS_EXPIRE_AFTER / 4; count++) {
      await store.put(target("b", 1_000 + count));
      expect(await deletion()).toEqual({ ok: false, reason: "not_found" });
    }
    for (let count = 0; count < KEYS_EXPIRE_AFTER; count++) await store.delete("c");
    expect(await deletion()).toMatchObject({ ok: true });
  });

  test("a key or digest that is empty or too long is a RangeError", async () => {
    const store = await make();
    for (const [key, digest] of [
      ["", "d"],
      ["k".repeat(129), "d"],
      ["k", ""],
      ["k", "d".repeat(257)],
    ] as const) {
      expect(store.put(target("a"), once(key, digest))).rejects.toThrow(RangeError);
    }
    expect(await store.put(target("a"), once("k".repeat(128)))).toMatchObject({ ok: true });
    expect((await readAll(store)).targets.size).toBe(1);
  });
}
