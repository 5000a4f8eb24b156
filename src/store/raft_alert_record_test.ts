/** The alert record of three monitors, in virtual time. */
import { describe, expect, test } from "bun:test";
import { makeTarget } from "../../test/kit/target.ts";
import { encodeOnce, SessionStateMachine } from "../raft/mod.ts";
import { encodeAlertCommand } from "./alert_codec.ts";
import { ConfigMachine } from "./config_machine.ts";
import { close, notify, open, settle, silence } from "./_test_alert_commands.ts";
import { TestStores } from "../../test/kit/test_stores.ts";

const IDS = ["a", "b", "c"];

/** As the version before this one: the config alone. */
const formerly = () => new SessionStateMachine(new ConfigMachine());

describe("the alert record of three monitors", () => {
  test("has what any of them wrote at all of them, and keeps it through the leader's death", async () => {
    const cluster = new TestStores(IDS);
    const leader = cluster.elect();
    const [follower, third] = cluster.followers();
    const write = follower!.alertRecord.run(open("x"));
    expect((await cluster.within(500, write)).value).toEqual({ ok: true, count: 1 });
    expect(follower!.alertRecord.readLocal().incidents.size).toBe(1);
    await cluster.within(500, leader.alertRecord.run(notify("r", [1])));
    leader.crash();
    const read = await cluster.within(
      3_000,
      again(() => third!.alertRecord.read()),
    );
    expect(read.value).toMatchObject({ ok: true });
    expect(third!.alertRecord.readLocal().notices.get("r")).toMatchObject({ firing: [1] });
    await cluster.within(2_000, third!.alertRecord.run(settle(2)));
    leader.start();
    cluster.time.pass(3_000);
    expect(leader.alertRecord.readLocal()).toEqual(third!.alertRecord.readLocal());
  });

  test("is in the snapshot that one gets who was away, beside the config", async () => {
    const member = { snapshotAfterBytes: 1_000, keepTailEntries: 2 };
    const cluster = new TestStores(IDS, { member });
    const leader = cluster.elect();
    const [follower] = cluster.followers();
    cluster.isolate(follower!);
    await cluster.within(500, leader.store.put(makeTarget({ name: "x" })));
    for (let count = 0; count < 30; count++) {
      await cluster.within(500, leader.alertRecord.run(open(`t${count}`)));
    }
    await cluster.within(500, leader.alertRecord.run(close(1)));
    await cluster.within(500, leader.alertRecord.run(silence("s")));
    cluster.heal();
    cluster.time.pass(3_000);
    expect(follower!.alertRecord.readLocal()).toEqual(leader.alertRecord.readLocal());
    expect(follower!.alertRecord.readLocal().incidents.size).toBe(30);
    expect(follower!.replica.has("x")).toBe(true);
  });

  test("without a quorum a command says that it failed or is unknown, within the deadline", async () => {
    const cluster = new TestStores(IDS);
    const leader = cluster.elect();
    // With a session, so that the command itself is under way.
    await cluster.within(500, leader.alertRecord.run(open("w")));
    cluster.isolate(leader);
    const { value, tookMs } = await cluster.within(1_600, leader.alertRecord.run(open("x")));
    expect(value).toMatchObject({ reason: "unavailable", outcome: "unknown" });
    expect(tookMs).toBeLessThanOrEqual(1_510);
  });
});

describe("a member of a version that knows of no alerts", () => {
  test("passes commands over, goes on with the config, and has all of it once it is updated", async () => {
    const cluster = new TestStores(IDS);
    const leader = cluster.elect();
    const [old] = cluster.followers();
    old!.crash();
    old!.start(formerly());
    cluster.elect();
    await cluster.within(1_500, leader.alertRecord.run(open("x")));
    await cluster.within(1_500, leader.store.put(makeTarget({ name: "y" })));
    cluster.time.pass(500);
    expect(old!.member!.status()).toMatchObject({ unreadableEntries: 1, halted: undefined });
    expect(old!.alertRecord.isUntouched).toBe(true);
    old!.crash();
    old!.start();
    cluster.time.pass(1_000);
    expect(old!.member!.status()).toMatchObject({ unreadableEntries: 0, halted: undefined });
    expect(old!.alertRecord.readLocal()).toEqual(leader.alertRecord.readLocal());
    expect(old!.replica.has("y")).toBe(true);
  });

  test("stops with a sentence at a snapshot that has alerts, and the others go on", async () => {
    const member = { snapshotAfterBytes: 500, keepTailEntries: 2 };
    const cluster = new TestStores(IDS, { member });
    const leader = cluster.elect();
    const [old] = cluster.followers();
    old!.crash();
    for (let count = 0; count < 20; count++) {
      await cluster.within(1_500, leader.alertRecord.run(open(`t${count}`)));
    }
    old!.start(formerly());
    cluster.time.pass(2_000);
    expect(old!.member!.status().halted).toContain("format version 2, which is not read here");
    expect((await cluster.within(1_500, leader.alertRecord.run(open("z")))).value).toMatchObject({
      ok: true,
    });
  });

  test("reads the snapshots of one that does not alert", async () => {
    const member = { snapshotAfterBytes: 500, keepTailEntries: 2 };
    const cluster = new TestStores(IDS, { member });
    const leader = cluster.elect();
    const [old] = cluster.followers();
    old!.crash();
    for (let count = 0; count < 20; count++) {
      await cluster.within(1_500, leader.store.put(makeTarget({ name: `t${count}` })));
    }
    old!.start(formerly());
    cluster.time.pass(2_000);
    const { appliedIndex, halted } = old!.member!.status();
    expect(halted).toBeUndefined();
    expect(appliedIndex).toBe(leader.member!.status().appliedIndex);
  });
});

test("a command that a session made is made once, however often it is proposed", async () => {
  const cluster = new TestStores(IDS);
  const leader = cluster.elect();
  const data = encodeOnce(encodeAlertCommand(open("x")));
  for (let count = 0; count < 3; count++) leader.member!.propose(data, () => {});
  cluster.time.pass(200);
  expect([...leader.alertRecord.readLocal().incidents.keys()]).toEqual([1]);
});

/** What a client does. */
async function again<T extends { readonly ok: boolean }>(ask: () => Promise<T>): Promise<T> {
  const first = await ask();
  return first.ok ? first : ask();
}
