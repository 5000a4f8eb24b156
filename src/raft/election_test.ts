/** What an election must withstand beyond the paper: members that do not know who the members are. */
import { describe, expect, test } from "bun:test";
import { TestCluster, TestDisk } from "./_test_cluster.ts";
import { diskOf, entriesOf, LoneMember, membershipWith, snapshotOf } from "./_test_core.ts";
import type { MessageBody } from "./message.ts";

const lastLog = { lastLogIndex: 9, lastLogTerm: 9 };
const preVoteRequest: MessageBody = { kind: "preVoteRequest", ...lastLog };
const voteRequest: MessageBody = { kind: "voteRequest", ...lastLog, isTransfer: false };

const blank = () => new LoneMember(new TestDisk());

test("the only voter waits for nobody", () => {
  const alone = new LoneMember(diskOf({ voters: ["a"], learners: ["b"] }));
  alone.tick(1);
  expect(alone.status).toMatchObject({ role: "leader", term: 2 });
  const ofTwo = new LoneMember(diskOf({ voters: ["a", "b"] }));
  ofTwo.tick(9);
  expect(ofTwo.status.role).toBe("follower");
});

describe("a member without a membership: one that joins, or has lost its disk", () => {
  test("grants no pre-vote and no vote, whoever asks, and says so", () => {
    const member = blank();
    member.receive("b", preVoteRequest, 9);
    expect(member.sentOf("preVoteResponse")).toMatchObject([{ to: "b", isGranted: false }]);
    member.receive("b", voteRequest, 9);
    member.receive("c", { ...voteRequest, isTransfer: true }, 10);
    expect(member.sentOf("voteResponse")).toMatchObject([
      { to: "b", isGranted: false, term: 9 },
      { to: "c", isGranted: false, term: 10 },
    ]);
    expect(member.status.vote).toBeUndefined();
  });

  test("grants both once a snapshot has told it the membership", () => {
    for (const membership of [membershipWith(["a", "b", "c"]), membershipWith(["b", "c"], ["a"])]) {
      const member = blank();
      member.receive("b", { kind: "installSnapshot", snapshot: snapshotOf(5, 2, membership) }, 2);
      member.tick(10);
      member.receive("c", preVoteRequest, 9);
      expect(member.sentOf("preVoteResponse")).toMatchObject([{ to: "c", isGranted: true }]);
      member.receive("c", voteRequest, 9);
      expect(member.sentOf("voteResponse")).toMatchObject([{ to: "c", isGranted: true }]);
      expect(member.status.vote).toBe("c");
    }
  });

  test("makes nobody a leader that lacks what was committed", () => {
    const cluster = new TestCluster(["a", "b", "c"]);
    cluster.elect("a");
    cluster.run(2);
    cluster.delivers = ({ to }) => to !== "c";
    cluster.step("a", {
      kind: "propose",
      commands: [{ id: { node: "a", incarnation: 1, sequence: 1 }, data: new Uint8Array(1) }],
    });
    cluster.settle();
    expect(cluster.core("a").status().commitIndex).toBe(cluster.core("c").status().lastIndex + 1);
    cluster.start("b");
    cluster.delivers = ({ from, to }) => from !== "a" && to !== "a";
    cluster.run(100);
    expect(cluster.leaders).toEqual([]);
    expect(cluster.core("b").status()).toMatchObject({ role: "follower", vote: undefined });
  });
});

test("votes of those who are no voters here do not count", () => {
  const member = new LoneMember({ voters: ["a", "b", "c"], learners: ["d"], terms: [1] });
  member.timeOut();
  for (const from of ["d", "x", "y"]) {
    member.receive(from, { kind: "preVoteResponse", isGranted: true }, 2);
    expect(member.status.role).toBe("preCandidate");
  }
  member.receive("b", { kind: "preVoteResponse", isGranted: true }, 2);
  for (const from of ["d", "x", "y"]) {
    member.receive(from, { kind: "voteResponse", isGranted: true });
    expect(member.status.role).toBe("candidate");
  }
  member.receive("c", { kind: "voteResponse", isGranted: true });
  expect(member.status.role).toBe("leader");
});

describe("a message whose term is more than 2^32 ahead", () => {
  const FAR = 2 ** 32;

  test.each([
    ["a heartbeat's answer from a stranger", { kind: "heartbeatResponse", round: 0 }],
    ["a heartbeat", { kind: "heartbeatRequest", leaderCommit: 0, round: 1 }],
    ["a request for a vote", voteRequest],
    ["a request for a pre-vote", preVoteRequest],
    ["a granted pre-vote", { kind: "preVoteResponse", isGranted: true }],
    [
      "an append",
      { kind: "appendRequest", prevLogIndex: 1, prevLogTerm: 1, entries: [], leaderCommit: 1 },
    ],
    ["a snapshot", { kind: "installSnapshot", snapshot: snapshotOf(5, 2) }],
    [
      "a forwarded read",
      { kind: "readIndexRequest", id: { node: "x", incarnation: 1, sequence: 1 } },
    ],
  ] satisfies [string, MessageBody][])("is dropped as a fault: %s", (_, body) => {
    for (const member of [new LoneMember({ terms: [3] }), new LoneMember({ terms: [3] }).lead()]) {
      const before = member.status;
      const effects = member.receive("x", body, before.term + FAR + 1);
      expect(effects).toMatchObject([
        { kind: "dropped", what: "message", reason: "its term is too far ahead" },
      ]);
      expect(member.status).toEqual(before);
    }
  });

  test("is a fault only beyond the bound: one that was away for long is believed", () => {
    const member = new LoneMember({ entries: entriesOf([3]) });
    member.receive("b", { kind: "heartbeatResponse", round: 0 }, 3 + FAR);
    expect(member.effectsOf("dropped")).toEqual([]);
    expect(member.status.term).toBe(3 + FAR);
  });

  test("does not keep a cluster from electing leaders", () => {
    const cluster = new TestCluster(["a", "b", "c"]);
    cluster.elect("a");
    const answer = { kind: "heartbeatResponse", round: 0 } as const;
    const message = { ...cluster.core("b").message("a", answer, 2 ** 48), from: "stranger" };
    cluster.step("a", { kind: "message", message });
    cluster.run(30);
    expect(cluster.leaders).toEqual(["a"]);
    cluster.step("a", { kind: "transferLeadership", to: "b" });
    cluster.run(2);
    expect(cluster.leaders).toEqual(["b"]);
  });
});
