/**
 * The sentences of the Raft paper (Ongaro and Ousterhout, extended version) on terms and elections,
 * figure 2, §5.1 and §5.2, one by one. Where phi goes about it in its own way, a comment says so:
 * - PreVote comes before every election (thesis §9.6), so a follower whose time is up asks first;
 * - a heartbeat is a message of its own, apart from appends;
 * - what is durable is a matter of the store effects, which here complete at once unless held.
 */
import { describe, expect, test } from "bun:test";
import { TestCluster } from "./_test_cluster.ts";
import { entriesOf, LoneMember, snapshotOf } from "./_test_core.ts";
import type { MessageBody } from "./message.ts";

const heartbeat: MessageBody = { kind: "heartbeatRequest", leaderCommit: 1, round: 1 };
const append: MessageBody = {
  kind: "appendRequest",
  prevLogIndex: 1,
  prevLogTerm: 1,
  entries: [],
  leaderCommit: 1,
};
const voteRequest = (lastLogIndex = 1, lastLogTerm = 1): MessageBody => ({
  kind: "voteRequest",
  lastLogIndex,
  lastLogTerm,
  isTransfer: false,
});
const granted: MessageBody = { kind: "voteResponse", isGranted: true };
const refused: MessageBody = { kind: "voteResponse", isGranted: false };

/** A member in each role, all in term 2 or later. */
const inEachRole = () => {
  const follower = new LoneMember({ term: 2 });
  const candidate = new LoneMember({ term: 2 }).campaign();
  const leader = new LoneMember({ term: 2 }).lead();
  expect([follower, candidate, leader].map(({ status }) => status.role)).toEqual([
    "follower",
    "candidate",
    "leader",
  ]);
  return [follower, candidate, leader];
};

describe("§5.1", () => {
  test("\"if one server's current term is smaller than the other's, then it updates its current term to the larger value\"", () => {
    // A vote request to a member that hears a leader, a leader included, is left aside (§6).
    const bodies: MessageBody[] = [append, heartbeat, refused, granted, { kind: "timeoutNow" }];
    for (const body of bodies) {
      for (const member of inEachRole()) {
        member.receive("b", body, 9);
        expect(member.status.term).toBe(9);
        expect(member.disk.hardState.term).toBe(9);
      }
    }
  });

  test('"If a candidate or leader discovers that its term is out of date, it immediately reverts to follower state"', () => {
    for (const member of inEachRole()) {
      const { term } = member.status;
      member.receive(
        "b",
        { kind: "appendResponse", result: { ok: true, matchIndex: 1 } },
        term + 1,
      );
      expect(member.status).toMatchObject({ role: "follower", term: term + 1, vote: undefined });
      expect(member.status.peers).toEqual([]);
    }
  });

  test('"If a server receives a request with a stale term number, it rejects the request"', () => {
    const snapshot = snapshotOf(9, 1);
    const bodies: MessageBody[] = [
      { ...append, entries: entriesOf([1]) },
      heartbeat,
      { kind: "installSnapshot", snapshot },
      voteRequest(9, 1),
      { kind: "preVoteRequest", lastLogIndex: 9, lastLogTerm: 1 },
    ];
    for (const body of bodies) {
      const member = new LoneMember({ term: 5, vote: "c" });
      member.receive("b", body, 4);
      // What is stale is told so by any answer that carries the term of now.
      expect(member.sent).toHaveLength(1);
      const [answer] = member.sent;
      expect(answer).toMatchObject({ to: "b", term: 5 });
      if (answer?.kind === "heartbeatResponse") expect(answer.round).toBe(0);
      else expect(answer).toHaveProperty("isGranted", false);
      expect(member.status).toMatchObject({ term: 5, vote: "c", lastIndex: 1, leader: undefined });
    }
  });

  test("an answer of an earlier term counts for nothing", () => {
    const member = new LoneMember({ term: 5 }).campaign();
    for (const voter of ["b", "c"]) member.receive(voter, granted, 5);
    expect(member.status.role).toBe("candidate");
    const leader = new LoneMember({ term: 5 }).lead();
    const stale: MessageBody = { kind: "appendResponse", result: { ok: true, matchIndex: 2 } };
    for (const voter of ["b", "c"]) leader.receive(voter, stale, 5);
    expect(leader.status.commitIndex).toBe(1);
  });

  test('"Followers are passive: they issue no requests on their own but simply respond to requests from leaders and candidates"', () => {
    const member = new LoneMember();
    member.tick(9);
    expect(member.sent).toEqual([]);
    member.receive("b", append, 2);
    member.receive("b", heartbeat, 2);
    expect(member.sent.map(({ kind, to }) => [kind, to])).toEqual([
      ["appendResponse", "b"],
      ["heartbeatResponse", "b"],
    ]);
  });

  test('"if a client contacts a follower, the follower redirects it to the leader"', () => {
    // phi forwards the proposal itself, once.
    const member = new LoneMember();
    member.receive("b", heartbeat, 2);
    member.takeSent();
    member.propose("x");
    expect(member.takeSent().map(({ kind, to }) => [kind, to])).toEqual([["proposeRequest", "b"]]);
  });
});

describe("§5.2, followers", () => {
  test('"When servers start up, they begin as followers"', () => {
    const member = new LoneMember({ terms: [1, 2], term: 3, vote: "a" });
    expect(member.status).toMatchObject({ role: "follower", leader: undefined, term: 3 });
  });

  test('"A server remains in follower state as long as it receives valid RPCs from a leader or candidate"', () => {
    const member = new LoneMember({ term: 2 });
    for (let round = 0; round < 10; round++) {
      member.tick(9);
      member.receive("b", round % 2 === 0 ? heartbeat : append);
    }
    expect(member.status).toMatchObject({ role: "follower", term: 2, leader: "b" });
    // A vote given is a sign of a candidate that may lead; one refused is none.
    const voter = new LoneMember({ term: 3, terms: [2] });
    voter.tick(9);
    voter.receive("b", voteRequest(2, 2), 3);
    voter.tick(9);
    expect(voter.status.role).toBe("follower");
    voter.receive("c", voteRequest(9, 9), 3);
    voter.tick(1);
    expect(voter.status.role).toBe("preCandidate");
  });

  test('"If a follower receives no communication over a period of time called the election timeout, then it assumes there is no viable leader and begins an election"', () => {
    const member = new LoneMember({ term: 2 });
    member.receive("b", heartbeat);
    expect(member.timeOut()).toBe(10);
    expect(member.status).toMatchObject({ role: "preCandidate", leader: undefined });
    member.answerAll({ kind: "preVoteResponse", isGranted: true }, 3);
    expect(member.status).toMatchObject({ role: "candidate", term: 3 });
  });

  test('"Leaders send periodic heartbeats … to all followers in order to maintain their authority"', () => {
    const leader = new LoneMember(
      { voters: ["a", "b", "c"], learners: ["d"] },
      { heartbeatTicks: 3 },
    );
    leader.lead();
    leader.tick(6);
    const to = leader.sentOf("heartbeatRequest").map((message) => message.to);
    expect(to).toEqual(["b", "c", "d", "b", "c", "d"]);
  });
});

describe("§5.2, candidates", () => {
  test('"To begin an election, a follower increments its current term and transitions to candidate state"', () => {
    const member = new LoneMember({ term: 4 }).campaign();
    expect(member.status).toMatchObject({ role: "candidate", term: 5 });
    expect(member.disk.hardState.term).toBe(5);
  });

  test('"It then votes for itself and issues RequestVote RPCs in parallel to each of the other servers in the cluster"', () => {
    // Not to learners, whose votes count for nothing.
    const stored = { voters: ["a", "b", "c", "e"], learners: ["d"], terms: [1, 3], term: 4 };
    const member = new LoneMember(stored).campaign();
    expect(member.disk.hardState).toMatchObject({ term: 5, vote: "a" });
    const requests = member.sentOf("voteRequest");
    expect(requests.map(({ to }) => to)).toEqual(["b", "c", "e"]);
    for (const request of requests) {
      expect(request).toMatchObject({ term: 5, lastLogIndex: 3, lastLogTerm: 3 });
    }
  });

  test("a candidate asks for votes only once its own is durable", () => {
    const member = new LoneMember();
    member.holdsStores = true;
    member.campaign();
    expect(member.sentOf("voteRequest")).toEqual([]);
    member.flush();
    expect(member.sentOf("voteRequest").map(({ to }) => to)).toEqual(["b", "c"]);
  });

  test('"A candidate wins an election if it receives votes from a majority of the servers in the full cluster for the same term"', () => {
    const ids = ["a", "b", "c", "d", "e", "f", "g"];
    for (const size of [1, 2, 3, 4, 5, 6, 7]) {
      const others = ids.slice(1, size);
      const needed = Math.floor(size / 2);
      const member = new LoneMember({ voters: ids.slice(0, size) });
      member.campaign();
      for (const voter of others.slice(0, needed)) {
        expect(member.status.role).toBe("candidate");
        // Twice is once.
        member.receive(voter, granted);
        if (needed > 1 && voter === "b") member.receive(voter, granted);
      }
      expect(member.status).toMatchObject({ role: "leader", term: 2, leader: "a" });
    }
  });

  test("a candidate that a majority refused has lost, and follows", () => {
    const member = new LoneMember({ voters: ["a", "b", "c", "d", "e"] }).campaign();
    for (const voter of ["b", "c"]) member.receive(voter, refused);
    expect(member.status.role).toBe("candidate");
    member.receive("d", refused);
    expect(member.status).toMatchObject({ role: "follower", leader: undefined, term: 2 });
  });

  test('"Each server will vote for at most one candidate in a given term, on a first-come-first-served basis"', () => {
    const member = new LoneMember();
    const answerTo = (candidate: string, term: number) => {
      member.receive(candidate, voteRequest(), term);
      return member
        .takeSent()
        .map((message) => [message.to, "isGranted" in message && message.isGranted]);
    };
    expect(answerTo("b", 2)).toEqual([["b", true]]);
    expect(answerTo("c", 2)).toEqual([["c", false]]);
    // Asked again, as its answer may be lost.
    expect(answerTo("b", 2)).toEqual([["b", true]]);
    member.restart();
    expect(answerTo("c", 2)).toEqual([["c", false]]);
    expect(answerTo("c", 3)).toEqual([["c", true]]);
  });

  test("who follows the leader of a term votes for nobody else in it", () => {
    const member = new LoneMember();
    member.receive("b", heartbeat, 2);
    member.takeSent();
    member.receive("c", voteRequest(9, 2), 2);
    expect(member.sent).toMatchObject([{ to: "c", isGranted: false }]);
  });

  test("a candidate leads only once its own vote is durable, even where the others' votes would do", () => {
    const member = new LoneMember();
    member.holdsStores = true;
    member.campaign();
    member.answerAll(granted);
    expect(member.status.role).toBe("candidate");
    member.flush();
    expect(member.status.role).toBe("leader");
    // The write of before the election says nothing of the vote.
    const alone = new LoneMember({ voters: ["a"], terms: [1], commit: 2 });
    alone.step({ kind: "applied", index: 1 });
    alone.holdsStores = true;
    alone.step({ kind: "snapshotTaken", index: 2, data: new Uint8Array() });
    alone.timeOut();
    alone.flush(1);
    expect(alone.status.role).toBe("candidate");
    alone.flush();
    expect(alone.status.role).toBe("leader");
  });

  test("a vote leaves only once it is durable", () => {
    const member = new LoneMember();
    member.holdsStores = true;
    member.receive("b", voteRequest(), 2);
    expect(member.sent).toEqual([]);
    member.restart();
    expect(member.status).toMatchObject({ term: 1, vote: undefined });
    member.receive("b", voteRequest(), 2);
    member.flush();
    expect(member.sentOf("voteResponse")).toMatchObject([{ to: "b", isGranted: true, term: 2 }]);
    expect(member.disk.hardState).toMatchObject({ term: 2, vote: "b" });
  });

  test('"Once a candidate wins an election, it becomes leader. It then sends heartbeat messages to all of the other servers to establish its authority and prevent new elections"', () => {
    // phi's first message of a term is the append of its no-op (§8).
    const member = new LoneMember().campaign();
    member.takeSent();
    member.receive("b", granted);
    expect(member.sentOf("appendRequest").map(({ to }) => to)).toEqual(["b", "c"]);
    for (const { entries, term } of member.sentOf("appendRequest")) {
      expect(term).toBe(2);
      expect(entries).toEqual([{ index: 2, term: 2, body: { kind: "noop" } }]);
    }
  });

  test("\"If the leader's term … is at least as large as the candidate's current term, then the candidate recognizes the leader as legitimate and returns to follower state\"", () => {
    for (const later of [0, 1, 7]) {
      for (const body of [
        append,
        heartbeat,
        { kind: "installSnapshot", snapshot: snapshotOf(1, 1) } as const,
      ]) {
        const member = new LoneMember().campaign();
        member.receive("b", body, 2 + later);
        expect(member.status).toMatchObject({ role: "follower", leader: "b", term: 2 + later });
      }
    }
  });

  test('"If the term in the RPC is smaller than the candidate\'s current term, then the candidate rejects the RPC and continues in candidate state"', () => {
    const member = new LoneMember({ term: 4 }).campaign();
    member.takeSent();
    member.receive("b", { ...append, entries: entriesOf([4]) }, 4);
    expect(member.status).toMatchObject({ role: "candidate", term: 5, lastIndex: 1 });
    expect(member.sent).toMatchObject([{ to: "b", term: 5 }]);
  });

  test('"each candidate will time out and start a new election by incrementing its term and initiating another round of RequestVote RPCs"', () => {
    const member = new LoneMember().campaign();
    expect(member.status.term).toBe(2);
    member.takeSent();
    member.campaign();
    expect(member.status).toMatchObject({ role: "candidate", term: 3, vote: "a" });
    expect(member.sentOf("voteRequest").map(({ to, term }) => [to, term])).toEqual([
      ["b", 3],
      ["c", 3],
    ]);
    // A vote of the election before is none in this one.
    member.receive("b", granted, 2);
    expect(member.status.role).toBe("candidate");
  });
});

describe("§5.2, timeouts", () => {
  test('"election timeouts are chosen randomly from a fixed interval"', () => {
    const timeouts = [0, 0.05, 0.1, 0.5, 0.999].map((drawn) =>
      new LoneMember({}, { random: () => drawn }).timeOut(),
    );
    expect(timeouts).toEqual([10, 10, 11, 15, 19]);
  });

  test('"Each candidate restarts its randomized election timeout at the start of an election, and it waits for that timeout to elapse before starting the next election"', () => {
    const draws = [0, 0.3, 0.6, 0.9];
    const member = new LoneMember({}, { random: () => draws.shift() ?? 0 });
    expect(member.timeOut()).toBe(10);
    // One for the start, one for asking, one for the election itself.
    member.answerAll({ kind: "preVoteResponse", isGranted: true }, 2);
    expect(member.timeOut()).toBe(16);
    expect(member.timeOut()).toBe(19);
  });

  test('"This spreads out the servers so that in most cases only a single server will time out"', () => {
    let elections = 0;
    let splits = 0;
    for (let seed = 1; seed <= 40; seed++) {
      let drawn = seed * 0.1234567;
      const random = () => (drawn = (drawn * 997 + 0.618034) % 1);
      const cluster = new TestCluster(["a", "b", "c", "d", "e"], { random });
      cluster.run(25);
      expect(cluster.leaders.length).toBeLessThanOrEqual(1);
      elections += cluster.leaders.length;
      const [leader] = cluster.leaders;
      if (leader === undefined || cluster.core(leader).status().term > 2) splits++;
    }
    expect(elections).toBeGreaterThan(30);
    expect(splits).toBeLessThan(10);
  });

  test('"Raft ensures that there is at most one leader in a given term"', () => {
    const leaderOf = new Map<number, string>();
    let drawn = 0.1;
    const random = () => (drawn = (drawn * 991 + 0.618034) % 1);
    const cluster = new TestCluster(["a", "b", "c", "d", "e"], { random });
    // Every third message is lost, and every leader is cut off after a while.
    let count = 0;
    for (let round = 0; round < 60; round++) {
      const [cutOff] = round % 2 === 0 ? cluster.leaders : [];
      cluster.delivers = ({ from, to }) => ++count % 3 !== 0 && from !== cutOff && to !== cutOff;
      cluster.run(12);
      for (const [id, { effects }] of cluster.members) {
        for (const effect of effects.splice(0)) {
          if (effect.kind !== "role" || effect.role !== "leader") continue;
          expect(leaderOf.get(effect.term) ?? id).toBe(id);
          leaderOf.set(effect.term, id);
        }
      }
    }
    expect(leaderOf.size).toBeGreaterThan(5);
  });
});
