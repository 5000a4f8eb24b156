/**
 * What every `ConfigStore` promises, as tests: a maker of empty stores in, a `describe` out. Each
 * implementation's own test calls it. The last test runs random writes against a dumb twin, a plain list that knows
 * nothing of maps, copies or listeners.
 */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Target } from "../../src/config/mod.ts";
import type { ConfigChange, ConfigStore, Precondition, WriteResult } from "../../src/store/mod.ts";
import { makeTarget } from "./target.ts";

export interface ConfigStoreSuiteOptions {
  /** How many targets a store made for the suite takes. */
  readonly maxTargets: number;
}

/** An empty store that takes `maxTargets` targets. */
export type MakeConfigStore = (
  options: ConfigStoreSuiteOptions,
) => ConfigStore | Promise<ConfigStore>;

const MAX_TARGETS = 6;

function target(name: string, intervalMillis = 1_000): Target {
  return makeTarget({ name, intervalMillis });
}

async function namesOf(store: ConfigStore): Promise<string[]> {
  return [...(await store.read()).targets.keys()];
}

export function describeConfigStore(name: string, makeStore: MakeConfigStore): void {
  const make = () => makeStore({ maxTargets: MAX_TARGETS });
  describe(`${name}: reads and writes`, () => readsAndWrites(make));
  describe(`${name}: preconditions`, () => preconditions(make));
  describe(`${name}: snapshots and subscribers`, () => subscribers(make));
  test(`${name} does what a plain list would do, whatever is written`, () => randomWrites(make));
}

type Make = () => ConfigStore | Promise<ConfigStore>;

function readsAndWrites(make: Make): void {
  test("a store never written to is empty, at revision 0", async () => {
    const store = await make();
    expect(await store.read()).toEqual({ revision: 0, targets: new Map() });
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
    const { revision, targets } = await store.read();
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
    const before = await store.read();
    expect(await store.put(target("a"))).toEqual({
      ok: true,
      revision: revisionOf(written),
      created: false,
    });
    expect(await store.read()).toEqual(before);
    expect(changes).toEqual([]);
  });

  test("delete() removes, raises the revision, and finds nothing the second time", async () => {
    const store = await make();
    const written = await store.put(target("a"));
    const deleted = await store.delete("a");
    expect(revisionOf(deleted)).toBeGreaterThan(revisionOf(written));
    expect(await store.read()).toEqual({ revision: revisionOf(deleted), targets: new Map() });
    expect(await store.delete("a")).toEqual({ ok: false, reason: "not_found" });
    expect((await store.read()).revision).toBe(revisionOf(deleted));
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
    const { targets } = await store.read();
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
    const before = await store.read();
    expect(await store.replace([target("a")])).toMatchObject({
      ok: true,
      revision: before.revision,
    });
    expect(await store.read()).toEqual(before);
    expect(revisionOf(await store.replace([]))).toBeGreaterThan(before.revision);
    expect(await namesOf(store)).toEqual([]);
  });

  test("more targets than allowed are refused as a whole", async () => {
    const store = await make();
    const full = Array.from({ length: MAX_TARGETS }, (_, index) => target(`t${index}`));
    await store.replace(full);
    const tooMany = { ok: false, reason: "too_many_targets", limit: MAX_TARGETS } as const;
    const before = await store.read();
    expect(await store.put(target("one more"))).toEqual(tooMany);
    expect(await store.replace([...full, target("one more")])).toEqual(tooMany);
    expect(await store.read()).toEqual(before);
    expect(await store.put(target("t0", 2_000))).toMatchObject({ ok: true, created: false });
  });
}

function preconditions(make: Make): void {
  test("a target's revision is what put() and delete() ask for", async () => {
    const store = await make();
    const first = revisionOf(await store.put(target("a")));
    const second = revisionOf(await store.put(target("a", 2_000), first));
    const failed = { ok: false, reason: "precondition_failed", revision: second } as const;
    expect(await store.put(target("a", 3_000), first)).toEqual(failed);
    expect(await store.put(target("a", 2_000), first)).toEqual(failed);
    expect(await store.delete("a", first)).toEqual(failed);
    await store.put(target("b"));
    expect((await store.delete("a", second)).ok).toBe(true);
  });

  test("whatever exists will do for *, and nothing does where nothing is", async () => {
    const store = await make();
    const failed = { ok: false, reason: "precondition_failed", revision: null } as const;
    expect(await store.put(target("a"), "*")).toEqual(failed);
    expect(await store.put(target("a"), 1)).toEqual(failed);
    expect(await store.delete("a", "*")).toEqual(failed);
    await store.put(target("a"));
    expect((await store.put(target("a", 2_000), "*")).ok).toBe(true);
    expect((await store.delete("a", "*")).ok).toBe(true);
  });

  test("nothing is what absent asks for", async () => {
    const store = await make();
    const created = await store.put(target("a"), "absent");
    expect(created).toMatchObject({ ok: true, created: true });
    const failed = { ok: false, reason: "precondition_failed", revision: revisionOf(created) };
    expect(await store.put(target("a", 2_000), "absent")).toMatchObject(failed);
    expect(await store.put(target("a"), "absent")).toMatchObject(failed);
    expect(await store.delete("b", "absent")).toMatchObject({ ok: false, reason: "not_found" });
  });

  test("the config's revision is what replace() asks for, 0 while it is empty", async () => {
    const store = await make();
    expect((await store.replace([target("a")], 0)).ok).toBe(true);
    const { revision } = await store.read();
    const failed = { ok: false, reason: "precondition_failed", revision } as const;
    expect(await store.replace([target("b")], 0)).toEqual(failed);
    expect(await store.replace([target("a")], revision + 1)).toEqual(failed);
    expect(await namesOf(store)).toEqual(["a"]);
    expect((await store.replace([target("b")], revision)).ok).toBe(true);
    expect((await store.replace([target("c")], "*")).ok).toBe(true);
  });
}

function subscribers(make: Make): void {
  test("a snapshot stays as it was, whatever is written later", async () => {
    const store = await make();
    await store.put(target("a"));
    const before = await store.read();
    const copy = new Map(before.targets);
    await store.put(target("a", 2_000));
    await store.put(target("b"));
    const between = await store.read();
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

type Write =
  | { readonly kind: "put"; readonly target: Target; readonly ifMatch: Precondition | undefined }
  | { readonly kind: "delete"; readonly name: string; readonly ifMatch: Precondition | undefined }
  | {
      readonly kind: "replace";
      readonly targets: readonly Target[];
      readonly ifMatch: Precondition | undefined;
    };

const anyTarget = fc
  .tuple(fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h"), fc.constantFrom(1_000, 2_000))
  .map(([name, intervalMillis]) => target(name, intervalMillis));
const anyPrecondition = fc.option(
  fc.oneof(fc.constantFrom("*" as const, "absent" as const), fc.integer({ min: 0, max: 8 })),
  { nil: undefined },
);
const anyWrite: fc.Arbitrary<Write> = fc.oneof(
  fc.record({ kind: fc.constant("put" as const), target: anyTarget, ifMatch: anyPrecondition }),
  fc.record({
    kind: fc.constant("delete" as const),
    name: anyTarget.map(({ name }) => name),
    ifMatch: anyPrecondition,
  }),
  fc.record({
    kind: fc.constant("replace" as const),
    targets: fc.uniqueArray(anyTarget, { selector: ({ name }) => name, maxLength: 7 }),
    ifMatch: anyPrecondition,
  }),
);

async function randomWrites(make: Make): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(anyWrite, { maxLength: 20 }), async (writes) => {
      const store = await make();
      const replica = new Map<string, Target>();
      store.subscribe(({ written, deleted }) => {
        for (const each of deleted) expect(replica.delete(each)).toBe(true);
        for (const each of written) replica.set(each.name, each);
      });
      let list: readonly Target[] = [];
      let revision = 0;
      for (const write of writes) {
        const before = await store.read();
        const result = await perform(store, write);
        const after = listAfter(list, write);
        const mayBeWritten = after.length <= MAX_TARGETS && holds(write, before);
        if (result.ok) expect(mayBeWritten).toBe(true);
        if (result.ok) list = after;
        else if (mayBeWritten) expect(result.reason).toBe("not_found");
        const { targets, revision: newRevision } = await store.read();
        const stored = new Map([...targets].map(([key, value]) => [key, value.target]));
        expect(stored).toEqual(new Map(list.map((each) => [each.name, each])));
        expect(replica).toEqual(stored);
        expect(newRevision > revision).toBe(!sameTargets(before.targets, targets));
        revision = newRevision;
      }
    }),
    { numRuns: 200 },
  );
}

function perform(store: ConfigStore, write: Write): Promise<WriteResult> {
  if (write.kind === "put") return store.put(write.target, write.ifMatch);
  if (write.kind === "delete") return store.delete(write.name, write.ifMatch);
  return store.replace(write.targets, write.ifMatch);
}

/** The list after a write that succeeds. */
function listAfter(list: readonly Target[], write: Write): readonly Target[] {
  if (write.kind === "replace") return write.targets;
  const name = write.kind === "put" ? write.target.name : write.name;
  const others = list.filter((each) => each.name !== name);
  return write.kind === "put" ? [...others, write.target] : others;
}

function holds(write: Write, before: Awaited<ReturnType<ConfigStore["read"]>>): boolean {
  if (write.ifMatch === undefined) return true;
  const name = write.kind === "put" ? write.target.name : write.kind === "delete" ? write.name : "";
  const current = write.kind === "replace" ? before.revision : before.targets.get(name)?.revision;
  if (write.ifMatch === "absent") return current === undefined;
  return write.ifMatch === "*" ? current !== undefined : write.ifMatch === current;
}

function sameTargets(
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
): boolean {
  return (
    before.size === after.size && [...after].every(([key, value]) => before.get(key) === value)
  );
}
