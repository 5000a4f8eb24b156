import { describe, expect, test } from "bun:test";
import { TestDisk } from "./_test_cluster.ts";
import { bytes, textOf } from "./_test_core.ts";
import { LedgerMachine } from "./_test_ledger_machine.ts";
import { type TestHost, TestMembers } from "./_test_members.ts";
import { entryBytes } from "./entry.ts";
import type { Message } from "./message.ts";
import type { AppliedCommand, ApplyResult } from "./state_machine.ts";

/** Cuts a host off. */
const without =
  ({ id }: TestHost) =>
  ({ from, to }: Message) =>
    from !== id && to !== id;

test("a write that was acknowledged outlives a voter's disk: who lost it elects nobody", () => {
  const cluster = new TestMembers(["a", "b", "c"]);
  const leader = cluster.elect();
  const [behind, wiped] = cluster.othersThan(leader) as [TestHost, TestHost];
  cluster.delivers = without(behind);
  const asked = leader.propose("acknowledged");
  cluster.run(3);
  expect(asked.outcome?.kind).toBe("committed");

  wiped.disk = new TestDisk();
  wiped.start();
  leader.stop();
  cluster.delivers = () => true;
  cluster.run(100);
  expect(cluster.leader).toBeUndefined();
  leader.start();
  cluster.run(100);
  expect(cluster.leader).toBe(leader);
  for (const host of cluster.hosts.values()) expect(host.machine.ledger).toEqual(["acknowledged"]);
});

describe("disks that are slow", () => {
  test("all of them, as slow as an election timeout: the leader stays, and commits go on", () => {
    const cluster = new TestMembers(["a", "b", "c"]);
    const leader = cluster.elect();
    const { term } = leader.status;
    for (const host of cluster.hosts.values()) host.commitTicks = 10;
    const asked = Array.from({ length: 300 }, (_, place) => {
      const proposal = leader.propose(`${place}`);
      cluster.run();
      return proposal;
    });
    cluster.run(40);
    expect(cluster.leader).toBe(leader);
    expect(leader.status.term).toBe(term);
    for (const { outcome } of asked) expect(outcome?.kind).toBe("committed");
  });

  test("the leader's alone has stalled: another leads, and commits", () => {
    const cluster = new TestMembers(["a", "b", "c"]);
    const stalled = cluster.elect();
    stalled.commitTicks = Infinity;
    stalled.propose("while it leads");
    cluster.run(60);
    const successor = cluster.leader!;
    expect(successor).not.toBe(stalled);
    const asked = successor.propose("afterwards");
    cluster.run(3);
    expect(asked.outcome?.kind).toBe("committed");
    expect(successor.machine.ledger).toEqual(["while it leads", "afterwards"]);
  });
});

/** What a version makes of a command of a later one. */
function asOfEarlierVersion(message: Message): Message {
  if (message.kind !== "appendRequest") return message;
  const entries = message.entries.map((entry) => {
    const { body } = entry;
    return body.kind === "command" && textOf(body.data).startsWith("later:")
      ? { ...entry, body: { kind: "unreadable" as const, code: 77, bytes: bytes("xx") } }
      : entry;
  });
  return { ...message, entries };
}

class FailingMachine extends LedgerMachine {
  override apply(command: AppliedCommand): ApplyResult {
    if (textOf(command.data).startsWith("later:")) throw new Error("what is this?");
    return super.apply(command);
  }
}

/** What makes a member pass over the commands that begin with "later:". */
const REASONS_TO_PASS_OVER: [string, (host: TestHost) => void][] = [
  ["it cannot read", (host) => (host.reads = asOfEarlierVersion)],
  ["its state machine throws at", (host) => host.start(new FailingMachine())],
];

describe.each(REASONS_TO_PASS_OVER)("a member that comes to an entry which %s", (_, equip) => {
  /** `old` has passed over the entry at `index`, and gone on beyond many snapshots of the others'. */
  const passedOver = () => {
    const options = { snapshotAfterBytes: 200, keepTailEntries: 0 };
    const cluster = new TestMembers(["a", "b", "c"], options);
    const leader = cluster.elect();
    const old = cluster.othersThan(leader)[0]!;
    equip(old);
    cluster.run(3);
    const asked = leader.propose("later:x");
    cluster.run(3);
    const index = asked.outcome?.kind === "committed" ? asked.outcome.index : NaN;
    const more = Array.from({ length: 20 }, (_entry, place) => `${place}`);
    for (const text of more) {
      leader.propose(text);
      cluster.run();
    }
    cluster.run(3);
    return { cluster, leader, old, index, ledger: ["later:x", ...more] };
  };

  test("goes on, and the others do not notice", () => {
    const { leader, old, index, ledger } = passedOver();
    expect(leader.machine.ledger).toEqual(ledger);
    expect(leader.status.snapshotIndex).toBeGreaterThan(index);
    expect(old.machine.ledger).toEqual(ledger.slice(1));
    expect(old.status).toMatchObject({
      unreadableEntries: 1,
      halted: undefined,
      appliedIndex: leader.status.appliedIndex,
    });
  });

  test("takes no snapshot at or past it, and keeps it in the log", () => {
    const { old, index } = passedOver();
    expect(old.status.snapshotIndex).toBeLessThan(index);
    expect(old.disk.entries.map((entry) => entry.index)).toContain(index);
  });

  test("answers no read past it, and says why", () => {
    const { cluster, leader, old, index } = passedOver();
    const [here, elsewhere] = [old.read(), leader.read()];
    cluster.run(3);
    expect(here.outcome).toEqual({
      ok: false,
      reason: `this version of phi cannot read entry ${index}`,
    });
    expect(elsewhere.outcome).toMatchObject({ ok: true });
  });

  test("has it still after a restart, and passes over it again", () => {
    const { cluster, old, index } = passedOver();
    const machine = old.machine instanceof FailingMachine ? new FailingMachine() : undefined;
    old.start(machine);
    cluster.run(3);
    const read = old.read();
    cluster.run(3);
    expect(old.member.core.entryAt(index)).toBeDefined();
    expect(old.status.unreadableEntries).toBe(1);
    expect(read.outcome).toMatchObject({ ok: false });
  });

  test("has all again by a snapshot from one that could read it", () => {
    const { cluster, leader, old, ledger } = passedOver();
    cluster.delivers = without(old);
    for (const text of ["p", "q", "r", "s", "t", "u", "v", "w"]) {
      leader.propose(text);
      cluster.run();
    }
    expect(leader.status.compacted.index).toBeGreaterThan(old.status.lastIndex);
    cluster.delivers = () => true;
    cluster.run(5);
    const read = old.read();
    cluster.run(3);
    expect(read.outcome).toMatchObject({ ok: true });
    expect(old.machine.ledger).toEqual([...ledger, "p", "q", "r", "s", "t", "u", "v", "w"]);
    const { snapshotIndex } = old.status;
    for (let count = 0; count < 20; count++) leader.propose("more");
    cluster.run(5);
    expect(old.status.snapshotIndex).toBeGreaterThan(snapshotIndex);
  });
});

test("an entry that could not be read is applied by the version that can", () => {
  const cluster = new TestMembers(["a"], { snapshotAfterBytes: 200, keepTailEntries: 0 });
  const host = cluster.elect();
  host.start(new FailingMachine());
  cluster.elect();
  for (let count = 0; count < 10; count++) host.propose(count === 2 ? "later:x" : `${count}`);
  cluster.run(3);
  expect(host.machine.ledger).not.toContain("later:x");
  host.start();
  cluster.elect();
  expect(host.machine.ledger).toEqual(["0", "1", "later:x", "3", "4", "5", "6", "7", "8", "9"]);
  expect(host.status.unreadableEntries).toBe(0);
});

const tailOf = (options: { keepTailEntries?: number; keepTailBytes?: number }) => {
  const cluster = new TestMembers(["a"], { snapshotAfterBytes: 10_000, ...options });
  const host = cluster.elect();
  for (let count = 0; count < 150; count++) host.propose("x".repeat(100 - 32));
  cluster.run(3);
  const { compacted, snapshotIndex } = host.status;
  expect(snapshotIndex).toBeGreaterThan(100);
  const tail = host.disk.entries.filter(({ index }) => index <= snapshotIndex);
  expect(tail).toHaveLength(snapshotIndex - compacted.index);
  return { entries: tail.length, bytes: tail.reduce((sum, entry) => sum + entryBytes(entry), 0) };
};

describe("the tail that is kept behind a snapshot", () => {
  test("is bounded by keepTailBytes and by keepTailEntries, whichever is reached first", () => {
    expect(tailOf({ keepTailBytes: 1_000 })).toEqual({ entries: 10, bytes: 1_000 });
    expect(tailOf({ keepTailBytes: 1_099 })).toEqual({ entries: 10, bytes: 1_000 });
    expect(tailOf({ keepTailEntries: 7 })).toEqual({ entries: 7, bytes: 700 });
    expect(tailOf({ keepTailEntries: 7, keepTailBytes: 500 })).toEqual({ entries: 5, bytes: 500 });
    expect(tailOf({ keepTailBytes: 99 })).toEqual({ entries: 0, bytes: 0 });
    expect(tailOf({ keepTailEntries: 0 })).toEqual({ entries: 0, bytes: 0 });
  });
});

test("a large state is not written over and over: a snapshot waits for as much as the last one had", () => {
  const cluster = new TestMembers(["a"], { snapshotAfterBytes: 100 });
  const host = cluster.elect();
  host.propose("x".repeat(10_000));
  cluster.run(2);
  const { snapshotIndex } = host.status;
  expect(snapshotIndex).toBe(host.status.lastIndex);
  for (let count = 0; count < 9; count++) {
    host.propose("y".repeat(1_000));
    cluster.run(2);
  }
  expect(host.status.snapshotIndex).toBe(snapshotIndex);
  host.propose("z".repeat(1_000));
  cluster.run(2);
  expect(host.status.snapshotIndex).toBe(host.status.lastIndex);
});
