/**
 * The sentences of Ongaro's thesis on leadership transfer, §3.10, and on PreVote, §9.6, one by one:
 * how a member may lead without waiting, and how one that cannot lead does not disturb.
 */
import { describe, expect, test } from "bun:test";
import { TestCluster } from "./_test_cluster.ts";
import { bytes, LoneMember, requestId } from "./_test_core.ts";
import type { MessageBody } from "./message.ts";

const transfer = (member: LoneMember, to: string) =>
  member.step({ kind: "transferLeadership", to });
const heartbeat: MessageBody = { kind: "heartbeatRequest", leaderCommit: 1, round: 1 };
const droppedReasons = (member: LoneMember) =>
  member.effectsOf("dropped").map(({ what, reason }) => [what, reason]);

/** Whether `b` and then `c` are granted a pre-vote for term 2. */
const grants = (voter: LoneMember) =>
  ["b", "c"].map((candidate) => {
    voter.takeSent();
    voter.receive(candidate, { kind: "preVoteRequest", lastLogIndex: 9, lastLogTerm: 2 }, 2);
    return voter.sentOf("preVoteResponse").map(({ isGranted }) => isGranted);
  });

describe("thesis §3.10", () => {
  test('"The prior leader stops accepting new client requests"', () => {
    const leader = new LoneMember().lead().commitAll();
    transfer(leader, "b");
    leader.propose("x");
    leader.step({
      kind: "changeMembership",
      id: requestId(2),
      change: { kind: "remove", id: "c" },
    });
    leader.receive("c", {
      kind: "proposeRequest",
      proposal: { id: requestId(1, "c"), body: { kind: "command", data: bytes("y") } },
    });
    expect(droppedReasons(leader)).toEqual([
      ["proposal", "leadership is being handed over"],
      ["proposal", "leadership is being handed over"],
    ]);
    expect(leader.sentOf("proposeResponse")).toMatchObject([{ to: "c", outcome: "dropped" }]);
    expect(leader.status.lastIndex).toBe(2);
  });

  test('"The prior leader fully updates the target server\'s log to match its own, using the normal log replication mechanism"', () => {
    const leader = new LoneMember().lead().commitAll();
    leader.propose("x");
    leader.propose("y", 2);
    transfer(leader, "b");
    expect(leader.sentOf("timeoutNow")).toEqual([]);
    leader.acknowledge("c", 4);
    leader.acknowledge("b", 3);
    expect(leader.sentOf("timeoutNow")).toEqual([]);
    leader.acknowledge("b", 4);
    expect(leader.sentOf("timeoutNow").map(({ to }) => to)).toEqual(["b"]);
  });

  test('"The prior leader sends a TimeoutNow request to the target server": at once if it has all, and once', () => {
    const leader = new LoneMember().lead().commitAll();
    transfer(leader, "c");
    expect(leader.sentOf("timeoutNow")).toMatchObject([{ to: "c", term: 2 }]);
    leader.acknowledge("c", 2);
    expect(leader.sentOf("timeoutNow")).toHaveLength(1);
  });

  test('"the target server starts a new election (incrementing its term and becoming a candidate)"', () => {
    // Without PreVote: its voters hear a leader, and would not grant it.
    const target = new LoneMember();
    target.receive("b", heartbeat, 2);
    target.receive("b", { kind: "timeoutNow" });
    expect(target.status).toMatchObject({ role: "candidate", term: 3, vote: "a" });
    expect(target.sentOf("preVoteRequest")).toEqual([]);
    expect(target.sentOf("voteRequest")).toMatchObject([
      { to: "b", term: 3, isTransfer: true },
      { to: "c", term: 3, isTransfer: true },
    ]);
  });

  test("only the leader's own word makes a member do so", () => {
    const target = new LoneMember();
    target.receive("b", heartbeat, 2);
    target.receive("c", { kind: "timeoutNow" });
    target.receive("b", { kind: "timeoutNow" }, 1);
    expect(target.status).toMatchObject({ role: "follower", term: 2 });
    target.receive("c", { kind: "timeoutNow" }, 3);
    expect(target.status).toMatchObject({ role: "follower", term: 3 });
  });

  test('"Its next message to the prior leader will include its new term number, causing the prior leader to step down"', () => {
    const cluster = new TestCluster(["a", "b", "c"]);
    cluster.elect("a");
    cluster.run(2);
    const { term } = cluster.core("a").status();
    cluster.step("a", { kind: "transferLeadership", to: "b" });
    cluster.settle();
    expect(cluster.leaders).toEqual(["b"]);
    expect(cluster.core("b").status().term).toBe(term + 1);
    expect(cluster.core("a").status()).toMatchObject({ role: "follower", leader: "b" });
  });

  test('"If leadership transfer does not complete after about an election timeout, the prior leader aborts the transfer and resumes accepting client requests"', () => {
    const leader = new LoneMember().lead().commitAll();
    transfer(leader, "b");
    for (let tick = 1; tick <= 10; tick++) {
      leader.propose("x", tick);
      expect(leader.status.lastIndex).toBe(2);
      leader.tick();
      for (const voter of ["b", "c"])
        leader.receive(voter, { kind: "heartbeatResponse", round: 0 });
    }
    expect(droppedReasons(leader).at(-1)).toEqual(["transfer", "it did not take over in time"]);
    leader.propose("y", 11);
    expect(leader.status.lastIndex).toBe(3);
  });

  test('"If the prior leader was mistaken and the target server is actually operational, then at worst this mistake will result in an extra election, after which client operations will be restored"', () => {
    const cluster = new TestCluster(["a", "b", "c"]);
    cluster.elect("a");
    cluster.run(2);
    cluster.step("a", { kind: "transferLeadership", to: "b" });
    const [late] = cluster.network.splice(0);
    cluster.run(12);
    cluster.step("a", { kind: "propose", commands: [{ id: requestId(1), data: bytes("x") }] });
    cluster.run(2);
    expect(cluster.leaders).toEqual(["a"]);
    cluster.step("b", { kind: "message", message: late! });
    cluster.run(2);
    expect(cluster.leaders).toEqual(["b"]);
    cluster.step("b", { kind: "propose", commands: [{ id: requestId(1, "b"), data: bytes("y") }] });
    cluster.run(2);
    expect(cluster.member("c").applied.filter(({ body }) => body.kind === "command")).toHaveLength(
      2,
    );
  });

  test("never to a learner, to itself, or to one who is no member", () => {
    const leader = new LoneMember({ learners: ["d"] }).lead().commitAll();
    for (const to of ["d", "a", "x"]) transfer(leader, to);
    expect(leader.sentOf("timeoutNow")).toEqual([]);
    expect(droppedReasons(leader).map(([, reason]) => reason)).toEqual([
      "it is not a voter",
      "this member leads already",
      "it is not a voter",
    ]);
  });
});

describe("thesis §9.6", () => {
  test('"a candidate only increments its term if it first learns from a majority of the cluster that they would be willing to grant the candidate their votes"', () => {
    const member = new LoneMember({ voters: ["a", "b", "c", "d", "e"], term: 3 });
    member.timeOut();
    // It asks for the term that it would begin, and is not in it.
    expect(member.sentOf("preVoteRequest").map(({ to, term }) => [to, term])).toEqual(
      ["b", "c", "d", "e"].map((to) => [to, 4]),
    );
    expect(member.status).toMatchObject({ role: "preCandidate", term: 3, vote: undefined });
    expect(member.effectsOf("store")).toEqual([]);
    member.receive("b", { kind: "preVoteResponse", isGranted: true }, 4);
    expect(member.status.term).toBe(3);
    member.receive("c", { kind: "preVoteResponse", isGranted: true }, 4);
    expect(member.status).toMatchObject({ role: "candidate", term: 4, vote: "a" });
  });

  test('"… and the voters have not received heartbeats from a valid leader for at least a baseline election timeout"', () => {
    const voter = new LoneMember();
    voter.receive("b", heartbeat, 2);
    voter.takeSent();
    const ask = () => {
      voter.receive("c", { kind: "preVoteRequest", lastLogIndex: 9, lastLogTerm: 2 }, 3);
      return voter.takeSent().map(({ kind }) => kind);
    };
    voter.tick(9);
    expect(ask()).toEqual([]);
    voter.tick(1);
    expect(voter.takeSent().map(({ kind }) => kind)).toEqual(["preVoteRequest", "preVoteRequest"]);
    expect(ask()).toEqual(["preVoteResponse"]);
    const leader = new LoneMember().lead();
    leader.receive("c", { kind: "preVoteRequest", lastLogIndex: 9, lastLogTerm: 2 }, 3);
    expect([leader.status.role, leader.sent]).toEqual(["leader", []]);
  });

  test("an answer to PreVote binds nobody: no term, no vote, no timer, nothing stored", () => {
    const voter = new LoneMember({ term: 2 });
    voter.tick(9);
    for (const candidate of ["b", "c"]) {
      voter.receive(candidate, { kind: "preVoteRequest", lastLogIndex: 9, lastLogTerm: 2 }, 3);
    }
    expect(
      voter.sentOf("preVoteResponse").map(({ to, isGranted, term }) => [to, isGranted, term]),
    ).toEqual([
      ["b", true, 3],
      ["c", true, 3],
    ]);
    expect(voter.status).toMatchObject({ term: 2, vote: undefined });
    expect(voter.effectsOf("store")).toEqual([]);
    voter.tick(1);
    expect(voter.status.role).toBe("preCandidate");
  });

  test("who has voted in the term that is asked for, or follows its leader, grants it to nobody else", () => {
    expect(grants(new LoneMember({ term: 2, vote: "b" }))).toEqual([[true], [false]]);
    const follower = new LoneMember();
    follower.receive("b", heartbeat, 2);
    expect(grants(follower)).toEqual([[false], [false]]);
  });

  test("who asks again begins to count anew: who granted it the last time may hear a leader by now", () => {
    const member = new LoneMember({ voters: ["a", "b", "c", "d", "e"] });
    for (const voter of ["b", "c"]) {
      member.timeOut();
      member.receive(voter, { kind: "preVoteResponse", isGranted: true }, 2);
      expect(member.status.role).toBe("preCandidate");
    }
    member.receive("d", { kind: "preVoteResponse", isGranted: true }, 2);
    expect(member.status.role).toBe("candidate");
  });

  test("a grant for another term than the one asked for is none, and a refusal from a later one ends it", () => {
    const member = new LoneMember({ term: 3 });
    member.timeOut();
    for (const term of [3, 5]) {
      member.receive("b", { kind: "preVoteResponse", isGranted: true }, term);
      expect(member.status).toMatchObject({ role: "preCandidate", term: 3 });
    }
    member.receive("b", { kind: "preVoteResponse", isGranted: false }, 7);
    expect(member.status).toMatchObject({ role: "follower", term: 7 });
  });

  test("\"While a server is partitioned, it won't be able to increment its term, since it can't receive permission from a majority of the cluster\"", () => {
    const cluster = new TestCluster(["a", "b", "c"]);
    cluster.elect("a");
    cluster.run(2);
    const { term } = cluster.core("a").status();
    cluster.delivers = ({ from, to }) => from !== "c" && to !== "c";
    cluster.run(200);
    expect(cluster.core("c").status()).toMatchObject({ role: "preCandidate", term });
    // "Then, when it rejoins the cluster, it still won't be able to increment its term", and "Once the
    // server receives a heartbeat from the leader itself, it will return to the follower state (in the
    // same term)".
    cluster.delivers = () => true;
    for (let tick = 0; tick < 20; tick++) cluster.tick("c");
    cluster.settle();
    expect(cluster.core("c").status().term).toBe(term);
    cluster.run(1);
    expect(cluster.core("c").status()).toMatchObject({ role: "follower", term, leader: "a" });
    expect(cluster.leaders).toEqual(["a"]);
  });

  test("a member that is at a later term all the same makes the leader step up to it, rather than stay out for ever", () => {
    const cluster = new TestCluster(["a", "b", "c"]);
    cluster.elect("a");
    const lonely = new LoneMember({ term: 40 }, { id: "c" });
    cluster.start("c", lonely.disk);
    cluster.run(40);
    expect(cluster.leaders).toHaveLength(1);
    const terms = ["a", "b", "c"].map((id) => cluster.core(id).status().term);
    expect(Math.min(...terms)).toBeGreaterThan(40);
    expect(new Set(terms).size).toBe(1);
  });
});
