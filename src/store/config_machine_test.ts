import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { anyWrite } from "../../test/kit/config_store_twin.ts";
import { makeTarget } from "../../test/kit/target.ts";
import type { Target } from "../config/mod.ts";
import { SessionStateMachine } from "../raft/mod.ts";
import { decodeDecided, encodeWrite } from "./config_codec.ts";
import { ConfigMachine } from "./config_machine.ts";
import type { ConfigChange } from "./store.ts";

/** Small, so that all of them are reached. */
const limits = { maxTargets: 6, maxKeys: 2, keysExpireAfter: 5 };
const target = (name: string, intervalMillis = 1_000) => makeTarget({ name, intervalMillis });
const put = (name: string, intervalMillis?: number) =>
  encodeWrite({ kind: "put", target: target(name, intervalMillis) });

/** A machine, and what a subscriber has made of its changes. */
function subscribed(machine = new ConfigMachine({ limits })) {
  const replica = new Map<string, Target>();
  const changes: ConfigChange[] = [];
  machine.subscribe((change) => {
    changes.push(change);
    for (const name of change.deleted) expect(replica.delete(name)).toBe(true);
    for (const each of change.written) replica.set(each.name, each);
  });
  return { machine, replica, changes };
}

const targetsOf = (machine: ConfigMachine) =>
  new Map([...machine.readLocal().targets].map(([name, stored]) => [name, stored.target]));

describe("ConfigMachine", () => {
  test("applies writes, answers in bytes, and tells what changed", () => {
    const { machine, changes } = subscribed();
    const result = machine.apply({ index: 2, data: put("a") });
    expect(result.ok && decodeDecided(result.output)).toEqual({
      ok: true,
      value: { ok: true, revision: 1, created: true },
    });
    expect(changes).toEqual([{ revision: 1, written: [target("a")], deleted: [] }]);
  });

  test("restored from a snapshot at any point, goes on with the same state and the same answers", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ write: anyWrite, gap: fc.nat(3), isRestored: fc.boolean() })),
        (steps) => {
          const original = subscribed();
          let other = subscribed();
          // What a member goes through that is behind: it takes snapshots over what it has.
          const follower = subscribed();
          const begun: [parts: Iterable<Uint8Array>, snapshot: Uint8Array][] = [];
          let index = 1;
          for (const { write, gap, isRestored } of steps) {
            index += 1 + gap;
            const command = { index, data: encodeWrite(write) };
            const result = original.machine.apply(command);
            expect(other.machine.apply(command)).toEqual(result);
            const snapshot = original.machine.snapshot();
            expect(other.machine.snapshot()).toEqual(snapshot);
            begun.push([original.machine.snapshotParts(), snapshot]);
            if (!isRestored) continue;
            other = subscribed(new ConfigMachine());
            expect(other.machine.restore(snapshot)).toEqual({ ok: true });
            expect(follower.machine.restore(snapshot)).toEqual({ ok: true });
            for (const { machine, replica } of [other, follower]) {
              expect(machine.readLocal()).toEqual(original.machine.readLocal());
              expect(replica).toEqual(targetsOf(machine));
              expect(machine.snapshot()).toEqual(snapshot);
            }
          }
          // Taken when all that was written after it has been applied.
          for (const [parts, snapshot] of begun) {
            expect(Buffer.concat([...parts]).equals(snapshot)).toBe(true);
          }
        },
      ),
    );
  });

  test("a restore tells what differs, once; the same state again tells nothing", () => {
    const { machine, changes } = subscribed();
    for (const [place, name] of ["kept", "changed", "gone"].entries()) {
      machine.apply({ index: 2 + place, data: put(name) });
    }
    const ahead = new ConfigMachine({ limits });
    const targets = [target("new"), target("changed", 2_000), target("kept")];
    ahead.restore(machine.snapshot());
    ahead.apply({ index: 9, data: encodeWrite({ kind: "replace", targets }) });
    changes.length = 0;
    const before = machine.readLocal();
    machine.restore(ahead.snapshot());
    machine.restore(ahead.snapshot());
    expect(changes).toEqual([
      { revision: 4, written: [target("new"), target("changed", 2_000)], deleted: ["gone"] },
    ]);
    expect([...before.targets.keys()]).toEqual(["kept", "changed", "gone"]);
  });

  test("a restore that only moves the revision tells that", () => {
    const { machine, changes } = subscribed();
    const ahead = new ConfigMachine({ limits });
    ahead.apply({ index: 2, data: put("a") });
    ahead.apply({ index: 3, data: encodeWrite({ kind: "delete", name: "a" }) });
    machine.restore(ahead.snapshot());
    expect(changes).toEqual([{ revision: 2, written: [], deleted: [] }]);
  });

  test("the limits come with a snapshot, whatever the machine was made with", () => {
    const machine = new ConfigMachine();
    machine.restore(new ConfigMachine({ limits: { ...limits, maxTargets: 1 } }).snapshot());
    machine.apply({ index: 2, data: put("a") });
    const refused = machine.apply({ index: 3, data: put("b") });
    expect(refused.ok && decodeDecided(refused.output)).toEqual({
      ok: true,
      value: { ok: false, reason: "too_many_targets", limit: 1 },
    });
  });

  test("a command of a later version is passed over, a damaged one is an error; neither throws", () => {
    const { machine, changes } = subscribed();
    const later = put("a");
    later[0] = 4;
    expect(machine.apply({ index: 2, data: later })).toEqual({
      ok: false,
      error: "config write unreadable: it is of format version 4, and at most 3 can be read here",
      isPassedOver: true,
    });
    expect(machine.lackedIndex).toBe(2);
    const damaged = machine.apply({ index: 3, data: put("a").subarray(0, 9) });
    expect(damaged).toEqual({ ok: false, error: "config write unreadable: it is not JSON" });
    expect(changes).toEqual([]);
  });

  test("what was passed over is lacking until a snapshot brings it, whatever is written after it", () => {
    const machine = new ConfigMachine();
    const later = put("a");
    later[0] = 4;
    for (const index of [2, 3]) machine.apply({ index, data: later });
    machine.apply({ index: 4, data: put("b") });
    expect(machine.lackedIndex).toBe(2);
    machine.restore(Uint8Array.of(1));
    expect(machine.lackedIndex).toBe(2);
    machine.restore(new ConfigMachine().snapshot());
    expect(machine.lackedIndex).toBeUndefined();
  });

  test("damaged and hostile bytes restore nothing and change nothing", () => {
    const origin = new ConfigMachine({ limits });
    origin.apply({ index: 2, data: put("a") });
    const idempotency = { key: "k", digest: "d" };
    origin.apply({ index: 3, data: encodeWrite({ kind: "delete", name: "b", idempotency }) });
    const sound = origin.snapshot();
    const { machine, changes } = subscribed();
    machine.apply({ index: 2, data: put("mine") });
    const before = machine.snapshot();
    const hostile = fc.oneof(
      fc.uint8Array(),
      fc.jsonValue().map((value) => new TextEncoder().encode(`\u0001${JSON.stringify(value)}`)),
      fc.nat(sound.length - 1).map((length) => sound.slice(0, length)),
    );
    fc.assert(
      fc.property(hostile, (bytes) => {
        expect(machine.restore(bytes)).toMatchObject({ ok: false });
        expect(machine.apply({ index: 3, data: bytes }).ok).toBe(false);
      }),
    );
    const flipped = fc.tuple(fc.nat(sound.length - 1), fc.integer({ min: 1, max: 255 }));
    fc.assert(
      fc.property(flipped, ([place, mask]) => {
        const bytes = sound.slice();
        bytes[place]! ^= mask;
        // One flipped bit may give another state that is sound; then it is all of that state. In the later format,
        // which the first byte tells, the same bytes are the same state.
        const restored = new ConfigMachine();
        if (!restored.restore(bytes).ok) expect(restored.readLocal().revision).toBe(0);
        else if (bytes[0] === sound[0]) expect(restored.snapshot()).not.toEqual(sound);
        else expect(restored.snapshot()).toEqual(sound);
      }),
      { examples: [[[0, 2]]] },
    );
    expect(machine.snapshot()).toEqual(before);
    expect(changes).toHaveLength(1);
  });

  test("works within sessions, whose table is part of the snapshot", () => {
    const machine = new ConfigMachine();
    const wrapped = new SessionStateMachine(machine);
    const empty = new SessionStateMachine(new ConfigMachine({ limits })).snapshot();
    expect(wrapped.restore(empty)).toEqual({ ok: true });
    expect(machine.readLocal()).toEqual({ revision: 0, targets: new Map() });
  });
});
