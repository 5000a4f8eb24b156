/** A disk that is almost full: no proposals, but nothing else is given up for it. */
import { describe, expect, test } from "bun:test";
import { LoneMember, memberOf, requestId } from "./_test_core.ts";
import { TestMembers } from "./_test_members.ts";
import type { MembershipChange } from "./membership.ts";
import type { ProposalOutcome } from "./pending_requests.ts";

const leaderLowOnSpace = () => {
  const leader = new LoneMember().lead().commitAll();
  leader.step({ kind: "space", isLow: true });
  return leader;
};
const change = (leader: LoneMember, wanted: MembershipChange, sequence = 9) =>
  leader.step({ kind: "changeMembership", id: requestId(sequence), change: wanted });
/** Lets an election timeout pass in which the others answer. */
const pass = (leader: LoneMember, ticks = 10) => {
  for (let tick = 0; tick < ticks; tick++) {
    leader.tick();
    leader.answerAll({ kind: "heartbeatResponse", round: 0 });
  }
};

describe("a leader low on space", () => {
  test("takes no command, its own or another's, until there is room again", () => {
    const leader = leaderLowOnSpace();
    leader.propose("x");
    leader.receive("b", {
      kind: "proposeRequest",
      proposal: { id: requestId(1, "b"), body: { kind: "command", data: new Uint8Array() } },
    });
    const reason = "the leader's disk is almost full";
    expect(leader.effectsOf("dropped")).toMatchObject([{ outcome: "dropped", reason }]);
    expect(leader.sentOf("proposeResponse")).toMatchObject([{ outcome: "dropped", reason }]);
    expect(leader.status.lastIndex).toBe(2);
    leader.step({ kind: "space", isLow: false });
    leader.propose("y", 2);
    expect(leader.status.lastIndex).toBe(3);
  });

  test("takes changes of the membership, also one that removes it", () => {
    for (const wanted of [
      { kind: "remove", id: "a" },
      { kind: "addLearner", member: memberOf("d") },
    ] satisfies MembershipChange[]) {
      const leader = leaderLowOnSpace();
      change(leader, wanted);
      expect(leader.effectsOf("dropped")).toEqual([]);
      expect(leader.entries.at(-1)?.body.kind).toBe("membership");
    }
  });

  test("takes them at any time, though nobody else can take over", () => {
    for (let ticks = 0; ticks <= 30; ticks++) {
      const leader = leaderLowOnSpace();
      pass(leader, ticks);
      change(leader, { kind: "remove", id: "a" });
      expect(leader.entries.at(-1)?.body.kind).toBe("membership");
    }
  });

  test("asks a voter that has the whole log to take over, within an election timeout", () => {
    const leader = leaderLowOnSpace();
    leader.step({ kind: "space", isLow: false });
    leader.propose("x");
    leader.acknowledge("c", 3);
    leader.step({ kind: "space", isLow: true });
    pass(leader);
    expect(leader.sentOf("timeoutNow").map(({ to }) => to)).toEqual(["c"]);
  });

  test("asks nobody while there is room, or while nobody has the whole log", () => {
    const roomy = new LoneMember().lead().commitAll();
    pass(roomy, 30);
    expect(roomy.sentOf("timeoutNow")).toEqual([]);
    const ahead = new LoneMember().lead();
    ahead.step({ kind: "space", isLow: true });
    pass(ahead, 30);
    expect(ahead.sentOf("timeoutNow")).toEqual([]);
  });

  test("asks nobody while leadership is being handed over: two would campaign at once", () => {
    const leader = new LoneMember().lead().commitAll();
    leader.propose("x");
    leader.acknowledge("b", 3);
    leader.step({ kind: "space", isLow: true });
    pass(leader, 5);
    leader.step({ kind: "transferLeadership", to: "c" });
    pass(leader, 9);
    expect(leader.sentOf("timeoutNow")).toEqual([]);
    pass(leader, 10);
    expect(leader.sentOf("timeoutNow").map(({ to }) => to)).toEqual(["b"]);
  });

  test("asks another, where the first declines", () => {
    const leader = leaderLowOnSpace();
    pass(leader, 60);
    const asked = new Set(leader.sentOf("timeoutNow").map(({ to }) => to));
    expect([...asked].toSorted()).toEqual(["b", "c"]);
  });
});

test("a member low on space declines to take over, and would take over with room", () => {
  for (const isLow of [true, false]) {
    const member = new LoneMember();
    member.receive("b", { kind: "heartbeatRequest", leaderCommit: 1, round: 1 }, 2);
    member.step({ kind: "space", isLow });
    member.receive("b", { kind: "timeoutNow" });
    expect(member.status.role).toBe(isLow ? "follower" : "candidate");
    expect(member.status.term).toBe(isLow ? 2 : 3);
  }
});

/** The leader and those after it have had too little room for a while. */
const lowOnSpace = (lowCount: number) => {
  const cluster = new TestMembers(["a", "b", "c"]);
  const leader = cluster.elect();
  const inOrder = [leader, ...cluster.othersThan(leader)];
  for (const host of inOrder.slice(0, lowCount)) host.isLowOnSpace = true;
  cluster.run(60);
  return cluster;
};
const expectCommit = (cluster: TestMembers) => {
  expect(cluster.leader?.isLowOnSpace).toBe(false);
  for (const host of cluster.hosts.values()) {
    const asked = host.propose("x");
    cluster.run(3);
    expect(asked.outcome?.kind).toBe("committed");
  }
};

describe("a cluster of which some disks are almost full", () => {
  test("one of three: another leads, and commands are taken", () => {
    expectCommit(lowOnSpace(1));
  });

  test("two of three: the third leads, and commands are taken", () => {
    expectCommit(lowOnSpace(2));
  });

  test("all of them: the leader stays, and its removal is taken at whatever time it is asked for", () => {
    for (let ticks = 0; ticks < 12; ticks++) {
      const cluster = new TestMembers(["a", "b", "c"]);
      const leader = cluster.elect();
      for (const host of cluster.hosts.values()) host.isLowOnSpace = true;
      cluster.run(30 + ticks);
      expect(cluster.leader).toBe(leader);
      let outcome: ProposalOutcome | undefined;
      const wanted: MembershipChange = { kind: "remove", id: leader.id };
      leader.member.changeMembership(wanted, (given) => (outcome = given));
      cluster.run(5);
      expect(outcome?.kind).toBe("committed");
    }
  });
});
