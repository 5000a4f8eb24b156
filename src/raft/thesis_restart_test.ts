/**
 * The sentences of Ongaro's thesis on what a server keeps through a restart, §3.8, and on writing to
 * disks in parallel, §10.2.1, one by one. A write that is under way is held here, and a restart finds
 * only what was durable.
 */
import { describe, expect, test } from "bun:test";
import { TestCluster } from "./_test_cluster.ts";
import { bytes, diskOf, entriesOf, LoneMember, requestId } from "./_test_core.ts";
import type { MessageBody } from "./message.ts";

const append = (prevLogIndex: number, terms: readonly number[], leaderCommit = 1): MessageBody => ({
  kind: "appendRequest",
  prevLogIndex,
  prevLogTerm: 1,
  entries: entriesOf(terms, prevLogIndex + 1),
  leaderCommit,
});

describe("thesis §3.8", () => {
  test('"each server persists its current term and vote; this is necessary to prevent the server from voting twice in the same term"', () => {
    const member = new LoneMember();
    const request = {
      kind: "voteRequest",
      lastLogIndex: 9,
      lastLogTerm: 1,
      isTransfer: false,
    } as const;
    member.receive("b", request, 7);
    member.restart();
    expect(member.status).toMatchObject({ term: 7, vote: "b" });
    member.takeSent();
    member.receive("c", request, 7);
    expect(member.sent).toMatchObject([{ to: "c", isGranted: false }]);
    const candidate = new LoneMember().campaign();
    candidate.restart();
    candidate.takeSent();
    candidate.receive("b", request, 2);
    expect(candidate.sent).toMatchObject([{ to: "b", isGranted: false }]);
  });

  test('"… or replacing log entries from a newer leader with those from a deposed leader"', () => {
    const member = new LoneMember();
    member.receive("b", append(1, [3], 2), 3);
    member.restart();
    member.receive("c", append(1, [2, 2]), 2);
    expect(member.terms).toEqual([3]);
  });

  test('"Each server also persists new log entries before they are counted towards the entries\' commitment"', () => {
    const follower = new LoneMember();
    follower.holdsStores = true;
    follower.receive("b", append(1, [1]));
    expect(follower.sentOf("appendResponse")).toEqual([]);
    const leader = new LoneMember({ voters: ["a", "b", "c", "d", "e"] }).lead().commitAll();
    leader.holdsStores = true;
    leader.propose("x");
    for (const voter of ["b", "c"]) leader.acknowledge(voter, 3);
    expect(leader.status.commitIndex).toBe(2);
    leader.flush();
    expect(leader.status.commitIndex).toBe(3);
  });

  test("\"this prevents committed entries from being lost or 'uncommitted' when servers restart\"", () => {
    const cluster = new TestCluster(["a", "b", "c"]);
    cluster.elect("a");
    cluster.run(2);
    for (let sequence = 1; sequence <= 3; sequence++) {
      const commands = [{ id: requestId(sequence), data: bytes(`${sequence}`) }];
      cluster.step("a", { kind: "propose", commands });
    }
    // All at once, right after the acknowledgement.
    cluster.settle();
    expect(cluster.core("a").status().commitIndex).toBe(5);
    cluster.network = [];
    for (const id of ["a", "b", "c"]) cluster.start(id, cluster.member(id).disk);
    cluster.run(40);
    for (const { applied } of cluster.members.values()) {
      const ids = applied.flatMap(({ body }) =>
        body.kind === "command" ? [body.id.sequence] : [],
      );
      expect(ids).toEqual([1, 2, 3]);
    }
  });

  test('"the commit index, which can safely be reinitialized to zero on a restart"', () => {
    // phi stores it with whatever else is stored: what it finds may lag, and is caught up with.
    const voters = ["a", "b", "c"];
    const cluster = new TestCluster(voters);
    for (const id of voters) cluster.start(id, diskOf({ voters, terms: [1, 1, 1], commit: 1 }));
    expect(cluster.core("a").status().commitIndex).toBe(1);
    cluster.run(40);
    for (const { core } of cluster.members.values()) expect(core.status().commitIndex).toBe(5);
  });

  test("an idle member stores its commit index at the next tick, and not again", () => {
    const member = new LoneMember({ terms: [1, 1] });
    member.receive("b", { kind: "heartbeatRequest", leaderCommit: 3, round: 1 });
    expect(member.disk.hardState.commit).toBe(1);
    member.tick();
    expect(member.disk.hardState.commit).toBe(3);
    const stored = member.effectsOf("store").length;
    member.tick(3);
    expect(member.effectsOf("store")).toHaveLength(stored);
  });

  test("… one whose disk is at work does so after that", () => {
    const member = new LoneMember({ terms: [1, 1] });
    member.holdsStores = true;
    member.receive("b", { kind: "heartbeatRequest", leaderCommit: 1, round: 1 }, 2);
    member.receive("b", { kind: "heartbeatRequest", leaderCommit: 3, round: 2 });
    member.tick(3);
    expect(member.stores).toHaveLength(1);
    member.flush();
    member.tick();
    expect(member.stores.map(({ write }) => write.hardState?.commit)).toEqual([3]);
  });

  test("a member that finds its commit index applies up to there without a leader", () => {
    const member = new LoneMember({ terms: [1, 1, 1], commit: 3 });
    member.step({ kind: "applied", index: 1 });
    expect(member.applied.map(({ index }) => index)).toEqual([2, 3]);
  });

  test('"A volatile state machine must be recovered after restarts by reapplying log entries (after applying the latest snapshot …)"', () => {
    const member = new LoneMember({ terms: [1, 1, 1, 1], commit: 4 });
    member.step({ kind: "applied", index: 1 });
    member.step({ kind: "snapshotTaken", index: 3, data: bytes("state@3") });
    member.restart();
    expect(member.disk.snapshot?.data).toEqual(bytes("state@3"));
    member.applied = [];
    member.step({ kind: "applied", index: 3 });
    expect(member.applied.map(({ index }) => index)).toEqual([4]);
  });

  test('"If a server loses any of its persistent state, it cannot safely rejoin the cluster with its prior identity"', () => {
    // What such a member confirmed may be noticed: the leader commits what it no longer has.
    const forgetful = new LoneMember({ terms: [] });
    const effects = forgetful.receive("b", { kind: "heartbeatRequest", leaderCommit: 9, round: 1 });
    expect(effects).toMatchObject([{ kind: "dropped", what: "message" }]);
    expect(forgetful.status.commitIndex).toBe(1);
  });
});

describe("thesis §10.2.1", () => {
  test('"the leader can write to its disk in parallel with replicating to the followers and them writing to their disks"', () => {
    const leader = new LoneMember().lead().commitAll();
    leader.holdsStores = true;
    leader.propose("x");
    expect(leader.disk.entries.map(({ index }) => index)).toEqual([2]);
    expect(leader.sentOf("appendRequest").map(({ to, entries }) => [to, entries.length])).toEqual([
      ["b", 1],
      ["c", 1],
    ]);
  });

  test('"the leader uses its own match index to indicate the latest entry to have been durably written to its disk"', () => {
    const leader = new LoneMember().lead().commitAll();
    leader.holdsStores = true;
    leader.propose("x");
    expect(leader.status).toMatchObject({ lastIndex: 3, stableIndex: 2 });
    leader.acknowledge("b", 3);
    expect(leader.status.commitIndex).toBe(2);
    leader.flush();
    expect(leader.status).toMatchObject({ stableIndex: 3, commitIndex: 3 });
  });

  test('"The leader may even commit an entry before it has been written to its own disk, if a majority of followers have written it to their disks; this is still safe"', () => {
    const leader = new LoneMember().lead().commitAll();
    leader.holdsStores = true;
    leader.propose("x");
    for (const voter of ["b", "c"]) leader.acknowledge(voter, 3);
    expect(leader.status).toMatchObject({ commitIndex: 3, stableIndex: 2, appliedIndex: 2 });
    // Applied once it is durable here too: what a member shows, it has after a restart.
    leader.flush();
    expect(leader.status.appliedIndex).toBe(3);
  });

  test("a completion from an earlier term confirms nothing of what this term's log holds", () => {
    const member = new LoneMember();
    member.holdsStores = true;
    // Entry 2 is written in term 2, cut off in term 3, and put back by the leader of term 4.
    member.receive("b", append(1, [2]), 2);
    member.receive("c", append(1, [3]), 3);
    member.receive("b", append(1, [2], 2), 4);
    member.flush(1);
    expect(member.status).toMatchObject({ stableIndex: 1, commitIndex: 2, appliedIndex: 1 });
    member.flush(1);
    // A crash now would find the entry of term 3.
    expect(member.disk.entries.map(({ term }) => term)).toEqual([3]);
    expect(member.status.appliedIndex).toBe(1);
    member.flush();
    expect(member.status).toMatchObject({ stableIndex: 2, appliedIndex: 2 });
  });
});
