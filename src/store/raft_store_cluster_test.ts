import { describe, expect, test } from "bun:test";
import { makeTarget } from "../../test/kit/target.ts";
import { encodeOnce, type Message } from "../raft/mod.ts";
import { encodeWrite } from "./config_codec.ts";
import { microtasks, TestStores, type TestMonitor } from "../../test/kit/test_stores.ts";

const IDS = ["a", "b", "c"];
const target = (name: string, intervalMillis = 1_000) => makeTarget({ name, intervalMillis });

/** Three monitors, one of which leads, with a session open at each. */
async function setUp(options: ConstructorParameters<typeof TestStores>[1] = {}) {
  const cluster = new TestStores(IDS, options);
  const leader = cluster.elect();
  for (const { id, store } of cluster.monitors.values()) {
    await cluster.within(1_000, store.put(target(`of-${id}`)));
  }
  const [follower, third] = cluster.followers();
  return { cluster, leader, follower: follower!, third: third! };
}

const intervalOf = ({ store }: TestMonitor, name: string) =>
  store.readLocal().targets.get(name)?.target.intervalMillis;

describe("three monitors", () => {
  test("a write at any of them is answered when it is committed, and is soon at all of them", async () => {
    const { cluster } = await setUp();
    for (const [place, monitor] of [...cluster.monitors.values()].entries()) {
      const write = monitor.store.put(target("x", 2_000 + place));
      const { value } = await cluster.within(200, write);
      expect(value).toMatchObject({ ok: true, created: place === 0 });
      expect(intervalOf(monitor, "x")).toBe(2_000 + place);
      cluster.time.pass(100);
      for (const each of cluster.monitors.values()) {
        expect(intervalOf(each, "x")).toBe(2_000 + place);
        expect(each.replica.get("x")).toEqual(target("x", 2_000 + place));
      }
    }
  });

  test("a read has what another acknowledged before, where the local copy is behind", async () => {
    const { cluster, leader, follower, third } = await setUp();
    // The follower is told of the entry, and not that it is committed, before somebody asks.
    cluster.delivers = ({ to }) => to !== follower.id;
    await cluster.within(200, leader.store.put(target("x")));
    cluster.heal();
    expect(intervalOf(follower, "x")).toBeUndefined();
    const { value } = await cluster.within(1_500, follower.store.read());
    expect(value.ok && value.snapshot.targets.has("x")).toBe(true);
    expect(intervalOf(third, "x")).toBe(1_000);
  });

  test("the leader dies with a write: it is made under the next one, within the deadline, once", async () => {
    const { cluster, leader, follower, third } = await setUp();
    const write = follower.store.put(target("x"));
    cluster.time.pass(1);
    leader.crash();
    const { value } = await cluster.within(1_600, write);
    expect(value).toMatchObject({ ok: true, created: true });
    cluster.time.pass(1_000);
    for (const each of [follower, third]) {
      expect(each.heard.filter(([name]) => name === "x")).toEqual([["x", 1_000]]);
    }
    leader.start();
    cluster.time.pass(3_000);
    expect(leader.replica).toEqual(follower.replica);
  });

  test("a write during an election waits for its end", async () => {
    const { cluster, leader, follower } = await setUp();
    leader.crash();
    cluster.time.pass(550);
    const { value, tookMs } = await cluster.within(1_500, follower.store.delete("of-a"));
    expect(value).toMatchObject({ ok: true });
    expect(tookMs).toBeGreaterThan(0);
  });

  test("a write that is attempted twice is applied once, though another came in between", async () => {
    // The follower is not to lose its leader meanwhile.
    const { cluster, leader, follower, third } = await setUp({ member: { electionTicks: 30 } });
    const { lastIndex } = leader.member!.status();
    // What the follower asks gets through, and nothing of what comes of it gets back.
    cluster.delivers = ({ from, to }) => to !== follower.id || from === third.id;
    const write = follower.store.put(target("x", 1_111));
    cluster.time.pass(100);
    await cluster.within(200, leader.store.put(target("x", 2_222)));
    cluster.time.pass(450);
    cluster.heal();
    const { value } = await cluster.within(1_500, write);
    expect(value).toMatchObject({ ok: true, created: true });
    cluster.time.pass(1_000);
    // The write, the other one, and the write again.
    expect(leader.member!.status().lastIndex).toBe(lastIndex + 3);
    for (const each of cluster.monitors.values()) {
      expect(each.heard.filter(([name]) => name === "x")).toEqual([
        ["x", 1_111],
        ["x", 2_222],
      ]);
    }
  });

  test("a leader that is cut off cannot say what became of a write; it was not made in the end", async () => {
    const { cluster, leader, follower } = await setUp();
    cluster.isolate(leader);
    const { value, tookMs } = await cluster.within(1_600, leader.store.put(target("x")));
    expect(value).toMatchObject({ reason: "unavailable", outcome: "unknown" });
    expect(tookMs).toBeLessThanOrEqual(1_510);
    await cluster.within(1_500, follower.store.put(target("y")));
    cluster.heal();
    cluster.time.pass(3_000);
    expect([intervalOf(leader, "x"), intervalOf(leader, "y")]).toEqual([undefined, 1_000]);
  });

  test("a monitor that knows of no leader says that the write failed, and it has", async () => {
    const { cluster, follower } = await setUp();
    cluster.isolate(follower);
    cluster.time.pass(2_000);
    const { value } = await cluster.within(1_600, follower.store.put(target("x")));
    expect(value).toEqual({
      ok: false,
      reason: "unavailable",
      outcome: "failed",
      detail: "nothing came of it within 1500 ms: there is no leader",
    });
    cluster.heal();
    cluster.time.pass(5_000);
    for (const each of cluster.monitors.values()) expect(intervalOf(each, "x")).toBeUndefined();
  });

  test("without a quorum reads say so within the deadline, and the local copy answers", async () => {
    const { cluster, leader, follower, third } = await setUp();
    follower.crash();
    third.crash();
    for (let count = 0; count < 2; count++) {
      const { value, tookMs } = await cluster.within(1_600, leader.store.read());
      expect(value).toMatchObject({ ok: false, reason: "unavailable" });
      expect(tookMs).toBeLessThanOrEqual(1_510);
    }
    expect(leader.store.readLocal().targets.size).toBe(3);
    follower.start();
    expect((await cluster.within(3_000, retried(leader))).value.ok).toBe(true);
  });

  test("a monitor that starts again has its config before there is a leader", async () => {
    const { cluster } = await setUp();
    cluster.time.pass(500);
    for (const monitor of cluster.monitors.values()) monitor.crash();
    const first = cluster.monitor("a");
    first.start();
    expect(first.store.readLocal().targets.size).toBe(3);
    expect(first.replica.size).toBe(3);
  });

  test("a session that others pushed out is opened again, and the write is made", async () => {
    const { cluster, follower, third } = await setUp({ sessions: { maxSessions: 1 } });
    for (let count = 0; count < 5; count++) {
      for (const { store } of [follower, third]) {
        const { value } = await cluster.within(500, store.put(target("x", 2_000 + count)));
        expect(value).toMatchObject({ ok: true });
      }
    }
  });

  test("who is far behind gets a snapshot, hears what differs, and knows the keys", async () => {
    const member = { snapshotAfterBytes: 1_000, keepTailEntries: 2 };
    const { cluster, leader, follower } = await setUp({ member });
    const idempotency = { key: "k", digest: "d" };
    cluster.isolate(follower);
    const { value: first } = await cluster.within(
      500,
      leader.store.delete("of-a", { idempotency }),
    );
    for (let count = 0; count < 50; count++) {
      await cluster.within(500, leader.store.put(target("x", 2_000 + count)));
    }
    follower.heard.length = 0;
    cluster.heal();
    cluster.time.pass(3_000);
    await microtasks();
    expect(follower.replica).toEqual(leader.replica);
    expect(follower.heard.length).toBeLessThan(10);
    const again = follower.store.delete("of-a", { idempotency });
    expect((await cluster.within(500, again)).value).toEqual(first);
  });

  test("a write of a later version of phi is kept and shown, and reads say that it is missing here", async () => {
    const { cluster, leader, follower } = await setUp();
    const later = encodeWrite({ kind: "delete", name: "of-a" });
    later[0] = 2;
    follower.member!.propose(encodeOnce(later), () => {});
    cluster.time.pass(200);
    for (const { member, store } of cluster.monitors.values()) {
      expect(member!.status()).toMatchObject({ unreadableEntries: 1, halted: undefined });
      expect(store.readLocal().targets.has("of-a")).toBe(true);
    }
    const { value } = await cluster.within(1_600, leader.store.read());
    expect(value).toMatchObject({
      ok: false,
      detail: expect.stringContaining("this version of phi cannot read entry"),
    });
    expect((await cluster.within(500, leader.store.put(target("x")))).value.ok).toBe(true);
  });

  test("what is sent back and forth for a write is bounded while nobody leads", async () => {
    const { cluster, leader, follower } = await setUp();
    const asked: Message[] = [];
    cluster.delivers = (message) => {
      if (message.kind === "proposeRequest") asked.push(message);
      return message.to !== leader.id && message.from !== leader.id;
    };
    await cluster.within(1_600, follower.store.put(target("x")));
    expect(asked.length).toBeLessThanOrEqual(5);
  });
});

/** What a client does. */
async function retried({ store }: TestMonitor) {
  const read = await store.read();
  return read.ok ? read : store.read();
}
