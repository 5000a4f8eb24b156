import { describe, expect, test } from "bun:test";
import { describeConfigStore } from "../../test/kit/config_store_suite.ts";
import { makeTarget } from "../../test/kit/target.ts";
import { VirtualTime } from "../../test/kit/virtual_time.ts";
import {
  firstSnapshot,
  membershipOf,
  RaftMember,
  SessionStateMachine,
  type ApplyResult,
  type LogStorage,
} from "../raft/mod.ts";
import { encodeWrite } from "./config_codec.ts";
import { ConfigMachine } from "./config_machine.ts";
import type { ConfigLimits } from "./config_state.ts";
import { MemoryLog } from "./memory_log_storage.ts";
import type { LogMember } from "./log_access.ts";
import { RaftConfigStore } from "./raft_store.ts";
import { microtasks } from "../../test/kit/test_stores.ts";

const target = (name: string, intervalMillis = 1_000) => makeTarget({ name, intervalMillis });

/** A cluster of one on a log in memory, which leads. Its time stands still. */
async function lone(limits: Partial<ConfigLimits> = {}, wrap = (storage: LogStorage) => storage) {
  const time = new VirtualTime();
  const machine = new ConfigMachine({ limits });
  const stateMachine = new SessionStateMachine(machine);
  const membership = membershipOf([{ id: "a", address: "127.0.0.1:7000" }]);
  const log = new MemoryLog({ firstSnapshot: firstSnapshot(membership, stateMachine.snapshot()) });
  const { storage, stored } = log.open();
  const member = new RaftMember({ clusterId: "test", id: "a", random: () => 0 }, stored, {
    storage: wrap(storage),
    transport: { send: () => {}, sendSnapshot: () => {} },
    stateMachine,
    soon: queueMicrotask,
  });
  for (let ticks = 0; member.status().role !== "leader" && ticks < 100; ticks++) {
    member.tick();
    await microtasks();
  }
  return { store: new RaftConfigStore({ member, machine, timers: time }), member, machine, time };
}

describeConfigStore("RaftConfigStore of a cluster of one", async (limits) => {
  const { store } = await lone(limits);
  return store;
});

/** A store whose first write is answered with this by the state machine. */
function answeredWith(result: ApplyResult): RaftConfigStore {
  const results: ApplyResult[] = [{ ok: true, output: encodeSessionId }, result];
  const member: LogMember = {
    propose: (_, done) => done({ kind: "committed", index: 2, result: results.shift()! }),
    read: (done) => done({ ok: true, index: 2 }),
    briefStatus: () => ({ halted: undefined, leader: "a", term: 1 }),
  };
  return new RaftConfigStore({ member, machine: new ConfigMachine(), timers: new VirtualTime() });
}

/** A varint of one byte: session 2. */
const encodeSessionId = Uint8Array.of(2);

async function besideOlder(older: readonly string[]): Promise<RaftConfigStore> {
  const { member, machine, time } = await lone();
  return new RaftConfigStore({ member, machine, timers: time, olderMembers: () => older });
}

describe("a target with a model or a budget", () => {
  const budgeted = makeTarget({
    name: "a",
    monitor: { model: "calibrated", falseAlarmsPerMonth: 1 },
  });

  test("is refused while a member could not read it, and says whose upgrade it waits for", async () => {
    const store = await besideOlder(["b", "c"]);
    for (const result of [await store.put(budgeted), await store.replace([budgeted])]) {
      expect(result).toMatchObject({ ok: false, reason: "unavailable", outcome: "failed" });
      expect(JSON.stringify(result)).toContain("b, c");
    }
    expect(store.readLocal().targets.size).toBe(0);
    expect(await store.put(target("a"))).toMatchObject({ ok: true });
  });

  test("is taken once all of them can", async () => {
    const store = await besideOlder([]);
    expect(await store.put(budgeted)).toMatchObject({ ok: true });
    expect(store.readLocal().targets.get("a")?.target).toEqual(budgeted);
  });
});

const longTarget = (length: number) =>
  makeTarget({ name: "a", labels: { team: "x".repeat(length) } });

/** Whose write has so many bytes. */
function targetOfWrite(writeBytes: number) {
  const { length } = encodeWrite({ kind: "put", target: longTarget(0) });
  return longTarget(writeBytes - length);
}

describe("a write that is larger than the log takes", () => {
  test("is refused for good, and at once", async () => {
    const { member, machine, time } = await lone();
    const limitBytes = 1_000;
    const store = new RaftConfigStore({ member, machine, timers: time, maxWriteBytes: limitBytes });
    const { lastIndex } = member.status();
    expect(await store.put(targetOfWrite(limitBytes + 1))).toEqual({
      ok: false,
      reason: "too_large",
      writeBytes: limitBytes + 1,
      limitBytes,
    });
    expect(member.status().lastIndex).toBe(lastIndex);
    expect(await store.put(targetOfWrite(limitBytes))).toMatchObject({ ok: true });
  });

  test("is one of more than 16 MiB, which the log takes", async () => {
    const { store } = await lone();
    const limitBytes = 16 * 2 ** 20 - 64;
    const larger = await store.put(targetOfWrite(limitBytes + 1));
    expect(larger).toMatchObject({ reason: "too_large", limitBytes });
    expect(await store.put(targetOfWrite(limitBytes))).toMatchObject({ ok: true });
  });
});

describe("what the state machine says", () => {
  test("no effect on any member: the write has failed", async () => {
    const store = answeredWith({ ok: false, error: "config write unreadable: it is not JSON" });
    expect(await store.put(target("a"))).toEqual({
      ok: false,
      reason: "unavailable",
      outcome: "failed",
      detail: "config write unreadable: it is not JSON",
    });
  });

  test("passed over here: unknown, since others may have made it", async () => {
    const store = answeredWith({ ok: false, error: "it has a defect", isPassedOver: true });
    expect(await store.put(target("a"))).toMatchObject({ outcome: "unknown" });
  });

  test("anything, once this member could not read a write: the others may say otherwise", async () => {
    const { store, machine } = await lone();
    const underWay = store.put(target("a"));
    machine.apply({ index: 1_000, data: Uint8Array.of(4, 0x7b, 0x7d) });
    expect(await underWay).toMatchObject({ outcome: "unknown" });
    expect(await store.put(target("b"))).toMatchObject({ outcome: "failed" });
  });

  test("an answer of a later version: unknown, since it may have been made", async () => {
    const store = answeredWith({ ok: true, output: Uint8Array.of(2, 0x7b, 0x7d) });
    expect(await store.put(target("a"))).toEqual({
      ok: false,
      reason: "unavailable",
      outcome: "unknown",
      detail:
        "its answer cannot be read: it is of format version 2, and at most 1 can be read here",
    });
  });
});

describe("RaftConfigStore of a cluster of one", () => {
  test("100 writes at a time are all made, in at most 64 sessions, and leave no timer behind", async () => {
    const { store, time, member } = await lone();
    const writes = Array.from({ length: 100 }, (_, place) => store.put(target(`t${place}`)));
    for (const result of await Promise.all(writes)) expect(result).toMatchObject({ ok: true });
    expect(store.readLocal().targets.size).toBe(100);
    expect(time.waitingCount).toBe(0);
    // A first entry, the snapshot's, and one for each session and write.
    expect(member.status().lastIndex).toBe(2 + 64 + 100);
    await store.read();
    expect(time.waitingCount).toBe(0);
  });

  test("one write after the other takes one session", async () => {
    const { store, member } = await lone();
    for (let place = 0; place < 20; place++) await store.put(target(`t${place}`));
    expect(member.status().lastIndex).toBe(2 + 1 + 20);
  });

  test("a disk that fails is told at once: what was under way is unknown, what comes later failed", async () => {
    let isBroken = false;
    const { store, member } = await lone({}, (storage) => ({
      ...storage,
      store: (write, done) =>
        storage.store(write, (result) =>
          done(isBroken ? { ok: false, detail: "no space left" } : result),
        ),
    }));
    await store.put(target("a"));
    isBroken = true;
    const detail = "the log could not be stored: no space left";
    const refused = { ok: false, reason: "unavailable", detail } as const;
    expect(await store.put(target("b"))).toEqual({ ...refused, outcome: "unknown" });
    expect(member.status().halted).toBe(detail);
    expect(await store.put(target("c"))).toEqual({ ...refused, outcome: "failed" });
    expect(await store.read()).toEqual(refused);
    expect([...store.readLocal().targets.keys()]).toEqual(["a"]);
  });

  test("close() answers what is under way, and refuses what comes later", async () => {
    const { store, time } = await lone();
    await store.put(target("a"));
    const writes = [store.put(target("b")), store.put(target("c"))];
    store.close();
    const stopping = "this monitor is stopping";
    expect(await Promise.all(writes)).toEqual([
      { ok: false, reason: "unavailable", outcome: "unknown", detail: "no answer came" },
      { ok: false, reason: "unavailable", outcome: "failed", detail: "no answer came" },
    ]);
    expect(await store.put(target("d"))).toMatchObject({ outcome: "failed", detail: stopping });
    expect(time.waitingCount).toBe(0);
  });

  test.each([
    { deadlineMs: 0 },
    { maxWritesUnderWay: 0 },
    { maxWritesUnderWay: 1_001 },
    { maxWritesWaiting: -1 },
  ])("%j is a RangeError", (options) => {
    const member = {
      propose: () => {},
      read: () => {},
      briefStatus: () => ({ halted: undefined, leader: undefined, term: 0 }),
    };
    const make = () =>
      new RaftConfigStore({
        member,
        machine: new ConfigMachine(),
        timers: new VirtualTime(),
        ...options,
      });
    expect(make).toThrow(RangeError);
  });
});
