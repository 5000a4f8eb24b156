/**
 * The sentences of the Raft paper (extended version) on safety, §5.4, and the states of figures 3 and
 * 8, one by one. What each says of all times is the simulator's business; here it is shown where the
 * rule bites.
 */
import { describe, expect, test } from "bun:test";
import { TestCluster } from "./_test_cluster.ts";
import { bytes, diskOf, entriesOf, LoneMember, requestId } from "./_test_core.ts";

/** Whether a member with a log of these terms votes for a candidate whose log ends so. */
function votes(terms: readonly number[], lastLogIndex: number, lastLogTerm: number): boolean {
  const member = new LoneMember({ terms, term: 9 });
  const request = { lastLogIndex, lastLogTerm };
  member.receive("b", { kind: "preVoteRequest", ...request }, 10);
  member.receive("b", { kind: "voteRequest", ...request, isTransfer: false }, 10);
  const [preVote] = member.sentOf("preVoteResponse");
  const [vote] = member.sentOf("voteResponse");
  // Whoever would not get the vote is not led to ask for it.
  expect(preVote?.isGranted).toBe(vote!.isGranted);
  expect(member.disk.hardState.vote).toBe(vote!.isGranted ? "b" : undefined);
  return vote!.isGranted;
}

// Figure 8, one index later: the first is the snapshot's.
const voters = ["s1", "s2", "s3", "s4", "s5"];
const figure8c = () => {
  const cluster = new TestCluster(voters);
  const start = (id: string, terms: readonly number[], term: number) =>
    cluster.start(id, diskOf({ voters, terms, term }));
  start("s1", [1, 2], 2);
  start("s2", [1, 2], 2);
  start("s3", [1], 3);
  start("s4", [1], 3);
  // It led term 3, with the votes of s3, s4 and itself.
  start("s5", [1, 3], 3);
  return cluster;
};
const lead = (cluster: TestCluster, id: string, cutOff: string) => {
  cluster.delivers = ({ from, to }) => from !== cutOff && to !== cutOff;
  cluster.elect(id);
  expect(cluster.core(id).status().role).toBe("leader");
};
const termsOf = (cluster: TestCluster, id: string) =>
  cluster.member(id).disk.entries.map(({ term }) => term);

describe("§5.4.1", () => {
  test('"the voter denies its vote if its own log is more up-to-date than that of the candidate"', () => {
    expect(votes([1, 2, 2], 3, 2)).toBe(false);
    expect(votes([1, 2, 2], 4, 2)).toBe(true);
  });

  test('"If the logs have last entries with different terms, then the log with the later term is more up-to-date"', () => {
    expect(votes([1, 2, 2, 2, 2, 2], 2, 3)).toBe(true);
    expect(votes([1, 3], 9, 2)).toBe(false);
  });

  test('"If the logs end with the same term, then whichever log is longer is more up-to-date"', () => {
    expect([2, 3, 4, 5, 9].map((index) => votes([1, 3, 3], index, 3))).toEqual([
      false,
      false,
      true,
      true,
      true,
    ]);
  });

  test("a snapshot in the place of the log counts like the log", () => {
    const member = new LoneMember({ terms: [1, 4, 4], term: 4, commit: 4 });
    // What was committed before the start is applied first.
    member.step({ kind: "applied", index: 1 });
    member.step({ kind: "snapshotTaken", index: 4, data: bytes("") });
    member.step({ kind: "compact", throughIndex: 4 });
    expect(member.status.compacted).toEqual({ index: 4, term: 4 });
    member.receive(
      "b",
      { kind: "voteRequest", lastLogIndex: 3, lastLogTerm: 4, isTransfer: false },
      5,
    );
    expect(member.sentOf("voteResponse")).toMatchObject([{ isGranted: false }]);
  });
});

describe("§5.4.2", () => {
  test('"Raft never commits log entries from previous terms by counting replicas"', () => {
    const leader = new LoneMember({ terms: [2, 3], term: 3 }).lead();
    expect(leader.terms).toEqual([2, 3, 4]);
    for (const voter of ["b", "c"]) {
      leader.acknowledge(voter, 3);
      expect(leader.status.commitIndex).toBe(1);
    }
  });

  test('"once an entry from the current term has been committed in this way, then all prior entries are committed indirectly"', () => {
    const leader = new LoneMember({ terms: [2, 3], term: 3 }).lead();
    leader.acknowledge("b", 4);
    expect(leader.status.commitIndex).toBe(4);
    expect(leader.applied.map(({ term }) => term)).toEqual([2, 3, 4]);
  });

  test('"log entries retain their original term numbers when a leader replicates entries from previous terms"', () => {
    const leader = new LoneMember({ terms: [2, 3], term: 5 }).lead();
    const result = { ok: false, rejectedIndex: 3, hintIndex: 1, hintTerm: 1 } as const;
    leader.receive("b", { kind: "appendResponse", result });
    const sent = leader.sentOf("appendRequest", "b").flatMap(({ entries }) => entries);
    expect(sent.map(({ term }) => term)).toEqual([2, 3, 6]);
  });

  test("figure 8 (c), (d): an entry of an older term on a majority is not committed, and may be overwritten", () => {
    const cluster = figure8c();
    cluster.delivers = ({ from, to, ...body }) => {
      if (from === "s5" || to === "s5") return false;
      // Of what s1 replicates in term 4, only the old entry gets out, and only to s3.
      return (
        body.kind !== "appendRequest" ||
        (to === "s3" && body.entries.every(({ term }) => term === 2))
      );
    };
    cluster.elect("s1");
    const { term } = cluster.core("s1").status();
    expect(cluster.core("s1").status().role).toBe("leader");
    const entries = entriesOf([1, 2]).slice(1);
    const request = {
      kind: "appendRequest",
      prevLogIndex: 2,
      prevLogTerm: 1,
      entries,
      leaderCommit: 1,
    } as const;
    const message = cluster.core("s1").message("s3", request, term);
    cluster.step("s3", { kind: "message", message });
    cluster.settle();
    expect([termsOf(cluster, "s1"), termsOf(cluster, "s2"), termsOf(cluster, "s3")]).toEqual([
      [1, 2, term],
      [1, 2],
      [1, 2],
    ]);
    expect(cluster.core("s1").status().commitIndex).toBe(1);
    // (d): s1 crashes, s5 wins with s2, s3 and s4, and overwrites.
    lead(cluster, "s5", "s1");
    cluster.run(3);
    for (const id of ["s2", "s3", "s4", "s5"]) {
      expect(termsOf(cluster, id).slice(0, 2)).toEqual([1, 3]);
      expect(
        cluster
          .member(id)
          .applied.map((entry) => entry.term)
          .slice(0, 2),
      ).toEqual([1, 3]);
    }
  });

  test("figure 8 (e): once an entry of the leader's own term is on a majority, the old one is committed with it", () => {
    const cluster = figure8c();
    lead(cluster, "s1", "s5");
    cluster.run(3);
    const { term } = cluster.core("s1").status();
    expect(termsOf(cluster, "s3")).toEqual([1, 2, term]);
    expect(cluster.core("s1").status().commitIndex).toBe(4);
    // s5 cannot win any more.
    cluster.delivers = ({ from, to }) => from !== "s1" && to !== "s1";
    for (let tick = 0; tick < 60; tick++) {
      cluster.tick("s5");
      cluster.settle();
    }
    expect(cluster.core("s5").status().role).not.toBe("leader");
  });
});

describe("§5.4.3", () => {
  test('"Raft requires servers to apply entries in log index order"', () => {
    const member = new LoneMember({ terms: [1] }, { maxBatchBytes: 1 });
    member.receive("b", {
      kind: "appendRequest",
      prevLogIndex: 2,
      prevLogTerm: 1,
      entries: entriesOf([1, 1, 1], 3),
      leaderCommit: 4,
    });
    member.receive("b", { kind: "heartbeatRequest", leaderCommit: 5, round: 1 });
    expect(member.applied.map(({ index }) => index)).toEqual([2, 3, 4, 5]);
  });
});

describe("figure 3", () => {
  // Every property at once, while leaders come and go and a third of the messages is lost.
  test("Log Matching, Leader Completeness and State Machine Safety", () => {
    let drawn = 0.3;
    const random = () => (drawn = (drawn * 991 + 0.618034) % 1);
    const cluster = new TestCluster(["a", "b", "c", "d", "e"], { random });
    /** By index: what somebody applied. */
    const applied = new Map<number, number>();
    let sequence = 0;
    for (let round = 0; round < 80; round++) {
      const [leader] = cluster.leaders;
      const cutOff = round % 4 === 0 ? leader : undefined;
      cluster.delivers = ({ from, to }) => random() > 0.3 && from !== cutOff && to !== cutOff;
      if (leader !== undefined) {
        const commands = [{ id: requestId(++sequence, leader), data: bytes(`${sequence}`) }];
        cluster.step(leader, { kind: "propose", commands });
      }
      cluster.run(6);
      for (const member of cluster.members.values()) {
        for (const { index, term } of member.applied.splice(0)) {
          expect(applied.get(index) ?? term).toBe(term);
          applied.set(index, term);
        }
        const log = member.disk.entries;
        for (const other of cluster.members.values()) {
          const last = log.findLast(
            (entry) => other.disk.entries[entry.index - 2]?.term === entry.term,
          );
          const common = last === undefined ? 0 : last.index - 1;
          expect(other.disk.entries.slice(0, common)).toEqual(log.slice(0, common));
        }
      }
      const leaders = cluster.leaders.map((id) => cluster.core(id));
      const latest = Math.max(...leaders.map((core) => core.status().term));
      for (const core of leaders.filter((one) => one.status().term === latest)) {
        for (const [index, term] of applied) expect(core.entryAt(index)?.term).toBe(term);
      }
    }
    expect(applied.size).toBeGreaterThan(20);
  });
});
