/**
 * The sentences of the Raft paper (extended version) on log replication, figure 2, §5.3 and §5.5, one
 * by one. Where phi goes about it in its own way, a comment says so:
 * - a leader's heartbeats and appends are messages of their own, and both tell the commit index;
 * - appends are sent ahead of their answers (`replicate`) once it is known where the logs agree;
 * - a rejection carries a hint, so that `nextIndex` goes back by terms and not by ones.
 */
import { describe, expect, test } from "bun:test";
import { TestCluster } from "./_test_cluster.ts";
import { bytes, diskOf, entriesOf, entryOf, LoneMember, requestId, textOf } from "./_test_core.ts";
import type { Entry } from "./entry.ts";
import type { MessageBody } from "./message.ts";

const append = (
  prevLogIndex: number,
  prevLogTerm: number,
  entries: readonly Entry[],
  leaderCommit = 1,
): MessageBody => ({ kind: "appendRequest", prevLogIndex, prevLogTerm, entries, leaderCommit });

const matched = (matchIndex: number) => ({
  kind: "appendResponse",
  result: { ok: true, matchIndex },
});

/** What a member says to an append from `b` in its term. */
function answerTo(member: LoneMember, body: MessageBody, term = member.status.term) {
  member.takeSent();
  member.receive("b", body, term);
  const answers = member.takeSent();
  expect(answers).toHaveLength(1);
  return answers[0]!;
}

const textsOf = (entries: readonly Entry[]) =>
  entries.flatMap(({ body }) => (body.kind === "command" ? [textOf(body.data)] : []));

/** Ten entries of each of these terms. */
const ten = (...terms: number[]) => terms.flatMap((term) => Array.from({ length: 10 }, () => term));

describe("§5.3, the leader", () => {
  test('"The leader appends the command to its log as a new entry, then issues AppendEntries RPCs in parallel to each of the other servers to replicate the entry"', () => {
    const leader = new LoneMember({ voters: ["a", "b", "c", "d"] }).lead().commitAll();
    leader.propose("x");
    expect(leader.entries.at(-1)).toMatchObject({ index: 3, term: 2 });
    expect(textsOf(leader.entries)).toEqual(["x"]);
    const requests = leader.sentOf("appendRequest");
    expect(requests.map(({ to }) => to)).toEqual(["b", "c", "d"]);
    for (const { entries } of requests) expect(textsOf(entries)).toEqual(["x"]);
  });

  test('"When the entry has been safely replicated …, the leader applies the entry to its state machine"', () => {
    const leader = new LoneMember().lead().commitAll();
    leader.propose("x");
    expect(textsOf(leader.applied)).toEqual([]);
    leader.acknowledge("b", 3);
    expect(textsOf(leader.applied)).toEqual(["x"]);
  });

  test('"the leader retries AppendEntries RPCs indefinitely (even after it has responded to the client) until all followers eventually store all log entries"', () => {
    const cluster = new TestCluster(["a", "b", "c"]);
    cluster.elect("a");
    // What goes to c and comes from it is lost: first all, then half of it.
    let lostShare = 1;
    let drawn = 0.5;
    const isLost = () => (drawn = (drawn * 997 + 0.618034) % 1) < lostShare;
    cluster.delivers = ({ from, to }) => (from !== "c" && to !== "c") || !isLost();
    for (let sequence = 1; sequence <= 5; sequence++) {
      const commands = [{ id: requestId(sequence), data: bytes(`${sequence}`) }];
      cluster.step("a", { kind: "propose", commands });
    }
    cluster.run(5);
    expect(cluster.core("a").status().commitIndex).toBe(7);
    expect(cluster.core("c").status().lastIndex).toBe(2);
    lostShare = 0.5;
    cluster.run(100);
    expect(textsOf(cluster.member("c").applied)).toEqual(["1", "2", "3", "4", "5"]);
  });

  test('"Each log entry stores a state machine command along with the term number when the entry was received by the leader"', () => {
    const leader = new LoneMember({ terms: [1, 3], term: 6 }).lead();
    leader.propose("x");
    expect(leader.terms).toEqual([1, 3, 7, 7]);
  });

  test('"Each log entry also has an integer index identifying its position in the log"', () => {
    const leader = new LoneMember({ terms: [1, 3] }).lead();
    leader.propose("x");
    expect(leader.entries.map(({ index }) => index)).toEqual([2, 3, 4, 5]);
  });

  test('"A log entry is committed once the leader that created the entry has replicated it on a majority of the servers"', () => {
    for (const voters of [
      ["a", "b"],
      ["a", "b", "c"],
      ["a", "b", "c", "d"],
      ["a", "b", "c", "d", "e"],
    ]) {
      const leader = new LoneMember({ voters }).lead().commitAll();
      leader.propose("x");
      const needed = Math.floor(voters.length / 2);
      for (const voter of voters.slice(1, 1 + needed)) {
        expect(leader.status.commitIndex).toBe(2);
        leader.acknowledge(voter, 3);
      }
      expect(leader.status.commitIndex).toBe(3);
    }
  });

  test('"This also commits all preceding entries in the leader\'s log, including entries created by previous leaders"', () => {
    const leader = new LoneMember({ terms: [1, 2, 2] }).lead();
    expect(leader.status.commitIndex).toBe(1);
    leader.acknowledge("b", 5);
    expect(leader.status.commitIndex).toBe(5);
    expect(leader.applied.map(({ term }) => term)).toEqual([1, 2, 2, 3]);
  });

  test('"The leader keeps track of the highest index it knows to be committed, and it includes that index in future AppendEntries RPCs (including heartbeats) so that the other servers eventually find out"', () => {
    const leader = new LoneMember().lead().commitAll();
    leader.propose("x");
    leader.takeSent();
    leader.acknowledge("b", 3);
    leader.tick(1);
    expect(
      leader.sentOf("appendRequest").map(({ to, leaderCommit }) => [to, leaderCommit]),
    ).toEqual([
      ["b", 3],
      ["c", 3],
    ]);
    // A heartbeat says no more than its receiver is known to hold.
    expect(
      leader.sentOf("heartbeatRequest").map(({ to, leaderCommit }) => [to, leaderCommit]),
    ).toEqual([
      ["b", 3],
      ["c", 2],
    ]);
  });

  test('"the leader includes the index and term of the entry in its log that immediately precedes the new entries"', () => {
    const leader = new LoneMember({ terms: [1, 4] }).lead();
    expect(new LoneMember({ terms: [1, 4] }).lead().status.lastIndex).toBe(4);
    leader.commitAll();
    leader.propose("x");
    leader.propose("y", 2);
    expect(
      leader
        .sentOf("appendRequest", "b")
        .map(({ prevLogIndex, prevLogTerm }) => [prevLogIndex, prevLogTerm]),
    ).toEqual([
      [4, 5],
      [5, 5],
    ]);
  });

  test('"When a leader first comes to power, it initializes all nextIndex values to the index just after the last one in its log"', () => {
    const leader = new LoneMember({ terms: [1, 2, 2] }).campaign();
    leader.takeSent();
    leader.receive("b", { kind: "voteResponse", isGranted: true });
    for (const { nextIndex, matchIndex } of leader.status.peers) {
      expect([nextIndex, matchIndex]).toEqual([5, 0]);
    }
    for (const { prevLogIndex, prevLogTerm, entries } of leader.sentOf("appendRequest")) {
      expect([prevLogIndex, prevLogTerm, entries.length]).toEqual([4, 2, 1]);
    }
  });

  test('"A leader never overwrites or deletes entries in its own log"', () => {
    const leader = new LoneMember({ terms: [1, 2] }).lead();
    leader.propose("x");
    const { entries } = leader;
    // From one that claims to lead the same term, and a rejection that knows nothing.
    leader.receive("b", append(1, 1, entriesOf([3])));
    const result = { ok: false, rejectedIndex: 3, hintIndex: 0, hintTerm: 0 } as const;
    leader.receive("c", { kind: "appendResponse", result });
    expect(leader.entries).toEqual(entries);
    expect(leader.status.role).toBe("leader");
  });
});

describe("figure 2, AppendEntries", () => {
  test('"Reply false if log doesn\'t contain an entry at prevLogIndex whose term matches prevLogTerm"', () => {
    const member = new LoneMember({ terms: [1, 2], term: 4 });
    for (const [index, term] of [
      [3, 3],
      [3, 1],
      [4, 2],
      [9, 4],
      [2, 2],
    ] as const) {
      const answer = answerTo(member, append(index, term, [entryOf(index + 1, 4)]));
      expect(answer).toMatchObject({ result: { ok: false, rejectedIndex: index } });
      expect(member.terms).toEqual([1, 2]);
    }
    expect(answerTo(member, append(3, 2, []))).toMatchObject(matched(3));
  });

  test("an append of before the commit index is an old one: all that is committed agrees, compacted or not", () => {
    const member = new LoneMember({ terms: [1, 1, 2], commit: 4 });
    member.step({ kind: "applied", index: 1 });
    const old = append(1, 1, [entryOf(2, 1)]);
    expect(answerTo(member, old)).toMatchObject(matched(4));
    member.step({ kind: "snapshotTaken", index: 3, data: bytes("state") });
    member.step({ kind: "compact", throughIndex: 3 });
    expect(answerTo(member, old)).toMatchObject(matched(4));
  });

  test('"If an existing entry conflicts with a new one (same index but different terms), delete the existing entry and all that follow it"', () => {
    const member = new LoneMember({ terms: [1, 1, 2, 2, 2], term: 3 });
    const answer = answerTo(member, append(3, 1, [entryOf(4, 3)]));
    expect(answer).toMatchObject(matched(4));
    expect(member.terms).toEqual([1, 1, 3]);
    member.restart();
    expect(member.terms).toEqual([1, 1, 3]);
  });

  test("an append without a conflict deletes nothing, however little it holds", () => {
    const member = new LoneMember({ terms: [1, 1, 2, 2], term: 2 });
    expect(answerTo(member, append(2, 1, [entryOf(3, 1)]))).toMatchObject(matched(3));
    expect(answerTo(member, append(2, 1, []))).toMatchObject(matched(2));
    expect(member.terms).toEqual([1, 1, 2, 2]);
    expect(member.effectsOf("store")).toEqual([]);
  });

  test('"Append any new entries not already in the log"', () => {
    const member = new LoneMember({ terms: [1, 1], term: 2 });
    const entries = [...entriesOf([1, 1]), entryOf(4, 2), entryOf(5, 2)];
    expect(answerTo(member, append(1, 1, entries))).toMatchObject(matched(5));
    expect(member.terms).toEqual([1, 1, 2, 2]);
    // Only what was missing is written.
    const written = member
      .effectsOf("store")
      .map(({ write }) => write.entries.map(({ index }) => index));
    expect(written).toEqual([[4, 5]]);
  });

  test('"If leaderCommit > commitIndex, set commitIndex = min(leaderCommit, index of last new entry)"', () => {
    const cases = [
      { count: 2, leaderCommit: 2, expected: 2 },
      { count: 2, leaderCommit: 3, expected: 3 },
      { count: 2, leaderCommit: 9, expected: 3 },
      { count: 1, leaderCommit: 5, expected: 2 },
      { count: 0, leaderCommit: 5, expected: 1 },
      { count: 2, leaderCommit: 0, expected: 1 },
    ];
    for (const { count, leaderCommit, expected } of cases) {
      // It has more entries, which the leader may not have.
      const member = new LoneMember({ terms: [1, 1, 1, 1] });
      member.receive("b", append(1, 1, entriesOf([1, 1]).slice(0, count), leaderCommit));
      expect(member.status.commitIndex).toBe(expected);
    }
  });

  test('"If commitIndex > lastApplied: increment lastApplied, apply log[lastApplied] to state machine"', () => {
    const member = new LoneMember({ terms: [1, 1, 1] });
    member.receive("b", append(4, 1, [], 3));
    expect(member.applied.map(({ index }) => index)).toEqual([2, 3]);
    expect(member.status.appliedIndex).toBe(3);
    member.receive("b", append(4, 1, [], 3));
    expect(member.applied).toHaveLength(2);
  });
});

describe("§5.3, followers", () => {
  test('"Once a follower learns that a log entry is committed, it applies the entry to its local state machine (in log order)"', () => {
    const member = new LoneMember({ terms: [1, 1, 1, 1] });
    member.receive("b", { kind: "heartbeatRequest", leaderCommit: 3, round: 1 });
    member.receive("b", { kind: "heartbeatRequest", leaderCommit: 5, round: 2 });
    expect(member.applied.map(({ index }) => index)).toEqual([2, 3, 4, 5]);
  });

  test("what is committed is applied only once it is durable here too", () => {
    const member = new LoneMember();
    member.holdsStores = true;
    member.receive("b", append(1, 1, entriesOf([1, 1]), 3));
    expect([member.status.commitIndex, member.applied.length]).toEqual([3, 0]);
    member.flush();
    expect(member.applied.map(({ index }) => index)).toEqual([2, 3]);
  });

  test('"If the follower does not find an entry in its log with the same index and term, then it refuses the new entries"', () => {
    const member = new LoneMember({ terms: [1, 2], term: 3 });
    answerTo(member, append(3, 3, [entryOf(4, 3)]));
    expect([member.status.lastIndex, member.effectsOf("store").length]).toEqual([3, 0]);
  });

  test('"whenever AppendEntries returns successfully, the leader knows that the follower\'s log is identical to its own log up through the new entries"', () => {
    const member = new LoneMember({ terms: [1, 1, 1, 1, 1] });
    // Up through the new entries, and no further: what follows may be another's.
    expect(answerTo(member, append(2, 1, [entryOf(3, 1)]))).toMatchObject(matched(3));
    // And durably.
    member.holdsStores = true;
    member.takeSent();
    member.receive("b", append(6, 1, [entryOf(7, 1)]));
    member.receive("b", append(6, 1, []));
    expect(member.sent).toEqual([]);
    member.flush();
    expect(member.sentOf("appendResponse").map(({ result }) => result)).toEqual([
      { ok: true, matchIndex: 7 },
      { ok: true, matchIndex: 6 },
    ]);
  });

  test('"the leader handles inconsistencies by forcing the followers\' logs to duplicate its own"', () => {
    // Figure 7, one index later: the first is the snapshot's.
    const leaderTerms = [1, 1, 1, 4, 4, 5, 5, 6, 6, 6];
    const followers = {
      a: [1, 1, 1, 4, 4, 5, 5, 6, 6],
      b: [1, 1, 1, 4],
      c: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6],
      d: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],
      e: [1, 1, 1, 4, 4, 4, 4],
      f: [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
    };
    for (const terms of Object.values(followers)) {
      const voters = ["x", "y", "z"];
      const cluster = new TestCluster(voters);
      for (const id of voters) {
        cluster.start(id, diskOf({ voters, terms: id === "y" ? terms : leaderTerms, term: 7 }));
      }
      // The third one's vote is enough: y may be ahead of x, and gives none.
      cluster.elect("x");
      cluster.run(5);
      expect(cluster.leaders).toEqual(["x"]);
      expect(cluster.member("y").disk.entries).toEqual(cluster.member("x").disk.entries);
      const expected = [...leaderTerms, cluster.core("x").status().term];
      expect(cluster.member("y").disk.entries.map(({ term }) => term)).toEqual(expected);
      expect(cluster.member("y").applied.map(({ term }) => term)).toEqual(expected);
    }
  });

  test('"After a rejection, the leader decrements nextIndex and retries the AppendEntries RPC"', () => {
    const leader = new LoneMember({ terms: [1, 2, 3, 3] }).lead();
    const reject = (rejectedIndex: number, hintIndex: number, hintTerm: number) => {
      leader.takeSent();
      const result = { ok: false, rejectedIndex, hintIndex, hintTerm } as const;
      leader.receive("b", { kind: "appendResponse", result });
      return leader.sentOf("appendRequest", "b").map(({ prevLogIndex }) => prevLogIndex);
    };
    expect(reject(5, 4, 3)).toEqual([4]);
    expect(reject(4, 3, 2)).toEqual([3]);
    // Twice the same: it has moved on.
    expect(reject(4, 3, 2)).toEqual([]);
    leader.acknowledge("b", 6);
    expect(leader.status.peers[0]).toMatchObject({
      nextIndex: 7,
      matchIndex: 6,
      state: "replicate",
    });
  });

  test('"the leader can decrement nextIndex to bypass all of the conflicting entries in that term; one AppendEntries RPC will be required for each term with conflicting entries, rather than one RPC per entry"', () => {
    const cases = [
      { leaderTerms: [1, 1, ...ten(6, 6, 6)], followerTerms: [1, 1, ...ten(2, 3, 4)] },
      // The follower's terms are all later than what the leader has there.
      { leaderTerms: [1, 1, ...ten(2, 2, 2)], followerTerms: [1, 1, ...ten(3, 3, 3)] },
      { leaderTerms: [1, 1, ...ten(2, 4, 5)], followerTerms: [1, 1, ...ten(3, 3, 6)] },
    ];
    for (const { leaderTerms, followerTerms } of cases) {
      const voters = ["x", "y", "z"];
      const cluster = new TestCluster(voters);
      for (const id of voters) {
        cluster.start(
          id,
          diskOf({ voters, terms: id === "y" ? followerTerms : leaderTerms, term: 6 }),
        );
      }
      let rejections = 0;
      cluster.delivers = (message) => {
        if (message.kind === "appendResponse" && !message.result.ok) rejections++;
        return true;
      };
      cluster.elect("x");
      cluster.run(2);
      expect(cluster.member("y").disk.entries).toEqual(cluster.member("x").disk.entries);
      expect(rejections).toBeLessThanOrEqual(3);
    }
  });

  test("an acknowledgement of what was known to match already is enough to go on by", () => {
    const leader = new LoneMember().lead().commitAll();
    leader.step({ kind: "unreachable", peer: "b" });
    expect(leader.status.peers[0]?.state).toBe("probe");
    leader.acknowledge("b", 2);
    expect(leader.status.peers[0]?.state).toBe("replicate");
  });

  test('"Raft can accept, replicate, and apply new log entries as long as a majority of the servers are up"', () => {
    const cluster = new TestCluster(["a", "b", "c", "d", "e"]);
    cluster.elect("a");
    const propose = (sequence: number) => {
      const commands = [{ id: requestId(sequence), data: bytes(`${sequence}`) }];
      cluster.step("a", { kind: "propose", commands });
      cluster.run(2);
      return textsOf(cluster.member("a").applied);
    };
    const down = new Set(["d", "e"]);
    cluster.delivers = ({ from, to }) => !down.has(from) && !down.has(to);
    expect(propose(1)).toEqual(["1"]);
    down.add("c");
    expect(propose(2)).toEqual(["1"]);
    down.delete("c");
    cluster.run(2);
    expect(textsOf(cluster.member("a").applied)).toEqual(["1", "2"]);
  });

  test('"in the normal case a new entry can be replicated with a single round of RPCs to a majority of the cluster; and a single slow follower will not impact performance"', () => {
    const cluster = new TestCluster(["a", "b", "c"]);
    cluster.elect("a");
    cluster.run(2);
    cluster.delivers = ({ from, to }) => from !== "c" && to !== "c";
    cluster.step("a", { kind: "propose", commands: [{ id: requestId(1), data: bytes("x") }] });
    cluster.deliver();
    cluster.deliver();
    expect(textsOf(cluster.member("a").applied)).toEqual(["x"]);
  });
});

describe("§5.5", () => {
  test('"if a follower receives an AppendEntries request that includes log entries already present in its log, it ignores those entries in the new request"', () => {
    const member = new LoneMember({ terms: [1, 1, 1] });
    const before = member.entries;
    answerTo(member, append(1, 1, [entryOf(2, 1, "other text"), entryOf(3, 1, "too")]));
    expect(member.entries).toEqual(before);
    expect(member.effectsOf("store")).toEqual([]);
  });

  test('"Raft RPCs are idempotent, so this causes no harm"', () => {
    const once = new LoneMember({ terms: [1, 1], term: 2 });
    const twice = new LoneMember({ terms: [1, 1], term: 2 });
    const requests: MessageBody[] = [
      append(2, 1, [entryOf(3, 2), entryOf(4, 2)], 3),
      append(4, 2, [entryOf(5, 2)], 4),
      { kind: "heartbeatRequest", leaderCommit: 4, round: 1 },
    ];
    for (const request of requests) once.receive("b", request);
    // Each again, and those before it again.
    for (const [place] of requests.entries()) {
      for (const request of requests.slice(0, place + 1)) twice.receive("b", request);
    }
    for (const request of requests) twice.receive("b", request);
    expect(twice.status).toEqual(once.status);
    expect(twice.entries).toEqual(once.entries);
    expect(twice.applied).toEqual(once.applied);
  });
});
