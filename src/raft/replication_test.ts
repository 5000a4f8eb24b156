/** How much a leader has under way to a follower that does not keep up, and how it finds what was lost. */
import { describe, expect, test } from "bun:test";
import { bytes, LoneMember, requestId, type StoredBefore } from "./_test_core.ts";
import { TestMembers } from "./_test_members.ts";

const WINDOW = 3;
const heartbeat = { kind: "heartbeatResponse", round: 0 } as const;

/** Follower "b" was sent as many batches as may be under way, of one entry each, the first at 3. */
const fullWindow = () => {
  const leader = new LoneMember({}, { maxInflightBatches: WINDOW, maxBatchBytes: 1 });
  leader.lead().commitAll();
  for (let sequence = 1; sequence <= WINDOW + 4; sequence++) leader.propose("x", sequence);
  expect(leader.status.peers[0]).toMatchObject({
    id: "b",
    state: "replicate",
    matchIndex: 2,
    nextIndex: 6,
    inflightBatches: WINDOW,
  });
  leader.takeSent();
  return leader;
};
const entriesSent = (leader: LoneMember) =>
  leader.sentOf("appendRequest", "b").flatMap(({ entries }) => entries.map(({ index }) => index));

test("a follower that was found is sent all that there is, batch by batch, to the last entry", () => {
  const leader = new LoneMember({}, { maxBatchBytes: 1 }).lead();
  for (const sequence of [1, 2]) leader.propose("x", sequence);
  leader.acknowledge("b", 2);
  expect(entriesSent(leader)).toEqual([3, 4]);
  // Where its answer commits nothing, all goes in one turn as well.
  const other = new LoneMember({}, { maxBatchBytes: 1 }).lead();
  for (const sequence of [1, 2]) other.propose("x", sequence);
  other.acknowledge("b", 1);
  expect(entriesSent(other)).toEqual([2, 3, 4]);
});

test("an answer to an append is a sign of life like any other", () => {
  const leader = new LoneMember().lead();
  for (let tick = 0; tick < 30; tick++) {
    leader.tick();
    leader.acknowledge("b", 2);
  }
  expect(leader.status.role).toBe("leader");
});

test("a heartbeat's answer by who has all brings nothing", () => {
  const leader = new LoneMember().lead().commitAll();
  leader.receive("b", heartbeat);
  expect(leader.sent).toEqual([]);
});

test("what an append has told of a commit no other tells at the next tick", () => {
  const leader = new LoneMember().lead().commitAll();
  leader.propose("x");
  leader.acknowledge("b", 3);
  leader.propose("y", 2);
  expect(leader.sentOf("appendRequest", "c").at(-1)).toMatchObject({ leaderCommit: 3 });
  leader.takeSent();
  leader.tick();
  expect(leader.sentOf("appendRequest")).toEqual([]);
});

describe("a full window", () => {
  test("each heartbeat's answer brings one empty append and no more entries, however many come", () => {
    const leader = fullWindow();
    for (let count = 1; count <= 50; count++) {
      leader.receive("b", heartbeat);
      expect(leader.sentOf("appendRequest", "b")).toHaveLength(count);
    }
    for (const sent of leader.sentOf("appendRequest", "b")) {
      expect(sent).toMatchObject({ prevLogIndex: 5, prevLogTerm: 2, entries: [] });
    }
    expect(leader.status.peers[0]).toMatchObject({ inflightBatches: WINDOW, nextIndex: 6 });
  });

  test("of a commit nothing is told before there is room, nor to one who is out of reach", () => {
    const leader = fullWindow();
    leader.acknowledge("c", leader.status.lastIndex);
    leader.takeSent();
    leader.tick();
    expect(leader.sentOf("appendRequest", "b")).toEqual([]);
    leader.step({ kind: "unreachable", peer: "b" });
    leader.tick();
    leader.acknowledge("c", leader.status.commitIndex);
    expect(leader.sentOf("appendRequest", "b")).toEqual([]);
  });

  test("who was out of reach is followed up again by an answer, unless it says less than is known", () => {
    const leader = fullWindow();
    leader.acknowledge("b", 4);
    leader.step({ kind: "unreachable", peer: "b" });
    leader.acknowledge("b", 3);
    expect(leader.status.peers[0]?.state).toBe("probe");
    leader.acknowledge("b", 4);
    expect(leader.status.peers[0]?.state).toBe("replicate");
  });

  test("an answer to part of it frees as much, and nothing is sent again", () => {
    const leader = fullWindow();
    leader.acknowledge("c", 9);
    leader.acknowledge("b", 3);
    expect(entriesSent(leader)).toEqual([6]);
    leader.acknowledge("b", 5);
    expect(entriesSent(leader)).toEqual([6, 7, 8]);
    leader.acknowledge("b", 6);
    expect(entriesSent(leader)).toEqual([6, 7, 8, 9]);
  });

  test("a lost batch is found by the empty append: what does not match is sent anew", () => {
    const leader = fullWindow();
    leader.receive("b", heartbeat);
    const [asked] = leader.takeSent();
    expect(asked).toMatchObject({ kind: "appendRequest", prevLogIndex: 5 });
    // Of 3, 4 and 5 the second was lost.
    const result = { ok: false, rejectedIndex: 5, hintIndex: 3, hintTerm: 2 } as const;
    leader.receive("b", { kind: "appendResponse", result });
    expect(leader.status.peers[0]).toMatchObject({ state: "probe", nextIndex: 3 });
    expect(entriesSent(leader)).toEqual([3]);
    leader.acknowledge("b", 3);
    expect(entriesSent(leader)).toEqual([3, 4, 5, 6]);
  });

  test("lost answers are made up for by the answer to the empty append", () => {
    const leader = fullWindow();
    leader.receive("b", heartbeat);
    leader.takeSent();
    leader.acknowledge("b", 5);
    expect(entriesSent(leader)).toEqual([6, 7, 8]);
  });

  test("a stalled disk is sent no more than the window, and catches up when it goes on", () => {
    const cluster = new TestMembers(["a", "b", "c"], { maxBatchBytes: 1_000 });
    const leader = cluster.elect();
    const stalled = cluster.othersThan(leader)[0]!;
    stalled.commitTicks = 300;
    let batches = 0;
    cluster.delivers = (message) => {
      const isBatch = message.kind === "appendRequest" && message.entries.length > 0;
      if (isBatch && message.to === stalled.id) batches++;
      return true;
    };
    for (let tick = 0; tick < 299; tick++) {
      leader.propose("x".repeat(1_000));
      cluster.run();
    }
    expect(batches).toBe(8);
    stalled.commitTicks = 0;
    cluster.run(50);
    expect(stalled.status.commitIndex).toBe(leader.status.commitIndex);
  });
});

const append = (prevLogIndex: number, leaderCommit: number) =>
  ({ kind: "appendRequest", prevLogIndex, prevLogTerm: 2, entries: [], leaderCommit }) as const;

const forwarded = (sequence: number, node: string) =>
  ({
    kind: "proposeRequest",
    proposal: {
      id: requestId(sequence, node),
      body: { kind: "command", data: bytes("x") },
    },
  }) as const;
const toldTo = (leader: LoneMember) =>
  leader.takeSent().flatMap((sent) => (sent.kind === "appendRequest" ? [sent.to] : []));

describe("a commit", () => {
  test("is told at once to who proposed it, and to the others a tick later", () => {
    const leader = new LoneMember({}, { heartbeatTicks: 5 }).lead().commitAll();
    leader.tick();
    leader.receive("c", forwarded(1, "c"));
    leader.takeSent();
    leader.acknowledge("b", 3);
    expect(leader.sentOf("appendRequest")).toMatchObject([{ to: "c", ...append(3, 3) }]);
    leader.takeSent();
    leader.tick();
    expect(leader.sentOf("appendRequest")).toMatchObject([{ to: "b", ...append(3, 3) }]);
    leader.takeSent();
    leader.tick();
    expect(toldTo(leader)).toEqual([]);
  });

  test("of what concerns all is told to all at once", () => {
    const leader = new LoneMember({ learners: ["d"] }).lead();
    leader.acknowledge("b", 2);
    leader.acknowledge("c", 2);
    leader.acknowledge("d", 2);
    leader.step({
      kind: "changeMembership",
      id: requestId(1, "a"),
      change: { kind: "remove", id: "d" },
    });
    leader.takeSent();
    leader.acknowledge("c", 3);
    expect(toldTo(leader)).toEqual(["b", "c"]);
  });

  test("is told with the entries to who lacks some, and not beside them", () => {
    const leader = new LoneMember({}, { heartbeatTicks: 5 }).lead().commitAll();
    leader.receive("c", forwarded(1, "c"));
    leader.step({ kind: "unreachable", peer: "c" });
    leader.takeSent();
    leader.acknowledge("b", 3);
    expect(leader.sentOf("appendRequest")).toMatchObject([
      { to: "c", prevLogIndex: 2, entries: [{ index: 3 }], leaderCommit: 3 },
    ]);
  });

  test("that is news is not answered; a question is, and so is what was known", () => {
    const follower = new LoneMember({ terms: [2, 2], commit: 1 });
    const answers = (body: ReturnType<typeof append>) => {
      follower.takeSent();
      follower.receive("b", body, 2);
      return follower.sentOf("appendResponse", "b").map(({ result }) => result);
    };
    expect(answers(append(3, 0))).toEqual([{ ok: true, matchIndex: 3 }]);
    expect(answers(append(3, 3))).toEqual([]);
    expect(follower.status.commitIndex).toBe(3);
    expect(answers(append(3, 3))).toEqual([{ ok: true, matchIndex: 3 }]);
    // Not all of what is committed is here.
    expect(answers(append(4, 4))).toMatchObject([{ ok: false, rejectedIndex: 4 }]);
  });

  test("is in no question, or it would not be answered", () => {
    const leader = fullWindow();
    leader.receive("b", heartbeat);
    expect(leader.status.commitIndex).toBe(2);
    expect(leader.sentOf("appendRequest", "b")).toMatchObject([append(5, 0)]);
  });

  test("to a follower whose agreement was lost leaves the leader in doubt for a heartbeat", () => {
    const cluster = new TestMembers(["a", "b", "c"]);
    const leader = cluster.elect();
    const [deaf] = cluster.othersThan(leader);
    cluster.delivers = ({ kind, from }) => kind !== "appendResponse" || from !== deaf!.id;
    leader.propose("x");
    cluster.run(1);
    cluster.delivers = () => true;
    const { lastIndex, commitIndex } = leader.status;
    expect(commitIndex).toBe(lastIndex);
    const matchIndex = () => leader.status.peers.find(({ id }) => id === deaf!.id)!.matchIndex;
    expect(matchIndex()).toBeLessThan(lastIndex);
    cluster.run(10);
    expect(matchIndex()).toBe(lastIndex);
  });
});

test("a follower gets a snapshot only if it was heard of within an election timeout", () => {
  for (const silentTicks of [10, 11]) {
    const leader = new LoneMember().lead().commitAll();
    leader.propose("x");
    leader.acknowledge("c", 3);
    leader.step({ kind: "snapshotTaken", index: 3, data: bytes("state") });
    leader.step({ kind: "compact", throughIndex: 3 });
    leader.step({ kind: "unreachable", peer: "b" });
    for (let tick = 0; tick < silentTicks; tick++) {
      leader.tick();
      leader.receive("c", heartbeat);
    }
    leader.propose("y", 2);
    expect(leader.effectsOf("sendSnapshot")).toHaveLength(silentTicks > 10 ? 0 : 1);
  }
});

/** Leads with a snapshot at 5, behind which "b" has fallen. */
const behindSnapshot = (options = {}, compacted = 5) => {
  const stored: StoredBefore = { terms: [1, 2, 2, 3, 3], commit: 5 };
  const leader = new LoneMember(stored, options);
  leader.step({ kind: "applied", index: 1 });
  leader.lead();
  leader.acknowledge("c", leader.status.lastIndex);
  leader.step({ kind: "snapshotTaken", index: 5, data: bytes("state") });
  leader.step({ kind: "compact", throughIndex: compacted });
  const result = { ok: false, rejectedIndex: 6, hintIndex: 1, hintTerm: 1 } as const;
  leader.receive("b", { kind: "appendResponse", result });
  expect(leader.effectsOf("sendSnapshot")).toMatchObject([{ to: "b", index: 5 }]);
  leader.takeSent();
  return leader;
};
const ticks = (leader: LoneMember, count: number) => {
  for (let tick = 0; tick < count; tick++) {
    leader.tick();
    leader.answerAll(heartbeat);
  }
};

describe("a snapshot that did not get through", () => {
  test("is sent again an election timeout later, and not sooner, whatever is heard", () => {
    const leader = behindSnapshot();
    for (let attempt = 1; attempt <= 3; attempt++) {
      expect(leader.effectsOf("sendSnapshot")).toHaveLength(attempt);
      leader.step({ kind: "snapshotResult", to: "b", index: 5, ok: false });
      ticks(leader, 9);
      leader.propose("x", attempt);
      expect(leader.effectsOf("sendSnapshot")).toHaveLength(attempt);
      ticks(leader, 1);
    }
  });

  test("needs no second attempt if the follower has it all the same", () => {
    const leader = behindSnapshot();
    leader.step({ kind: "snapshotResult", to: "b", index: 5, ok: false });
    leader.acknowledge("b", 5);
    expect(leader.sentOf("appendRequest", "b").at(-1)).toMatchObject({ prevLogIndex: 5 });
    ticks(leader, 30);
    expect(leader.effectsOf("sendSnapshot")).toHaveLength(1);
  });

  test("of which nothing more is known than that it was handed over, may be sent again at once", () => {
    const leader = behindSnapshot();
    leader.step({ kind: "snapshotResult", to: "b", index: 5, ok: true });
    ticks(leader, 1);
    const result = { ok: false, rejectedIndex: 5, hintIndex: 1, hintTerm: 1 } as const;
    leader.receive("b", { kind: "appendResponse", result });
    expect(leader.effectsOf("sendSnapshot")).toHaveLength(2);
  });
});

/** Lets it compact as far as it will, behind a later snapshot. */
const compactBeyond = (leader: LoneMember) => {
  const { appliedIndex } = leader.status;
  leader.step({ kind: "snapshotTaken", index: appliedIndex, data: bytes("later") });
  leader.step({ kind: "compact", throughIndex: appliedIndex });
  return leader.status;
};
/** What its log counts for after `grow`: two short entries, and that of 1,000 bytes. */
const LOG_BYTES = 1_099;
/** Commits an entry of 1,000 bytes at 8. */
const grow = (leader: LoneMember) => {
  leader.propose("x".repeat(1_000));
  leader.acknowledge("c", leader.status.lastIndex);
  expect(leader.status.appliedIndex).toBe(8);
};

describe("a snapshot of which nothing is known yet", () => {
  test("is waited for no longer once the follower agrees where the log begins", () => {
    const leader = behindSnapshot();
    leader.acknowledge("b", 4);
    expect(leader.status.peers[0]).toMatchObject({ id: "b", state: "snapshot" });
    leader.acknowledge("b", 5);
    expect(leader.status.peers[0]).toMatchObject({ id: "b", state: "replicate", nextIndex: 8 });
    expect(leader.sentOf("appendRequest", "b")).toMatchObject([{ prevLogIndex: 5 }]);
  });

  test("is the only one on its way, also when the follower has it and needs another", () => {
    const leader = behindSnapshot({ maxUncommittedBytes: 500 });
    leader.acknowledge("b", 5);
    grow(leader);
    compactBeyond(leader);
    const result = { ok: false, rejectedIndex: 8, hintIndex: 5, hintTerm: 1 } as const;
    leader.receive("b", { kind: "appendResponse", result });
    ticks(leader, 5);
    expect(leader.effectsOf("sendSnapshot")).toHaveLength(1);
    leader.step({ kind: "snapshotResult", to: "b", index: 5, ok: true });
    ticks(leader, 1);
    expect(leader.effectsOf("sendSnapshot")).toMatchObject([{ index: 5 }, { index: 8 }]);
  });
});

describe("compaction while a snapshot is on its way", () => {
  test("does not pass it, and does once the follower goes on", () => {
    const leader = behindSnapshot();
    grow(leader);
    expect(compactBeyond(leader)).toMatchObject({ snapshotIndex: 8, compacted: { index: 5 } });
    leader.step({ kind: "snapshotResult", to: "b", index: 5, ok: true });
    leader.acknowledge("b", 5);
    expect(leader.effectsOf("sendSnapshot")).toHaveLength(1);
    expect(leader.sentOf("appendRequest", "b").at(-1)?.entries.at(-1)?.index).toBe(8);
    leader.step({ kind: "compact", throughIndex: 8 });
    expect(leader.status.compacted.index).toBe(8);
  });

  test("goes up to it", () => {
    const leader = behindSnapshot({}, 4);
    leader.step({ kind: "compact", throughIndex: 5 });
    expect(leader.status.compacted.index).toBe(5);
  });

  test("passes it where the log is over its bound", () => {
    for (const maxUncommittedBytes of [LOG_BYTES, LOG_BYTES - 1]) {
      const leader = behindSnapshot({ maxUncommittedBytes });
      grow(leader);
      expect(leader.status.logBytes).toBe(LOG_BYTES);
      const isOver = maxUncommittedBytes < LOG_BYTES;
      expect(compactBeyond(leader).compacted.index).toBe(isOver ? 8 : 5);
    }
  });

  test("is not held up by a snapshot that failed", () => {
    const leader = behindSnapshot();
    grow(leader);
    leader.step({ kind: "snapshotResult", to: "b", index: 5, ok: false });
    expect(compactBeyond(leader).compacted.index).toBe(8);
    ticks(leader, 10);
    expect(leader.effectsOf("sendSnapshot").at(-1)).toMatchObject({ index: 8 });
  });
});
