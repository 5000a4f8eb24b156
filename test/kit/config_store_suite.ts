/**
 * What every `ConfigStore` promises, as tests: a maker of empty stores in, a `describe` out. Each
 * implementation's own test calls it. The last test runs random writes against a dumb twin.
 */
import { describe, expect, test } from "bun:test";
import type { ConfigChange, WriteResult } from "../../src/store/mod.ts";
import {
  KEYS_EXPIRE_AFTER,
  MAX_KEYS,
  MAX_TARGETS,
  namesOf,
  readAll,
  target,
  type Make,
  type MakeConfigStore,
} from "./config_store_basics.ts";
import { idempotency } from "./config_store_idempotency.ts";
import { randomWrites } from "./config_store_twin.ts";

export function describeConfigStore(name: string, makeStore: MakeConfigStore): void {
  const make = () =>
    makeStore({ maxTargets: MAX_TARGETS, maxKeys: MAX_KEYS, keysExpireAfter: KEYS_EXPIRE_AFTER });
  describe(`${name}: reads and writes`, () => readsAndWrites(make));
  describe(`${name}: preconditions`, () => preconditions(make));
  describe(`${name}: idempotency`, () => idempotency(make));
  describe(`${name}: snapshots and subscribers`, () => subscribers(make));
  test(`${name} does what a plain list would do, whatever is written`, () => randomWrites(make));
}

function readsAndWrites(make: Make): void {
  test("a store never written to is empty, at revision 0", async () => {
    const store = await make();
    expect(await readAll(store)).toEqual({ revision: 0, targets: new Map() });
  });

  test("put() creates, then replaces; each raises the revision, the config's and the target's", async () => {
    const store = await make();
    const first = await store.put(target("a"));
    const second = await store.put(target("a", 2_000));
    const third = await store.put(target("b"));
    expect(first).toMatchObject({ ok: true, created: true });
    expect(second).toMatchObject({ ok: true, created: false });
    const [one, two, three] = [revisionOf(first), revisionOf(second), revisionOf(third)];
    expect(0 < one && one < two && two < three).toBe(true);
    const { revision, targets } = await readAll(store);
    expect(revision).toBe(three);
    expect([...targets]).toEqual([
      ["a", { target: target("a", 2_000), revision: two }],
      ["b", { target: target("b"), revision: three }],
    ]);
  });

  test("put() of what is there already changes nothing and keeps the revision", async () => {
    const store = await make();
    const changes: ConfigChange[] = [];
    const written = await store.put(target("a"));
    store.subscribe((change) => changes.push(change));
    const before = await readAll(store);
    expect(await store.put(target("a"))).toEqual({
      ok: true,
      revision: revisionOf(written),
      created: false,
    });
    expect(await readAll(store)).toEqual(before);
    expect(changes).toEqual([]);
  });

  test("delete() removes, raises the revision, and finds nothing the second time", async () => {
    const store = await make();
    const written = await store.put(target("a"));
    const deleted = await store.delete("a");
    expect(revisionOf(deleted)).toBeGreaterThan(revisionOf(written));
    expect(await readAll(store)).toEqual({ revision: revisionOf(deleted), targets: new Map() });
    expect(await store.delete("a")).toEqual({ ok: false, reason: "not_found" });
    expect((await readAll(store)).revision).toBe(revisionOf(deleted));
  });

  test("replace() writes what differs, deletes what is missing, leaves the rest at its revision", async () => {
    const store = await make();
    const kept = await store.put(target("kept"));
    await store.put(target("changed"));
    await store.put(target("gone"));
    const changes: ConfigChange[] = [];
    store.subscribe((change) => changes.push(change));
    const replaced = await store.replace([target("new"), target("changed", 5_000), target("kept")]);
    const revision = revisionOf(replaced);
    const { targets } = await readAll(store);
    expect(new Map([...targets].map(([key, stored]) => [key, stored.revision]))).toEqual(
      new Map([
        ["kept", revisionOf(kept)],
        ["changed", revision],
        ["new", revision],
      ]),
    );
    expect(changes).toEqual([
      { revision, written: [target("new"), target("changed", 5_000)], deleted: ["gone"] },
    ]);
  });

  test("replace() by the same changes nothing, and by nothing deletes all", async () => {
    const store = await make();
    await store.put(target("a"));
    const before = await readAll(store);
    expect(await store.replace([target("a")])).toMatchObject({
      ok: true,
      revision: before.revision,
    });
    expect(await readAll(store)).toEqual(before);
    expect(revisionOf(await store.replace([]))).toBeGreaterThan(before.revision);
    expect(await namesOf(store)).toEqual([]);
  });

  test("more targets than allowed are refused as a whole", async () => {
    const store = await make();
    const full = Array.from({ length: MAX_TARGETS }, (_, index) => target(`t${index}`));
    await store.replace(full);
    const tooMany = { ok: false, reason: "too_many_targets", limit: MAX_TARGETS } as const;
    const before = await readAll(store);
    expect(await store.put(target("one more"))).toEqual(tooMany);
    expect(await store.replace([...full, target("one more")])).toEqual(tooMany);
    expect(await readAll(store)).toEqual(before);
    expect(await store.put(target("t0", 2_000))).toMatchObject({ ok: true, created: false });
  });
}

function preconditions(make: Make): void {
  test("a target's revision is what put() and delete() ask for", async () => {
    const store = await make();
    const first = revisionOf(await store.put(target("a")));
    const second = revisionOf(await store.put(target("a", 2_000), { ifMatch: first }));
    const failed = { ok: false, reason: "precondition_failed", revision: second } as const;
    expect(await store.put(target("a", 3_000), { ifMatch: first })).toEqual(failed);
    expect(await store.put(target("a", 2_000), { ifMatch: first })).toEqual(failed);
    expect(await store.delete("a", { ifMatch: first })).toEqual(failed);
    await store.put(target("b"));
    expect((await store.delete("a", { ifMatch: second })).ok).toBe(true);
  });

  test("whatever exists will do for *, and nothing does where nothing is", async () => {
    const store = await make();
    const failed = { ok: false, reason: "precondition_failed", revision: null } as const;
    expect(await store.put(target("a"), { ifMatch: "*" })).toEqual(failed);
    expect(await store.put(target("a"), { ifMatch: 1 })).toEqual(failed);
    expect(await store.delete("a", { ifMatch: "*" })).toEqual(failed);
    await store.put(target("a"));
    expect((await store.put(target("a", 2_000), { ifMatch: "*" })).ok).toBe(true);
    expect((await store.delete("a", { ifMatch: "*" })).ok).toBe(true);
  });

  test("nothing is what absent asks for", async () => {
    const store = await make();
    const created = await store.put(target("a"), { ifMatch: "absent" });
    expect(created).toMatchObject({ ok: true, created: true });
    const failed = { ok: false, reason: "precondition_failed", revision: revisionOf(created) };
    expect(await store.put(target("a", 2_000), { ifMatch: "absent" })).toMatchObject(failed);
    expect(await store.put(target("a"), { ifMatch: "absent" })).toMatchObject(failed);
    expect(await store.delete("b", { ifMatch: "absent" })).toMatchObject({
      ok: false,
      reason: "not_found",
    });
  });

  test("the config's revision is what replace() asks for, 0 while it is empty", async () => {
    const store = await make();
    expect((await store.replace([target("a")], { ifMatch: 0 })).ok).toBe(true);
    const { revision } = await readAll(store);
    const failed = { ok: false, reason: "precondition_failed", revision } as const;
    expect(await store.replace([target("b")], { ifMatch: 0 })).toEqual(failed);
    expect(await store.replace([target("a")], { ifMatch: revision + 1 })).toEqual(failed);
    expect(await namesOf(store)).toEqual(["a"]);
    expect((await store.replace([target("b")], { ifMatch: revision })).ok).toBe(true);
    expect((await store.replace([target("c")], { ifMatch: "*" })).ok).toBe(true);
  });
}

function subscribers(make: Make): void {
  test("a snapshot stays as it was, whatever is written later", async () => {
    const store = await make();
    await store.put(target("a"));
    const before = await readAll(store);
    const copy = new Map(before.targets);
    await store.put(target("a", 2_000));
    await store.put(target("b"));
    const between = await readAll(store);
    await store.delete("a");
    await store.replace([target("c")]);
    expect(before.targets).toEqual(copy);
    expect([...between.targets.keys()]).toEqual(["a", "b"]);
    expect(await namesOf(store)).toEqual(["c"]);
  });

  test("a subscriber hears of each change once, in order, before the write is answered", async () => {
    const store = await make();
    const heard: string[] = [];
    const stop = store.subscribe((change) => heard.push(`1${shown(change)}`));
    store.subscribe((change) => heard.push(`2${shown(change)}`));
    await store.put(target("a"));
    expect(heard).toEqual(["1+a", "2+a"]);
    await Promise.all([store.put(target("b")), store.delete("a"), store.put(target("c"))]);
    stop();
    stop();
    await store.replace([]);
    expect(heard.slice(2)).toEqual(["1+b", "2+b", "1-a", "2-a", "1+c", "2+c", "2-b-c"]);
  });

  test("a write by a subscriber is heard of after the one that it answers", async () => {
    const store = await make();
    const writes: Promise<WriteResult>[] = [];
    const heard: number[] = [];
    store.subscribe(({ written }) => {
      if (written[0]?.name === "a") writes.push(store.put(target("b")));
    });
    store.subscribe(({ revision }) => heard.push(revision));
    await store.put(target("a"));
    await Promise.all(writes);
    expect(writes).toHaveLength(1);
    expect(heard).toEqual(heard.toSorted((one, other) => one - other));
    expect(heard).toHaveLength(2);
  });
}

function shown({ written, deleted }: ConfigChange): string {
  return [...written.map((each) => `+${each.name}`), ...deleted.map((each) => `-${each}`)].join("");
}

function revisionOf(result: WriteResult): number {
  return result.ok ? result.revision : Number.NaN;
}
