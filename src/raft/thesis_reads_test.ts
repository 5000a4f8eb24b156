/**
 * The sentences on linearizable reads and on finding the leader, one by one: of Ongaro's thesis, §6.2
 * and §6.4, and of the Raft paper, §8. Reads go by ReadIndex; the clock is never trusted for them.
 */
import { describe, expect, test } from "bun:test";
import { TestCluster } from "./_test_cluster.ts";
import { bytes, entriesOf, LoneMember, requestId } from "./_test_core.ts";

const readIndex = (member: LoneMember, sequence = 1) =>
  member.step({ kind: "readIndex", id: requestId(sequence, member.id) });
const confirm = (member: LoneMember, from: string, round: number) =>
  member.receive(from, { kind: "heartbeatResponse", round });
const roundsOf = (member: LoneMember) =>
  member.sentOf("heartbeatRequest", "b").map(({ round }) => round);
const readyOf = (member: LoneMember) =>
  member.effectsOf("readReady").map(({ id, index }) => [id.sequence, index]);

describe("thesis §6.4, the leader", () => {
  test('"If the leader has not yet marked an entry from its current term committed, it waits until it has done so"', () => {
    // The paper, §8: "at the start of its term, it may not know which those are. To find out, it needs
    // to commit an entry from its term".
    const leader = new LoneMember({ terms: [1, 1] }).lead();
    readIndex(leader);
    leader.tick();
    for (const voter of ["b", "c"]) confirm(leader, voter, 1);
    expect(readyOf(leader)).toEqual([]);
    leader.acknowledge("b", 4);
    const rounds = roundsOf(leader);
    confirm(leader, "b", rounds.at(-1)!);
    expect(readyOf(leader)).toEqual([[1, 4]]);
  });

  test("… even if it has nothing uncommitted but its no-op", () => {
    const leader = new LoneMember({ terms: [1], commit: 2 }).lead();
    readIndex(leader);
    expect(roundsOf(leader)).toEqual([]);
    leader.acknowledge("b", 3);
    confirm(leader, "b", roundsOf(leader).at(-1)!);
    expect(readyOf(leader)).toEqual([[1, 3]]);
  });

  test('"Raft handles this by having each leader commit a blank no-op entry into the log at the start of its term"', () => {
    const leader = new LoneMember({ terms: [1] }).lead();
    expect(leader.entries.at(-1)).toEqual({ index: 3, term: 2, body: { kind: "noop" } });
  });

  test('"The leader saves its current commit index in a local variable readIndex"', () => {
    const leader = new LoneMember().lead().commitAll();
    readIndex(leader);
    // What is committed later need not be waited for.
    leader.holdsStores = true;
    leader.propose("x");
    for (const voter of ["b", "c"]) leader.acknowledge(voter, 3);
    expect(leader.status).toMatchObject({ commitIndex: 3, appliedIndex: 2 });
    confirm(leader, "b", roundsOf(leader).at(-1)!);
    expect(readyOf(leader)).toEqual([[1, 2]]);
  });

  test('"It issues a new round of heartbeats and waits for their acknowledgments from a majority of the cluster"', () => {
    const leader = new LoneMember({ voters: ["a", "b", "c", "d", "e"], learners: ["l"] });
    leader.lead().commitAll();
    leader.tick();
    const [before] = roundsOf(leader);
    readIndex(leader);
    const [, asked] = roundsOf(leader);
    expect(asked).toBe(before! + 1);
    // The round before is no answer to what was asked after it, and a learner's none at all.
    for (const id of ["b", "c", "d", "e"]) confirm(leader, id, before!);
    confirm(leader, "l", asked!);
    confirm(leader, "b", asked!);
    expect(readyOf(leader)).toEqual([]);
    confirm(leader, "b", asked!);
    expect(readyOf(leader)).toEqual([]);
    confirm(leader, "c", asked!);
    expect(readyOf(leader)).toEqual([[1, 2]]);
  });

  test('"The leader waits for its state machine to advance at least as far as the readIndex"', () => {
    // A leader may commit by the others' disks before its own has the entry, and so before it applies.
    const leader = new LoneMember().lead().commitAll();
    leader.holdsStores = true;
    leader.propose("x");
    for (const voter of ["b", "c"]) leader.acknowledge(voter, 3);
    readIndex(leader, 2);
    for (const voter of ["b", "c"]) confirm(leader, voter, roundsOf(leader).at(-1)!);
    expect([leader.status.appliedIndex, readyOf(leader)]).toEqual([2, []]);
    leader.flush();
    expect(readyOf(leader)).toEqual([[2, 3]]);
  });

  test('"it can use a single round of heartbeats for any number of read-only queries that it has accumulated"', () => {
    const leader = new LoneMember().lead().commitAll();
    for (let sequence = 1; sequence <= 50; sequence++) readIndex(leader, sequence);
    expect(roundsOf(leader)).toHaveLength(1);
    confirm(leader, "b", roundsOf(leader)[0]!);
    // The first began the round; all others came after its beginning and share the next.
    expect(readyOf(leader)).toHaveLength(1);
    expect(roundsOf(leader)).toHaveLength(2);
    confirm(leader, "b", roundsOf(leader)[1]!);
    expect(readyOf(leader)).toHaveLength(50);
    expect(roundsOf(leader)).toHaveLength(2);
  });

  test('"a partitioned leader" that was superseded serves no read', () => {
    const cluster = new TestCluster(["a", "b", "c"]);
    cluster.elect("a");
    cluster.run(2);
    cluster.delivers = ({ from, to }) => from !== "a" && to !== "a";
    cluster.step("a", { kind: "readIndex", id: requestId(1) });
    cluster.elect("b");
    cluster.step("b", {
      kind: "propose",
      commands: [{ id: requestId(1, "b"), data: bytes("news") }],
    });
    cluster.run(1);
    cluster.step("a", { kind: "readIndex", id: requestId(2) });
    cluster.run(30);
    cluster.delivers = () => true;
    cluster.run(30);
    const effects = cluster.member("a").effects;
    expect(effects.filter(({ kind }) => kind === "readReady")).toEqual([]);
    const dropped = effects.flatMap((of) =>
      of.kind === "dropped" && of.what === "read" ? [of.id.sequence] : [],
    );
    expect(dropped).toEqual([1, 2]);
  });
});

describe("thesis §6.4, a follower", () => {
  test('"the follower could issue a request to the leader that just asked for a current readIndex …; the follower could then execute steps 4 and 5 on its own state machine"', () => {
    const follower = new LoneMember({ terms: [2], term: 2 });
    follower.receive("b", { kind: "heartbeatRequest", leaderCommit: 1, round: 1 });
    follower.takeSent();
    readIndex(follower);
    expect(follower.takeSent()).toMatchObject([
      { to: "b", kind: "readIndexRequest", id: requestId(1) },
    ]);
    follower.receive("b", { kind: "readIndexResponse", id: requestId(1), index: 3 });
    expect(readyOf(follower)).toEqual([]);
    follower.receive("b", {
      kind: "appendRequest",
      prevLogIndex: 2,
      prevLogTerm: 2,
      entries: entriesOf([2], 3),
      leaderCommit: 3,
    });
    expect(readyOf(follower)).toEqual([[1, 3]]);
  });

  test('"the leader would execute steps 1–3 above" for it', () => {
    const leader = new LoneMember({ terms: [1] }).lead();
    leader.receive("c", { kind: "readIndexRequest", id: requestId(1, "c") });
    leader.tick();
    for (const voter of ["b", "c"]) confirm(leader, voter, roundsOf(leader).at(-1)!);
    expect(leader.sentOf("readIndexResponse")).toEqual([]);
    leader.acknowledge("b", 3);
    expect(leader.sentOf("readIndexResponse")).toEqual([]);
    confirm(leader, "b", roundsOf(leader).at(-1)!);
    expect(leader.sentOf("readIndexResponse")).toMatchObject([
      { to: "c", id: requestId(1, "c"), index: 3 },
    ]);
  });
});

describe("thesis §6.2", () => {
  test('"a leader in Raft steps down if an election timeout elapses without a successful round of heartbeats to a majority of its cluster"', () => {
    const leader = new LoneMember({ voters: ["a", "b", "c", "d", "e"] }).lead().commitAll();
    const live = (ids: readonly string[], ticks: number) => {
      for (let tick = 0; tick < ticks; tick++) {
        leader.tick();
        for (const id of ids) confirm(leader, id, 0);
      }
      return leader.status.role;
    };
    expect(live(["b", "c"], 40)).toBe("leader");
    expect(live(["b"], 21)).toBe("follower");
    expect(leader.status).toMatchObject({ leader: undefined, term: 2 });
  });

  test("a leader whose own disk stalls steps down too, if those of a quorum do not", () => {
    // The paper has no disks that neither fail nor answer.
    for (const othersStall of [false, true]) {
      const leader = new LoneMember({ voters: ["a", "b", "c"] }).lead().commitAll();
      leader.holdsStores = true;
      leader.propose("x");
      const { lastIndex } = leader.status;
      if (!othersStall) for (const voter of ["b", "c"]) leader.acknowledge(voter, lastIndex);
      for (let tick = 0; tick < 25; tick++) {
        leader.tick();
        for (const voter of ["b", "c"]) confirm(leader, voter, 0);
      }
      expect(leader.status.role).toBe(othersStall ? "leader" : "follower");
    }
  });

  test('"Followers keep track of the leader\'s identity so that they can redirect or proxy clients"', () => {
    const member = new LoneMember();
    expect(member.status.leader).toBeUndefined();
    member.receive("b", { kind: "heartbeatRequest", leaderCommit: 1, round: 1 }, 2);
    expect(member.status.leader).toBe("b");
  });

  test('"They must discard this information when starting a new election or when the term changes"', () => {
    const [asking, later] = [new LoneMember(), new LoneMember()];
    for (const member of [asking, later]) {
      member.receive("b", { kind: "heartbeatRequest", leaderCommit: 1, round: 1 }, 2);
    }
    asking.timeOut();
    later.receive("c", { kind: "voteResponse", isGranted: false }, 3);
    for (const member of [asking, later]) {
      expect(member.status.leader).toBeUndefined();
      member.takeSent();
      member.propose("x");
      expect(member.sent).toEqual([]);
      const dropped = member.effectsOf("dropped").at(-1);
      expect(dropped).toMatchObject({ what: "proposal", outcome: "dropped" });
    }
  });
});
