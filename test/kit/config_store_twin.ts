/**
 * Random writes, and a dumb twin that says what a `ConfigStore` makes of them: a plain list that knows
 * nothing of maps, copies or listeners.
 */
import { expect } from "bun:test";
import * as fc from "fast-check";
import type { Target } from "../../src/config/mod.ts";
import type {
  ConfigSnapshot,
  ConfigStore,
  ConfigWrite,
  WriteOptions,
  WriteResult,
} from "../../src/store/mod.ts";
import { MAX_TARGETS, readAll, target, type Make } from "./config_store_basics.ts";

const anyTarget = fc
  .tuple(fc.constantFrom("a", "b", "c", "d", "e", "f", "g", "h"), fc.constantFrom(1_000, 2_000))
  .map(([name, intervalMillis]) => target(name, intervalMillis));
const anyOptions: fc.Arbitrary<WriteOptions> = fc.record(
  {
    ifMatch: fc.oneof(
      fc.constantFrom("*" as const, "absent" as const),
      fc.integer({ min: 0, max: 8 }),
    ),
    // Fewer keys than are remembered, so that the twin need not forget.
    idempotency: fc.record({
      key: fc.constantFrom("k1", "k2", "k3"),
      digest: fc.constantFrom("d1", "d2"),
    }),
  },
  { requiredKeys: [] },
);
const anyKind: fc.Arbitrary<ConfigWrite> = fc.oneof(
  anyTarget.map((each) => ({ kind: "put" as const, target: each })),
  anyTarget.map(({ name }) => ({ kind: "delete" as const, name })),
  fc
    .uniqueArray(anyTarget, { selector: ({ name }) => name, maxLength: 7 })
    .map((targets) => ({ kind: "replace" as const, targets })),
);
export const anyWrite: fc.Arbitrary<ConfigWrite> = fc
  .tuple(anyKind, anyOptions)
  .map(([kind, options]) => ({ ...kind, ...options }));

export async function randomWrites(make: Make): Promise<void> {
  await fc.assert(
    fc.asyncProperty(fc.array(anyWrite, { maxLength: 20 }), async (writes) => {
      const store = await make();
      const replica = new Map<string, Target>();
      store.subscribe(({ written, deleted }) => {
        for (const each of deleted) expect(replica.delete(each)).toBe(true);
        for (const each of written) replica.set(each.name, each);
      });
      const answers = new Map<string, { readonly digest: string; readonly result: WriteResult }>();
      let list: readonly Target[] = [];
      let revision = 0;
      for (const write of writes) {
        const before = await readAll(store);
        const result = await perform(store, write);
        const { key = "", digest = "" } = write.idempotency ?? {};
        const known = answers.get(key);
        if (known !== undefined) {
          const reused = { ok: false, reason: "key_reused" } as const;
          expect(result).toEqual(known.digest === digest ? known.result : reused);
        } else {
          if (key !== "") answers.set(key, { digest, result });
          const after = listAfter(list, write);
          const mayBeWritten = after.length <= MAX_TARGETS && holds(write, before);
          if (result.ok) expect(mayBeWritten).toBe(true);
          if (result.ok) list = after;
          else if (mayBeWritten) expect(result.reason).toBe("not_found");
        }
        const { targets, revision: newRevision } = await readAll(store);
        const stored = new Map([...targets].map(([name, value]) => [name, value.target]));
        expect(stored).toEqual(new Map(list.map((each) => [each.name, each])));
        expect(replica).toEqual(stored);
        expect(newRevision > revision).toBe(!sameTargets(before.targets, targets));
        revision = newRevision;
      }
    }),
    { numRuns: 200 },
  );
}

export function perform(store: ConfigStore, write: ConfigWrite): Promise<WriteResult> {
  if (write.kind === "put") return store.put(write.target, write);
  if (write.kind === "delete") return store.delete(write.name, write);
  return store.replace(write.targets, write);
}

/** The list after a write that succeeds. */
export function listAfter(list: readonly Target[], write: ConfigWrite): readonly Target[] {
  if (write.kind === "replace") return write.targets;
  const name = write.kind === "put" ? write.target.name : write.name;
  const others = list.filter((each) => each.name !== name);
  return write.kind === "put" ? [...others, write.target] : others;
}

export function holds(write: ConfigWrite, before: ConfigSnapshot): boolean {
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
