/**
 * The sentences on membership, one by one: of Ongaro's thesis, chapter 4, and of the Raft paper, §6.
 * phi changes one server at a time, as the thesis has it, and not by the paper's joint consensus; what
 * the paper says of both is here too. A server joins as a learner ("non-voting member") first.
 */
import { describe, expect, test } from "bun:test";
import { TestCluster } from "./_test_cluster.ts";
import {
  bytes,
  entriesOf,
  entryOf,
  LoneMember,
  memberOf,
  membershipEntry,
  membershipWith,
  requestId,
} from "./_test_core.ts";
import type { NodeId } from "./entry.ts";
import type { MembershipChange } from "./membership.ts";
import type { MessageBody } from "./message.ts";

const votersOf = (member: LoneMember) => member.status.membership.voters.map(({ id }) => id);
const remove = (id: NodeId): MembershipChange => ({ kind: "remove", id });
const addLearner = (id: NodeId): MembershipChange => ({ kind: "addLearner", member: memberOf(id) });

function change(member: LoneMember, what: MembershipChange, sequence = 1) {
  const effects = member.step({ kind: "changeMembership", id: requestId(sequence), change: what });
  const dropped = effects.find((effect) => effect.kind === "dropped");
  return dropped?.reason ?? "taken";
}

const voteRequest = (lastLogIndex: number, lastLogTerm: number): MessageBody => ({
  kind: "voteRequest",
  lastLogIndex,
  lastLogTerm,
  isTransfer: false,
});
const heartbeat: MessageBody = { kind: "heartbeatRequest", leaderCommit: 1, round: 1 };

/** A member that has the entry that removes `a` from a, b and c, and has not heard of its commitment. */
const removed = (id: NodeId) =>
  new LoneMember({ entries: [membershipEntry(2, 1, membershipWith(["b", "c"]))] }, { id });

describe("thesis §4.1", () => {
  test('"only one server can be added or removed from the cluster at a time"', () => {
    // There is no change of more than one; and the next waits for the one before it.
    const leader = new LoneMember({ voters: ["a", "b", "c", "d"] }).lead().commitAll();
    expect(change(leader, remove("d"))).toBe("taken");
    expect(change(leader, remove("c"), 2)).toBe("another membership change is under way");
    expect(votersOf(leader)).toEqual(["a", "b", "c"]);
  });

  test('"When the leader receives a request to add or remove a server …, it appends the new configuration … as an entry in its log and replicates that entry using the normal Raft mechanism"', () => {
    const leader = new LoneMember().lead().commitAll();
    expect(change(leader, addLearner("d"))).toBe("taken");
    const expected = membershipWith(["a", "b", "c"], ["d"]);
    expect(leader.entries.at(-1)?.body).toMatchObject({ kind: "membership", membership: expected });
    const sent = leader.sentOf("appendRequest").filter(({ entries }) => entries.length > 0);
    expect(sent.map(({ to, entries }) => [to, entries[0]?.index])).toEqual([
      ["b", 3],
      ["c", 3],
      ["d", 3],
    ]);
  });

  test('"The new configuration takes effect on each server as soon as it is added to that server\'s log"', () => {
    // And, in the paper, §6: "a server always uses the latest configuration in its log, regardless of
    // whether the entry is committed".
    const member = new LoneMember({ voters: ["a", "b", "c"] });
    const entries = [membershipEntry(2, 1, membershipWith(["a", "b", "c", "d"]))];
    member.receive("b", {
      kind: "appendRequest",
      prevLogIndex: 1,
      prevLogTerm: 1,
      entries,
      leaderCommit: 1,
    });
    expect(member.status).toMatchObject({ commitIndex: 1, membershipIndex: 2 });
    member.campaign();
    expect(member.sentOf("voteRequest").map(({ to }) => to)).toEqual(["b", "c", "d"]);
  });

  test('"a majority of the new configuration is used to determine the [new] entry\'s commitment"', () => {
    // Of four, three: two are not enough any more.
    const leader = new LoneMember({ learners: ["d"] }).lead().commitAll();
    leader.acknowledge("d", 2);
    expect(change(leader, { kind: "promote", id: "d" })).toBe("taken");
    leader.acknowledge("b", 3);
    expect(leader.status.commitIndex).toBe(2);
    leader.acknowledge("d", 3);
    expect(leader.status.commitIndex).toBe(3);
    // And of the two that are left of three, both.
    const shrinking = new LoneMember().lead().commitAll();
    change(shrinking, remove("c"));
    shrinking.acknowledge("c", 3);
    expect(shrinking.status.commitIndex).toBe(2);
    shrinking.acknowledge("b", 3);
    expect(shrinking.status.commitIndex).toBe(3);
  });

  test('"the leader knows it\'s safe to allow further configuration changes as soon as the [new] entry has been committed"', () => {
    const leader = new LoneMember({ voters: ["a", "b", "c", "d"] }).lead().commitAll();
    change(leader, remove("d"));
    leader.acknowledge("b", 3);
    expect(change(leader, remove("c"), 2)).toBe("taken");
    expect(votersOf(leader)).toEqual(["a", "b"]);
  });

  test("no change before an entry of the leader's own term is committed: the flaw of the one-at-a-time rule, found in 2015", () => {
    const leader = new LoneMember({ voters: ["a", "b", "c", "d"], terms: [1] }).lead();
    expect(change(leader, remove("d"))).toBe("the leader is new: try again");
    leader.acknowledge("b", 3);
    expect(change(leader, remove("d"), 2)).toBe("the leader is new: try again");
    leader.acknowledge("c", 3);
    expect(change(leader, remove("d"), 3)).toBe("taken");
  });

  test('"a log entry for a configuration change can be removed (if leadership changes); in this case, a server must be prepared to fall back to the previous configuration in its log"', () => {
    const member = new LoneMember({
      entries: [...entriesOf([1]), membershipEntry(3, 1, membershipWith(["a", "b"]))],
      term: 2,
    });
    expect(votersOf(member)).toEqual(["a", "b"]);
    const entries = [entryOf(3, 2)];
    member.receive("b", {
      kind: "appendRequest",
      prevLogIndex: 2,
      prevLogTerm: 1,
      entries,
      leaderCommit: 1,
    });
    expect(votersOf(member)).toEqual(["a", "b", "c"]);
    expect(member.status.membershipIndex).toBe(1);
    member.restart();
    expect(votersOf(member)).toEqual(["a", "b", "c"]);
  });

  test('"A server accepts AppendEntries requests from a leader that is not part of the server\'s latest configuration"', () => {
    for (const voters of [["a", "b", "c"], ["a"]]) {
      const member = new LoneMember({ voters });
      const entries = entriesOf([2]);
      const request = {
        kind: "appendRequest",
        prevLogIndex: 1,
        prevLogTerm: 1,
        entries,
        leaderCommit: 1,
      } as const;
      member.receive("x", request, 2);
      expect(member.status).toMatchObject({ leader: "x", lastIndex: 2 });
      expect(member.sentOf("appendResponse", "x")).toMatchObject([{ result: { ok: true } }]);
    }
  });

  test('"A server also grants its vote to a candidate that is not part of the server\'s latest configuration"', () => {
    const member = new LoneMember();
    member.receive("x", { kind: "preVoteRequest", lastLogIndex: 1, lastLogTerm: 1 }, 2);
    member.receive("x", voteRequest(1, 1), 2);
    expect(member.sentOf("preVoteResponse", "x")).toMatchObject([{ isGranted: true }]);
    expect(member.sentOf("voteResponse", "x")).toMatchObject([{ isGranted: true }]);
  });

  test("a learner grants its vote too: it may have become a voter in the candidate's log", () => {
    const learner = new LoneMember({ voters: ["a", "b", "c"], learners: ["d"] }, { id: "d" });
    learner.receive("a", voteRequest(1, 1), 2);
    expect(learner.sentOf("voteResponse", "a")).toMatchObject([{ isGranted: true }]);
  });
});

describe("thesis §4.2.1", () => {
  test('"The leader replicates log entries to it, but it is not yet counted towards majorities for voting or commitment purposes"', () => {
    // The paper, §6: "the leader replicates log entries to them, but they are not considered for majorities".
    const leader = new LoneMember({ voters: ["a", "b", "c"], learners: ["d", "e"] }).campaign();
    for (const id of ["d", "e"]) leader.receive(id, { kind: "voteResponse", isGranted: true });
    expect(leader.status.role).toBe("candidate");
    leader.receive("b", { kind: "voteResponse", isGranted: true });
    expect(leader.sentOf("appendRequest").map(({ to }) => to)).toEqual(["b", "c", "d", "e"]);
    for (const id of ["d", "e"]) leader.acknowledge(id, 2);
    expect(leader.status.commitIndex).toBe(1);
  });

  test("a learner never campaigns, neither by itself nor when asked to", () => {
    const learner = new LoneMember({ learners: ["d"] }, { id: "d" });
    learner.tick(100);
    learner.receive("b", heartbeat);
    learner.receive("b", { kind: "timeoutNow" });
    expect(learner.status).toMatchObject({ role: "follower", term: 1 });
    expect(learner.sentOf("voteRequest")).toEqual([]);
    expect(learner.sentOf("preVoteRequest")).toEqual([]);
    // Nor one that was a voter, and is one no longer in the latest membership.
    const entries = [membershipEntry(2, 1, membershipWith(["b", "c"], ["a"]))];
    const former = new LoneMember({ entries });
    former.tick(100);
    expect(former.status.role).toBe("follower");
  });

  test("a learner whose leader is not heard for an election timeout follows nobody, until it hears one", () => {
    const learner = new LoneMember({ learners: ["d"] }, { id: "d" });
    learner.receive("b", heartbeat);
    learner.tick(9);
    expect(learner.status.leader).toBe("b");
    learner.tick();
    expect(learner.status.leader).toBeUndefined();
    learner.tick(100);
    const dropped = { what: "proposal", outcome: "dropped", reason: "there is no leader" };
    expect(learner.propose("x")).toMatchObject([{ kind: "dropped", ...dropped }]);
    expect(learner.status).toMatchObject({ role: "follower", term: 1, leader: undefined });
    learner.receive("b", heartbeat);
    expect(learner.status.leader).toBe("b");
  });

  test("a learner that is a voter in its log campaigns, whether that is committed or not", () => {
    const entries = [membershipEntry(2, 1, membershipWith(["a", "b", "c", "d"]))];
    const promoted = new LoneMember({ learners: ["d"], entries }, { id: "d" });
    promoted.tick(100);
    expect(promoted.status).toMatchObject({ commitIndex: 1, membershipIndex: 2 });
    expect(promoted.sentOf("preVoteRequest").map(({ to }) => to)).toContain("a");
  });

  test('"Once the new server has caught up with the rest of the cluster, the reconfiguration can proceed"', () => {
    const leader = new LoneMember({ learners: ["d"] }, { maxPromotionLagEntries: 2 });
    leader.lead().commitAll();
    for (let sequence = 1; sequence <= 5; sequence++) leader.propose("x", sequence);
    leader.commitAll();
    const promote: MembershipChange = { kind: "promote", id: "d" };
    leader.acknowledge("d", 4);
    expect(change(leader, promote, 6)).toBe("it has not caught up yet: try again");
    leader.acknowledge("d", 5);
    expect(change(leader, promote, 7)).toBe("taken");
  });

  test('"The leader should also abort the change if the new server is unavailable or is so slow that it will never catch up"', () => {
    // phi refuses at once, and whoever asked may ask again; the membership is left as it was.
    const leader = new LoneMember({ learners: ["d"] }).lead().commitAll();
    expect(change(leader, { kind: "promote", id: "d" })).toBe(
      "it has not caught up yet: try again",
    );
    expect(leader.status.membership).toEqual(membershipWith(["a", "b", "c"], ["d"]));
  });

  test('"the leader must discover that the new server\'s log is empty": one rejection is enough', () => {
    const cluster = new TestCluster(["a", "b", "c"]);
    cluster.elect("a");
    for (let sequence = 1; sequence <= 20; sequence++) {
      const commands = [{ id: requestId(sequence), data: bytes("x") }];
      cluster.step("a", { kind: "propose", commands });
    }
    cluster.run();
    let rejections = 0;
    cluster.delivers = (message) => {
      if (message.kind === "appendResponse" && !message.result.ok) rejections++;
      return true;
    };
    cluster.start("d");
    cluster.step("a", { kind: "changeMembership", id: requestId(21), change: addLearner("d") });
    cluster.run(3);
    expect(rejections).toBe(1);
    expect(cluster.core("d").status().lastIndex).toBe(cluster.core("a").status().lastIndex);
  });
});

test("no change that leaves a quorum only with voters that were not heard of for an election timeout", () => {
  for (const silentTicks of [10, 11]) {
    const leader = new LoneMember().lead().commitAll();
    for (let tick = 0; tick < silentTicks; tick++) {
      leader.tick();
      leader.receive("b", { kind: "heartbeatResponse", round: 0 });
    }
    expect(leader.status.peers.map(({ isActive }) => isActive)).toEqual([true, silentTicks <= 10]);
    const refused = "too few of the voters that would be left can be reached";
    expect(change(leader, remove("b"))).toBe(silentTicks > 10 ? refused : "taken");
    // Without the one that is silent there is a quorum.
    if (silentTicks > 10) expect(change(leader, remove("c"))).toBe("taken");
  }
});

describe("thesis §4.2.2", () => {
  test('"a leader that is removed from the configuration steps down once the [new] entry is committed"', () => {
    // The paper, §6: "the leader steps down (returns to follower state) once it has committed the
    // [new] log entry".
    const leader = new LoneMember().lead().commitAll();
    change(leader, remove("a"));
    expect(leader.status.role).toBe("leader");
    leader.acknowledge("b", 3);
    expect(leader.status.role).toBe("leader");
    leader.acknowledge("c", 3);
    expect(leader.status).toMatchObject({ role: "follower", commitIndex: 3, term: 2 });
    leader.tick(100);
    expect(leader.status.role).toBe("follower");
    // phi hands over at once, instead of an election timeout later (§3.10).
    expect(leader.sentOf("timeoutNow").map(({ to }) => to)).toEqual(["b"]);
  });

  test('"it replicates log entries but does not count itself in majorities"', () => {
    const leader = new LoneMember({ voters: ["a", "b", "c", "d"] }).lead().commitAll();
    change(leader, remove("a"));
    leader.propose("x", 2);
    leader.acknowledge("b", 4);
    expect(leader.status.commitIndex).toBe(2);
    leader.acknowledge("c", 3);
    expect(leader.status.commitIndex).toBe(3);
  });

  test("a removed leader that no quorum of the others answers does not stay leader either", () => {
    const leader = new LoneMember().lead().commitAll();
    change(leader, remove("a"));
    for (let tick = 1; tick <= 20; tick++) {
      leader.receive("b", { kind: "heartbeatResponse", round: 0 });
      leader.tick();
    }
    expect(leader.status.role).toBe("follower");
  });

  test('"a server that is not part of its own latest configuration should still start new elections, as it might still be needed until the [new] entry is committed"', () => {
    const member = removed("a");
    member.timeOut();
    expect(member.sentOf("preVoteRequest").map(({ to }) => to)).toEqual(["b", "c"]);
    // Once it is committed, it is not needed any more.
    const committed = removed("a");
    committed.receive("b", { kind: "heartbeatRequest", leaderCommit: 2, round: 1 });
    committed.tick(100);
    expect(committed.status.role).toBe("follower");
  });

  test('"It does not count its own vote in elections unless it is part of its latest configuration"', () => {
    const member = removed("a");
    member.timeOut();
    member.receive("b", { kind: "preVoteResponse", isGranted: true }, 2);
    expect(member.status.role).toBe("preCandidate");
    member.receive("c", { kind: "preVoteResponse", isGranted: true }, 2);
    expect(member.status.role).toBe("candidate");
    member.receive("b", { kind: "voteResponse", isGranted: true });
    expect(member.status.role).toBe("candidate");
    member.receive("c", { kind: "voteResponse", isGranted: true });
    expect(member.status.role).toBe("leader");
  });

  test('"In an extreme case of removing the leader from a two-server cluster, the server might even have to become leader again for the cluster to make progress"', () => {
    const cluster = new TestCluster(["a", "b"]);
    cluster.elect("a");
    cluster.run(2);
    cluster.delivers = () => false;
    cluster.step("a", { kind: "changeMembership", id: requestId(1), change: remove("a") });
    cluster.run(30);
    expect(cluster.leaders).toEqual([]);
    cluster.delivers = () => true;
    cluster.run(60);
    expect(cluster.leaders).toEqual(["b"]);
    expect(cluster.core("b").status().membership).toEqual({
      ...membershipWith(["b"]),
      removed: ["a"],
    });
  });
});

describe("thesis §4.2.3", () => {
  test('"if a server receives a RequestVote request within the minimum election timeout of hearing from a current leader, it does not update its term or grant its vote"', () => {
    // The paper has the same sentence, §6.
    const member = new LoneMember({}, { random: () => 0.9 });
    member.receive("b", heartbeat, 2);
    member.takeSent();
    member.tick(9);
    member.receive("c", voteRequest(9, 2), 7);
    expect(member.status).toMatchObject({ term: 2, vote: undefined, leader: "b" });
    expect(member.sent).toEqual([]);
    member.tick(1);
    // It has not begun to ask by itself: its own timeout is longer than the least.
    expect(member.status.role).toBe("follower");
    member.receive("c", voteRequest(9, 2), 7);
    expect(member.status).toMatchObject({ term: 7, vote: "c" });
  });

  test('"while a leader is able to get heartbeats to its cluster, it will not be deposed by larger term numbers"', () => {
    // The paper, §6: "if a leader is able to get heartbeats to its cluster, then it will not be deposed
    // by larger term numbers".
    const cluster = new TestCluster(["a", "b", "c", "d"]);
    cluster.elect("a");
    cluster.run(2);
    const { term } = cluster.core("a").status();
    cluster.step("a", { kind: "changeMembership", id: requestId(1), change: remove("d") });
    cluster.run(2);
    // d hears nothing any more, not of its removal either, and asks for votes of all its life.
    for (let round = 0; round < 20; round++) {
      cluster.run(3);
      for (const to of ["a", "b", "c"]) {
        const body = {
          kind: "voteRequest",
          lastLogIndex: 99,
          lastLogTerm: term,
          isTransfer: false,
        } as const;
        const message = cluster.core("d").message(to, body, term + 1 + round);
        cluster.step(to, { kind: "message", message });
      }
    }
    expect(cluster.leaders).toEqual(["a"]);
    expect(cluster.core("a").status().term).toBe(term);
  });

  test("\"Those RequestVote requests can include a special flag to indicate this behavior ('I have permission to disrupt the leader—it told me to!')\"", () => {
    const member = new LoneMember();
    member.receive("b", heartbeat, 2);
    member.receive("c", { ...voteRequest(1, 1), isTransfer: true } as MessageBody, 3);
    expect(member.status).toMatchObject({ term: 3, vote: "c" });
    const leader = new LoneMember().lead();
    leader.receive("c", { ...voteRequest(9, 2), isTransfer: true } as MessageBody, 3);
    expect(leader.status).toMatchObject({ role: "follower", term: 3, vote: "c" });
    // Who was not told to has no such permission.
    const candidate = new LoneMember().campaign();
    expect(candidate.sentOf("voteRequest").map(({ isTransfer }) => isTransfer)).toEqual([
      false,
      false,
    ]);
  });
});
