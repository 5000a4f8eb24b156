/**
 * How a member ends: for good, alone, and without another word. What it could have said after a write
 * that failed might not be true.
 */
import { describe, expect, test } from "bun:test";
import { bytes, entriesOf, memberOf, snapshotOf } from "./_test_core.ts";
import { LoneDriver } from "./_test_driver.ts";
import { LedgerMachine } from "./_test_ledger_machine.ts";
import type { MessageBody } from "./message.ts";
import type { ProposalOutcome, ReadOutcome } from "./pending_requests.ts";
import type { AppliedCommand } from "./state_machine.ts";

const DISK_FULL = "the log could not be stored: disk full";

/** A leader that asked for a write and a read, and whose disk has just failed. */
function failedLeader() {
  const driver = new LoneDriver({ commits: false }).lead();
  driver.flush();
  const proposals: ProposalOutcome[] = [];
  const reads: ReadOutcome[] = [];
  for (const text of ["x", "y"]) {
    driver.member.propose(bytes(text), (outcome) => proposals.push(outcome));
  }
  driver.member.read((outcome) => reads.push(outcome));
  expect(driver.writes).toHaveLength(2);
  const [first] = driver.writes.splice(0);
  driver.sent.length = 0;
  driver.effects.length = 0;
  first!.done({ ok: false, detail: "disk full" });
  return { driver, proposals, reads };
}

describe("after a write that failed", () => {
  test("the member says why, once, and what waits is answered: proposals unknown, reads failed", () => {
    const { driver, proposals, reads } = failedLeader();
    expect(driver.halts).toEqual([DISK_FULL]);
    expect(driver.member.status().halted).toBe(DISK_FULL);
    expect(proposals).toEqual([
      { kind: "unknown", reason: DISK_FULL },
      { kind: "unknown", reason: DISK_FULL },
    ]);
    expect(reads).toEqual([{ ok: false, reason: DISK_FULL }]);
  });

  test("new proposals and changes are dropped, for certain and once, and new reads fail", () => {
    const { driver } = failedLeader();
    const outcomes: unknown[] = [];
    const note = (outcome: unknown) => outcomes.push(outcome);
    driver.member.propose(bytes("z"), note);
    driver.member.changeMembership({ kind: "addLearner", member: memberOf("d") }, note);
    driver.member.read(note);
    driver.tick(60);
    expect(outcomes).toEqual([
      { kind: "dropped", reason: DISK_FULL },
      { kind: "dropped", reason: DISK_FULL },
      { ok: false, reason: DISK_FULL },
    ]);
  });

  test("it sends nothing, stores nothing and applies nothing, whatever comes", () => {
    const { driver } = failedLeader();
    const before = driver.member.status();
    driver.tick(50);
    const bodies: MessageBody[] = [
      { kind: "appendResponse", result: { ok: true, matchIndex: before.lastIndex } },
      { kind: "heartbeatResponse", round: 1 },
      { kind: "voteRequest", lastLogIndex: 99, lastLogTerm: 99, isTransfer: true },
      { kind: "preVoteRequest", lastLogIndex: 99, lastLogTerm: 99 },
      { kind: "appendRequest", prevLogIndex: 1, prevLogTerm: 1, entries: [], leaderCommit: 9 },
    ];
    for (const body of bodies) driver.receive("b", body, before.term + 99);
    driver.member.transferLeadership("b");
    driver.member.unreachable("b");
    expect([driver.sent, driver.writes, driver.effects]).toEqual([[], [], []]);
    expect(driver.member.status()).toEqual(before);
    expect(driver.halts).toHaveLength(1);
  });

  test("a vote that could not be stored is not given", () => {
    const driver = new LoneDriver({ commits: false });
    const request = {
      kind: "voteRequest",
      lastLogIndex: 9,
      lastLogTerm: 1,
      isTransfer: false,
    } as const;
    driver.receive("b", request, 2);
    driver.writes.shift()!.done({ ok: false, detail: "disk full" });
    driver.receive("b", request, 2);
    expect([driver.sent, driver.writes]).toEqual([[], []]);
  });

  test("what a write behind it would have let go does not leave, though that write came through", () => {
    const driver = new LoneDriver({ commits: false });
    for (const index of [2, 3]) {
      const entries = entriesOf([1], index);
      const request = { kind: "appendRequest", prevLogIndex: index - 1, prevLogTerm: 1 } as const;
      driver.receive("b", { ...request, entries, leaderCommit: 1 });
    }
    const [first, second] = driver.writes;
    first!.done({ ok: false, detail: "disk full" });
    second!.done({ ok: true });
    expect(driver.sent).toEqual([]);
  });

  test("a snapshot that was being read for a peer does not leave either", () => {
    const driver = new LoneDriver({}, { snapshotAfterBytes: 1, keepTailEntries: 0 }).lead();
    driver.joinEmpty("d");
    driver.member.propose(bytes("x"), () => {});
    driver.writes.shift()!.done({ ok: false, detail: "disk full" });
    driver.snapshotReads[0]!({ ok: true, snapshot: driver.disk.snapshot! });
    driver.snapshotReads[0]!({ ok: false, detail: "bad block" });
    expect([driver.snapshots, driver.halts]).toEqual([[], [DISK_FULL]]);
  });

  test("commands that were still gathered are answered too", () => {
    const driver = new LoneDriver({ commits: false, gathers: true }).lead();
    driver.flush();
    const outcomes: ProposalOutcome[] = [];
    driver.member.propose(bytes("x"), (outcome) => outcomes.push(outcome));
    driver.soon.shift()!();
    driver.member.propose(bytes("y"), (outcome) => outcomes.push(outcome));
    driver.writes.shift()!.done({ ok: false, detail: "disk full" });
    expect(outcomes.map(({ kind }) => kind)).toEqual(["unknown", "unknown"]);
    driver.soon.shift()!();
    expect([driver.writes, outcomes.length]).toEqual([[], 2]);
  });
});

describe("what else ends a member:", () => {
  test("an invariant that breaks: here a storage that reports a write twice", () => {
    const driver = new LoneDriver({ commits: false });
    driver.receive("b", { kind: "heartbeatRequest", leaderCommit: 1, round: 1 }, 2);
    const { done } = driver.writes.shift()!;
    done({ ok: true });
    expect(() => done({ ok: true })).not.toThrow();
    expect(driver.halts).toEqual(["Raft invariant broken: store effects complete in order"]);
    driver.sent.length = 0;
    driver.tick(50);
    expect(driver.sent).toEqual([]);
  });

  test("an effect that cannot be carried out: a transport that throws", () => {
    const driver = new LoneDriver({});
    driver.onSend = () => {
      throw new Error("no memory");
    };
    expect(() => driver.tick(10)).not.toThrow();
    expect(driver.halts).toEqual(["no memory"]);
  });

  test("a snapshot that cannot be read for a peer", () => {
    const driver = new LoneDriver({}, { snapshotAfterBytes: 1, keepTailEntries: 0 }).lead();
    driver.joinEmpty("d");
    expect(driver.snapshotReads).toHaveLength(1);
    driver.snapshotReads[0]!({ ok: false, detail: "bad block" });
    expect(driver.halts).toEqual(["the snapshot could not be read: bad block"]);
  });

  test("a snapshot that the state machine cannot restore, at the start", () => {
    const machine = new LedgerMachine();
    machine.restore = () => ({ ok: false, error: "of a later version" });
    const driver = new LoneDriver({ machine, terms: [1], commit: 2 });
    const reason = "The snapshot at index 1 cannot be restored: of a later version";
    expect(driver.halts).toEqual([reason]);
    driver.tick(50);
    expect([driver.sent, driver.writes, machine.ledger]).toEqual([[], [], []]);
    expect(driver.member.status()).toMatchObject({ halted: reason, role: "follower" });
  });

  test("… or one that came from the leader: nothing after it is applied", () => {
    const machine = new LedgerMachine();
    const driver = new LoneDriver({ machine });
    const snapshot = snapshotOf(9, 2, undefined, "no ledger");
    driver.receive("b", { kind: "installSnapshot", snapshot }, 2);
    expect(driver.halts).toEqual(["The snapshot at index 9 cannot be restored: no ledger"]);
    const entries = entriesOf([2], 10);
    driver.receive("b", {
      kind: "appendRequest",
      prevLogIndex: 9,
      prevLogTerm: 2,
      entries,
      leaderCommit: 10,
    });
    expect(machine.ledger).toEqual([]);
    expect(driver.member.status().appliedIndex).toBe(1);
  });
});

describe("what does not end a member:", () => {
  test("a message that no correct peer sends: it is counted", () => {
    const driver = new LoneDriver({});
    driver.receive("b", { kind: "heartbeatRequest", leaderCommit: 99, round: 1 }, 2);
    driver.receive("b", { kind: "heartbeatRequest", leaderCommit: 1, round: 1 }, 0);
    expect(driver.member.status()).toMatchObject({ refusedMessages: 2, halted: undefined });
  });

  test("a callback that throws: whoever called gets it, and no entry is left out", () => {
    const machine = new LedgerMachine();
    const driver = new LoneDriver({ machine, voters: ["a"] });
    driver.tick(10);
    driver.flush();
    const outcomes: string[] = [];
    driver.member.propose(bytes("x"), () => {
      throw new Error("from a callback");
    });
    driver.member.propose(bytes("y"), ({ kind }) => outcomes.push(kind));
    expect(() => driver.flush()).toThrow("from a callback");
    driver.flush();
    driver.member.propose(bytes("z"), ({ kind }) => outcomes.push(kind));
    driver.flush();
    expect(machine.ledger).toEqual(["x", "y", "z"]);
    expect(outcomes).toEqual(["committed", "committed"]);
    expect(driver.halts).toEqual([]);
  });

  test("a state machine that throws at a command: the others are applied, on every member", () => {
    class Touchy extends LedgerMachine {
      override apply(command: AppliedCommand) {
        if (command.index === 3) throw new Error("touchy");
        return super.apply(command);
      }
    }
    const machine = new Touchy();
    const driver = new LoneDriver({ machine, terms: [1, 1, 1], commit: 4 });
    expect(machine.ledger).toEqual(["2@1", "4@1"]);
    expect(driver.member.status()).toMatchObject({ halted: undefined, unreadableEntries: 1 });
  });
});
