/** Proposals and reads that are refused: where, with what certainty, and by whom they may be asked. */
import { describe, expect, test } from "bun:test";
import { TestCluster, TestDisk } from "./_test_cluster.ts";
import { bytes, LoneMember, memberOf, requestId } from "./_test_core.ts";
import { TestMembers } from "./_test_members.ts";
import type { Message, MessageBody } from "./message.ts";

const following = (leader: string, options = {}) => {
  const member = new LoneMember({}, options);
  member.receive(leader, { kind: "heartbeatRequest", leaderCommit: 1, round: 1 }, 2);
  member.takeSent();
  return member;
};
const proposeRequest = (sequence: number, node: string): MessageBody => ({
  kind: "proposeRequest",
  proposal: { id: requestId(sequence, node), body: { kind: "command", data: bytes("x") } },
});
const readIndexRequest = (sequence: number, node: string): MessageBody => ({
  kind: "readIndexRequest",
  id: requestId(sequence, node),
});

describe("a command over maxCommandBytes", () => {
  const reason = "it has 11 bytes, and at most 10 are taken";

  test("is dropped by the follower itself, and nothing is sent", () => {
    const member = following("b", { maxCommandBytes: 10 });
    member.propose("x".repeat(11));
    expect(member.effectsOf("dropped")).toMatchObject([
      { what: "proposal", id: requestId(1), outcome: "dropped", reason },
    ]);
    expect(member.sent).toEqual([]);
    member.propose("x".repeat(10), 2);
    expect(member.sentOf("proposeRequest")).toMatchObject([{ to: "b" }]);
  });

  test("is dropped by a leader, also where another sent it", () => {
    const leader = new LoneMember({}, { maxCommandBytes: 10 }).lead().commitAll();
    leader.propose("x".repeat(11));
    expect(leader.effectsOf("dropped")).toMatchObject([{ outcome: "dropped", reason }]);
    const data = bytes("x".repeat(11));
    const proposal = { id: requestId(1, "b"), body: { kind: "command" as const, data } };
    leader.receive("b", { kind: "proposeRequest", proposal });
    expect(leader.sentOf("proposeResponse")).toMatchObject([{ outcome: "dropped", reason }]);
    expect(leader.status.lastIndex).toBe(2);
  });

  test("does not keep a membership change from being forwarded", () => {
    const member = following("b", { maxCommandBytes: 1 });
    const change = { kind: "addLearner", member: memberOf("d") } as const;
    member.step({ kind: "changeMembership", id: requestId(1), change });
    expect(member.sentOf("proposeRequest")).toMatchObject([{ to: "b" }]);
  });
});

const answerOf = (member: LoneMember, term?: number) => {
  member.receive("c", proposeRequest(1, "c"), term);
  return member.sentOf("proposeResponse").at(-1)?.outcome;
};

describe("a forward that reaches a member which does not lead that term", () => {
  test("is answered `unknown`, though the member never led it as far as it knows", () => {
    // It may have led it, and have lost its disk since.
    expect(answerOf(following("b"))).toBe("unknown");
    expect(answerOf(new LoneMember({ term: 2, vote: "b" }))).toBe("unknown");
    expect(answerOf(new LoneMember({ term: 2, vote: "a" }))).toBe("unknown");
    expect(answerOf(new LoneMember(new TestDisk()), 2)).toBe("unknown");
  });

  test("is answered `unknown` by the leader of another term", () => {
    const leader = new LoneMember().lead().commitAll();
    expect(answerOf(leader, leader.status.term - 1)).toBe("unknown");
    expect(leader.status.lastIndex).toBe(2);
  });

  test("what a leader took before it lost its disk is never told to have had no effect", () => {
    const cluster = new TestCluster(["a", "b", "c"]);
    cluster.elect("a");
    cluster.run(2);
    const copies: Message[] = [];
    cluster.delivers = (message) => {
      if (message.kind === "proposeRequest") copies.push(message);
      return message.to !== "c";
    };
    const id = requestId(1, "c");
    cluster.step("c", { kind: "propose", commands: [{ id, data: bytes("x") }] });
    cluster.settle();
    cluster.start("a");
    cluster.delivers = () => true;
    cluster.step("a", { kind: "message", message: copies[0]! });
    cluster.settle();
    cluster.run(60);
    const { applied, effects } = cluster.member("c");
    expect(applied.filter(({ body }) => body.kind === "command")).toHaveLength(1);
    const dropped = effects.filter((effect) => effect.kind === "dropped");
    expect(dropped).toMatchObject([{ what: "proposal", id, outcome: "unknown" }]);
  });
});

describe("reads", () => {
  test("from outside of the cluster are not taken; those of learners are", () => {
    const leader = new LoneMember({ learners: ["d"] }).lead().commitAll();
    leader.receive("x", readIndexRequest(1, "x"));
    expect(leader.sentOf("readIndexResponse")).toMatchObject([{ to: "x", index: undefined }]);
    expect(leader.status.pendingReads).toBe(0);
    leader.receive("d", readIndexRequest(1, "d"));
    expect(leader.status.pendingReads).toBe(1);
    expect(leader.sentOf("readIndexResponse")).toHaveLength(1);
  });

  test("from outside do not use up the room of those from inside", () => {
    const leader = new LoneMember({}, { maxPendingReads: 2 }).lead().commitAll();
    for (let sequence = 1; sequence <= 5; sequence++) {
      leader.receive("x", readIndexRequest(sequence, "x"));
    }
    leader.step({ kind: "readIndex", id: requestId(1) });
    expect(leader.effectsOf("dropped")).toEqual([]);
    expect(leader.status.pendingReads).toBe(1);
  });

  test("pendingReads counts each once, early or confirmed in part, the leader's own or another's", () => {
    const leader = new LoneMember().lead();
    const ask = (sequence: number) => {
      leader.step({ kind: "readIndex", id: requestId(sequence) });
      leader.receive("b", readIndexRequest(sequence, "b"));
    };
    ask(1);
    expect(leader.status.pendingReads).toBe(2);
    leader.commitAll();
    expect(leader.status.pendingReads).toBe(2);
    ask(2);
    expect(leader.status.pendingReads).toBe(4);
    const member = following("b");
    member.step({ kind: "readIndex", id: requestId(1) });
    expect(member.status.pendingReads).toBe(1);
  });

  test("of a member without a quorum: one that waits is one", () => {
    const cluster = new TestMembers(["a", "b", "c"]);
    const leader = cluster.elect();
    cluster.delivers = () => false;
    leader.read();
    expect(leader.status.pendingReads).toBe(1);
  });
});
