/**
 * The sentences of the Raft paper (extended version) on log compaction, §7 and figure 13, one by one;
 * thesis §5.1 says the same. Where phi goes about it in its own way, a comment says so:
 * - a snapshot is one message to the core, and a stream of its own to the transport;
 * - compaction is a step of its own, that may keep a tail behind the snapshot;
 * - a follower that has what a snapshot covers keeps its entries, and takes it for a commit.
 */
import { describe, expect, test } from "bun:test";
import {
  bytes,
  entriesOf,
  entryOf,
  LoneMember,
  membershipEntry,
  membershipWith,
  snapshotOf,
} from "./_test_core.ts";
import type { MessageBody } from "./message.ts";

/** Has applied 2..5 of the terms 1, 2, 2, 3, and holds 6 beyond. */
const applied = () => {
  const member = new LoneMember({ terms: [1, 2, 2, 3, 3], commit: 5 });
  member.step({ kind: "applied", index: 1 });
  return member;
};
const snapshotAt = (member: LoneMember, index: number) =>
  member.step({ kind: "snapshotTaken", index, data: bytes(`state@${index}`) });
const install = (
  index: number,
  term: number,
  membership = membershipWith(["a", "b", "c"]),
): MessageBody => ({
  kind: "installSnapshot",
  snapshot: snapshotOf(index, term, membership),
});

const reject = (leader: LoneMember, hintIndex: number) => {
  const { nextIndex } = leader.status.peers[0]!;
  const result = { ok: false, rejectedIndex: nextIndex - 1, hintIndex, hintTerm: 0 } as const;
  return leader.receive("b", { kind: "appendResponse", result });
};

test('"This happens when the leader has already discarded the next log entry that it needs to send to a follower"', () => {
  // Entry 5 is covered by the snapshot, but not discarded: entries will do.
  const leader = applied().lead();
  leader.receive("c", { kind: "appendResponse", result: { ok: true, matchIndex: 7 } });
  snapshotAt(leader, 5);
  leader.step({ kind: "compact", throughIndex: 4 });
  leader.takeSent();
  reject(leader, 4);
  expect(leader.sentOf("appendRequest", "b")).toMatchObject([{ prevLogIndex: 4, prevLogTerm: 2 }]);
  expect(leader.effectsOf("sendSnapshot")).toEqual([]);
  reject(leader, 3);
  expect(leader.effectsOf("sendSnapshot")).toMatchObject([{ to: "b", index: 5, term: 4 }]);
  expect(leader.status.peers[0]).toMatchObject({ id: "b", state: "snapshot" });
});

describe("§7, taking a snapshot", () => {
  test('"Each server takes snapshots independently, covering just the committed entries in its log"', () => {
    const member = applied();
    // More than is applied is not there to be covered.
    snapshotAt(member, 6);
    expect(member.status.snapshotIndex).toBe(1);
    snapshotAt(member, 5);
    expect(member.status.snapshotIndex).toBe(5);
    expect(member.status.role).toBe("follower");
  });

  test("one that is not newer than the last is ignored", () => {
    const member = applied();
    snapshotAt(member, 4);
    for (const index of [3, 4]) expect(snapshotAt(member, index)).toEqual([]);
    expect(snapshotAt(member, 5)).toMatchObject([{ kind: "store" }]);
  });

  test('"the last included index is the index of the last entry in the log that the snapshot replaces (the last entry the state machine had applied), and the last included term is the term of this entry"', () => {
    const member = applied();
    snapshotAt(member, 4);
    expect(member.disk.snapshot).toMatchObject({ index: 4, term: 2, data: bytes("state@4") });
  });

  test('"the snapshot also includes the latest configuration in the log as of last included index"', () => {
    const entries = [
      entryOf(2, 1),
      membershipEntry(3, 1, membershipWith(["a", "b"])),
      entryOf(4, 1),
      membershipEntry(5, 1, membershipWith(["a"])),
    ];
    const configurationAt = [2, 3, 4, 5].map((index) => {
      const member = new LoneMember({ entries, commit: 5 });
      member.step({ kind: "applied", index: 1 });
      snapshotAt(member, index);
      return member.disk.snapshot?.membership.voters.length;
    });
    expect(configurationAt).toEqual([3, 2, 2, 1]);
  });

  test('"Once a server completes writing a snapshot, it may delete all log entries up through the last included index, as well as any prior snapshot"', () => {
    const member = applied();
    member.holdsStores = true;
    member.receive("b", install(1, 1), 4);
    snapshotAt(member, 5);
    // Not before; nor once what was written before it is.
    member.step({ kind: "compact", throughIndex: 5 });
    member.flush(1);
    member.step({ kind: "compact", throughIndex: 5 });
    expect(member.status.compacted.index).toBe(1);
    member.flush();
    member.step({ kind: "compact", throughIndex: 5 });
    member.flush();
    expect(member.status.compacted).toEqual({ index: 5, term: 3 });
    expect(member.disk.entries.map(({ index }) => index)).toEqual([6]);
    expect(member.disk.snapshot?.index).toBe(5);
  });

  test("what no stored snapshot covers is kept, whatever is asked; a tail may be kept as well", () => {
    const member = applied();
    snapshotAt(member, 4);
    member.step({ kind: "compact", throughIndex: 3 });
    expect(member.status.compacted).toEqual({ index: 3, term: 2 });
    member.step({ kind: "compact", throughIndex: 99 });
    expect(member.status.compacted).toEqual({ index: 4, term: 2 });
  });

  test('"These are preserved to support the AppendEntries consistency check for the first log entry following the snapshot, since that entry needs a previous log index and term"', () => {
    const member = applied();
    snapshotAt(member, 5);
    member.step({ kind: "compact", throughIndex: 5 });
    member.restart();
    member.step({ kind: "applied", index: 5 });
    for (const prevLogTerm of [2, 3]) {
      const entries = [entryOf(6, 4)];
      const request = { kind: "appendRequest", prevLogIndex: 5, prevLogTerm, entries } as const;
      member.receive("b", { ...request, leaderCommit: 5 }, 4);
    }
    expect(member.sentOf("appendResponse").map(({ result }) => result.ok)).toEqual([false, true]);
    const leader = new LoneMember({ terms: [1, 2, 2, 3], commit: 5 });
    leader.step({ kind: "applied", index: 1 });
    snapshotAt(leader, 5);
    leader.step({ kind: "compact", throughIndex: 5 });
    leader.campaign();
    leader.receive("b", { kind: "voteResponse", isGranted: true });
    expect(leader.sentOf("appendRequest", "b")).toMatchObject([
      { prevLogIndex: 5, prevLogTerm: 3 },
    ]);
  });
});

describe("§7, sending a snapshot", () => {
  test("while a snapshot is under way nothing else is appended there, and others are not held up", () => {
    const leader = applied().lead();
    leader.receive("c", { kind: "appendResponse", result: { ok: true, matchIndex: 7 } });
    snapshotAt(leader, 5);
    leader.step({ kind: "compact", throughIndex: 5 });
    reject(leader, 2);
    leader.takeSent();
    leader.propose("x");
    leader.receive("b", { kind: "heartbeatResponse", round: 0 });
    expect(leader.sentOf("appendRequest").map(({ to }) => to)).toEqual(["c"]);
    leader.tick();
    expect(leader.sentOf("heartbeatRequest").map(({ to }) => to)).toEqual(["b", "c"]);
    // Handed over: entries after it, once the follower shows that it lives.
    leader.step({ kind: "snapshotResult", to: "b", index: 5, ok: true });
    leader.takeSent();
    leader.propose("y", 2);
    expect(leader.sentOf("appendRequest", "b")).toEqual([]);
    leader.receive("b", { kind: "heartbeatResponse", round: 0 });
    expect(leader.sentOf("appendRequest", "b")).toMatchObject([
      { prevLogIndex: 5, prevLogTerm: 3 },
    ]);
  });

  test("one that could not be handed over is sent again, an election timeout later", () => {
    const leader = applied().lead();
    leader.receive("c", { kind: "appendResponse", result: { ok: true, matchIndex: 7 } });
    snapshotAt(leader, 5);
    leader.step({ kind: "compact", throughIndex: 5 });
    reject(leader, 2);
    leader.step({ kind: "snapshotResult", to: "b", index: 5, ok: false });
    expect(leader.effectsOf("sendSnapshot")).toHaveLength(1);
    leader.receive("b", { kind: "heartbeatResponse", round: 0 });
    expect(leader.effectsOf("sendSnapshot")).toHaveLength(1);
    for (let tick = 0; tick < 10; tick++) {
      leader.tick();
      leader.receive("b", { kind: "heartbeatResponse", round: 0 });
      leader.receive("c", { kind: "heartbeatResponse", round: 0 });
    }
    expect(leader.effectsOf("sendSnapshot")).toHaveLength(2);
  });

  test("a follower that does not answer is not worth a snapshot", () => {
    const leader = applied().lead();
    leader.acknowledge("b", 3);
    leader.acknowledge("c", 7);
    snapshotAt(leader, 5);
    leader.step({ kind: "compact", throughIndex: 5 });
    leader.step({ kind: "unreachable", peer: "b" });
    for (let tick = 1; tick <= 11; tick++) {
      leader.tick();
      leader.receive("c", { kind: "heartbeatResponse", round: 0 });
    }
    leader.propose("x");
    expect(leader.effectsOf("sendSnapshot")).toEqual([]);
    leader.receive("b", { kind: "heartbeatResponse", round: 0 });
    expect(leader.effectsOf("sendSnapshot")).toHaveLength(1);
  });
});

describe("figure 13, InstallSnapshot", () => {
  test('"Reply immediately if term < currentTerm"', () => {
    const member = new LoneMember({ term: 4 });
    member.receive("b", install(9, 3), 3);
    expect(member.sent).toMatchObject([{ to: "b", term: 4 }]);
    expect(member.status.lastIndex).toBe(1);
  });

  test('"Save snapshot file, discard any existing or partial snapshot with a smaller index"', () => {
    const member = applied();
    snapshotAt(member, 4);
    member.receive("b", install(9, 3));
    expect(member.disk.snapshot).toEqual(snapshotOf(9, 3));
    // And one that is older than what is here already is of no use.
    member.receive("b", install(4, 2));
    expect(member.disk.snapshot?.index).toBe(9);
    expect(member.sentOf("appendResponse").map(({ result }) => result)).toEqual([
      { ok: true, matchIndex: 9 },
      { ok: true, matchIndex: 9 },
    ]);
  });

  test('"If existing log entry has same index and term as snapshot\'s last included entry, retain log entries following it and reply"', () => {
    const member = new LoneMember({ terms: [1, 2, 2, 2], term: 3 });
    member.receive("b", install(4, 2));
    expect(member.terms).toEqual([1, 2, 2, 2]);
    expect(member.status).toMatchObject({ commitIndex: 4, appliedIndex: 4, lastIndex: 5 });
    expect(member.applied.map(({ index }) => index)).toEqual([2, 3, 4]);
    expect(member.sentOf("appendResponse")).toMatchObject([
      { result: { ok: true, matchIndex: 4 } },
    ]);
  });

  test('"the follower discards its entire log; it is all superseded by the snapshot and may possibly have uncommitted entries that conflict with the snapshot"', () => {
    for (const terms of [[1], [1, 2, 2, 2, 2, 2]]) {
      const member = new LoneMember({ terms, term: 3 });
      member.receive("b", install(4, 3));
      expect(member.status).toMatchObject({ lastIndex: 4, lastTerm: 3, commitIndex: 4 });
      expect([member.entries, member.disk.entries]).toEqual([[], []]);
      member.restart();
      expect(member.status).toMatchObject({ lastIndex: 4, lastTerm: 3, snapshotIndex: 4 });
    }
  });

  test('"Reset state machine using snapshot contents (and load snapshot\'s cluster configuration)"', () => {
    const member = new LoneMember();
    member.holdsStores = true;
    member.receive("b", install(4, 3, membershipWith(["a", "b"], ["d"])), 3);
    // The configuration at once, as with an entry; the contents once they are durable, and so is the answer.
    expect(member.status.membership).toEqual(membershipWith(["a", "b"], ["d"]));
    expect([member.effectsOf("apply"), member.sent]).toEqual([[], []]);
    member.flush();
    expect(member.effectsOf("apply")).toMatchObject([{ snapshot: { index: 4 }, entries: [] }]);
    expect(member.sentOf("appendResponse")).toMatchObject([
      { result: { ok: true, matchIndex: 4 } },
    ]);
    member.receive("b", {
      kind: "appendRequest",
      prevLogIndex: 4,
      prevLogTerm: 3,
      entries: entriesOf([3], 5),
      leaderCommit: 5,
    });
    member.flush();
    expect(member.applied.map(({ index }) => index)).toEqual([5]);
  });

  test("a crash before it is durable leaves the member as it was", () => {
    const member = new LoneMember({ terms: [1, 1], term: 3 });
    member.holdsStores = true;
    member.receive("b", install(9, 3));
    member.restart();
    expect(member.status).toMatchObject({ lastIndex: 3, commitIndex: 1, snapshotIndex: 1 });
  });

  test('"this gives the follower a sign of life", so it "can reset its election timer"', () => {
    const member = new LoneMember({ term: 2 });
    member.tick(9);
    member.receive("b", install(4, 2));
    member.tick(9);
    expect(member.status).toMatchObject({ role: "follower", leader: "b" });
  });
});
