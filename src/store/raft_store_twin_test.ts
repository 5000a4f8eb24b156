import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { MAX_TARGETS } from "../../test/kit/config_store_basics.ts";
import { anyWrite, perform } from "../../test/kit/config_store_twin.ts";
import { makeTarget } from "../../test/kit/target.ts";
import { TestStores, type TestMonitor } from "../../test/kit/test_stores.ts";
import { Worlds } from "./_test_worlds.ts";
import type { WriteResult } from "./store.ts";

const IDS = ["a", "b", "c"];

type Fault =
  | { readonly kind: "isolate" | "crash" | "restart"; readonly id: string }
  | { readonly kind: "isolate leader" | "crash leader" | "heal" }
  | { readonly kind: "lose"; readonly every: number }
  | { readonly kind: "pass"; readonly ms: number };

const anyId = fc.constantFrom(...IDS);
const anyFault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constantFrom("isolate", "crash", "restart"), id: anyId }),
  fc.record({ kind: fc.constantFrom("isolate leader", "crash leader", "heal") }),
  fc.record({ kind: fc.constant("lose"), every: fc.integer({ min: 2, max: 5 }) }),
  fc.record({ kind: fc.constant("pass"), ms: fc.nat(1_500) }),
);

function bringAbout(cluster: TestStores, fault: Fault): void {
  switch (fault.kind) {
    case "isolate":
      return cluster.isolate(cluster.monitor(fault.id));
    case "crash":
      return cluster.monitor(fault.id).crash();
    case "restart":
      cluster.monitor(fault.id).crash();
      return cluster.monitor(fault.id).start();
    case "isolate leader":
      return cluster.leader && cluster.isolate(cluster.leader);
    case "crash leader":
      return cluster.leader?.crash();
    case "heal":
      return recover(cluster);
    case "lose": {
      let count = 0;
      cluster.delivers = () => ++count % fault.every !== 0;
      return;
    }
    case "pass":
      return cluster.time.pass(fault.ms);
  }
}

function recover(cluster: TestStores): void {
  cluster.heal();
  for (const monitor of cluster.monitors.values()) {
    if (monitor.member === undefined) monitor.start();
  }
}

/** Retries, as a client does. */
async function readAtLast(cluster: TestStores, { store }: TestMonitor) {
  for (let count = 0; count < 10; count++) {
    const { value } = await cluster.within(1_600, store.read());
    if (value.ok) return value.snapshot;
  }
  throw new Error("a healed cluster cannot be read");
}

const anyStep = fc.record({
  faults: fc.array(anyFault, { maxLength: 2 }),
  at: anyId,
  write: anyWrite,
  /** Of the write: what happens while it is under way. */
  fault: fc.option(fc.record({ afterMs: fc.nat(30), what: anyFault }), { nil: undefined }),
  isRead: fc.boolean(),
});

test("RaftConfigStore does what a plain list would do, whatever befalls its members", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyStep, { maxLength: 10 }), async (steps) => {
      const cluster = new TestStores(IDS, { limits: { maxTargets: MAX_TARGETS } });
      const worlds = new Worlds();
      for (const { faults, at, write, fault, isRead } of steps) {
        for (const each of faults) bringAbout(cluster, each);
        const { store, member } = cluster.monitor(at);
        if (member === undefined) continue;
        const result = perform(store, write);
        if (fault !== undefined) {
          cluster.time.pass(fault.afterMs);
          bringAbout(cluster, fault.what);
        }
        const { value } = await cluster.within(1_600, result);
        expect(worlds.hear(write, value)).toBe(true);
        if (!isRead) continue;
        const { value: read } = await cluster.within(1_600, cluster.monitor(at).store.read());
        if (read.ok) expect(worlds.see(read.snapshot)).toBe(true);
      }
      recover(cluster);
      for (const monitor of cluster.monitors.values()) {
        const snapshot = await readAtLast(cluster, monitor);
        expect(worlds.see(snapshot)).toBe(true);
        // What was read may be behind by now: a write of unknown end may come late.
        const { targets } = monitor.store.readLocal();
        const shown = new Map([...targets].map(([name, { target }]) => [name, target]));
        expect(monitor.replica).toEqual(shown);
      }
    }),
    { numRuns: 150 },
  );
});

const anyBurst = fc.record({
  fault: anyFault,
  at: fc.array(anyId, { minLength: 1, maxLength: 12 }),
  afterMs: fc.nat(40),
  during: anyFault,
});

test("of many writes at a time each is applied once if it was answered, and never if it failed", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyBurst, { maxLength: 6 }), async (bursts) => {
      const cluster = new TestStores(IDS, { store: { maxWritesUnderWay: 4 } });
      /** By the interval that nobody else writes. */
      const results = new Map<number, WriteResult>();
      let interval = 1_000;
      for (const { fault, at, afterMs, during } of bursts) {
        bringAbout(cluster, fault);
        const writes = at.flatMap((id, place) => {
          const { store, member } = cluster.monitor(id);
          if (member === undefined) return [];
          const intervalMillis = ++interval;
          const target = makeTarget({ name: `t${place % 3}`, intervalMillis });
          return [store.put(target).then((result) => results.set(intervalMillis, result))];
        });
        cluster.time.pass(afterMs);
        bringAbout(cluster, during);
        await cluster.within(1_600, Promise.all(writes));
      }
      recover(cluster);
      for (const monitor of cluster.monitors.values()) await readAtLast(cluster, monitor);
      const { heard } = cluster.monitor("a");
      for (const other of cluster.monitors.values()) expect(other.heard).toEqual(heard);
      for (const [intervalMillis, result] of results) {
        const count = heard.filter(([, each]) => each === intervalMillis).length;
        if (result.ok) expect([intervalMillis, count]).toEqual([intervalMillis, 1]);
        else if (result.reason === "unavailable" && result.outcome === "unknown")
          expect(count).toBeLessThanOrEqual(1);
        else expect([intervalMillis, count]).toEqual([intervalMillis, 0]);
      }
    }),
    { numRuns: 150 },
  );
});
