/**
 * Reads by ReadIndex beyond what the thesis says of them (`thesis_reads_test.ts`): answers that are
 * late, doubled or of another attempt confirm nothing, and what waits is bounded.
 */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { TestCluster } from "./_test_cluster.ts";
import { bytes, LoneMember, requestId } from "./_test_core.ts";

const read = (member: LoneMember, sequence: number) =>
  member.step({ kind: "readIndex", id: requestId(sequence, member.id) });
const confirm = (member: LoneMember, from: string, round: number) =>
  member.receive(from, { kind: "heartbeatResponse", round });
const lastRound = (member: LoneMember) => member.sentOf("heartbeatRequest", "b").at(-1)?.round ?? 0;
const readyOf = (member: LoneMember) => member.effectsOf("readReady").map(({ id }) => id.sequence);
const droppedOf = (member: LoneMember) =>
  member
    .effectsOf("dropped")
    .flatMap((of) => (of.what === "read" ? [[of.id.sequence, of.reason]] : []));
const leading = () => new LoneMember().lead().commitAll();

function following(options = {}) {
  const member = new LoneMember({}, options);
  member.receive("b", { kind: "heartbeatRequest", leaderCommit: 1, round: 1 }, 2);
  member.takeSent();
  return member;
}

describe("a round", () => {
  test("that began before the read was asked for does not confirm it, however late its answers are", () => {
    const leader = leading();
    leader.tick();
    const before = lastRound(leader);
    read(leader, 1);
    confirm(leader, "b", before);
    confirm(leader, "c", before);
    expect(readyOf(leader)).toEqual([]);
    confirm(leader, "c", before + 1);
    expect(readyOf(leader)).toEqual([1]);
  });

  test("that is out is not used for what comes after its beginning: that shares the next", () => {
    const leader = leading();
    read(leader, 1);
    const first = lastRound(leader);
    read(leader, 2);
    read(leader, 3);
    expect(lastRound(leader)).toBe(first);
    confirm(leader, "b", first);
    expect(readyOf(leader)).toEqual([1]);
    expect(lastRound(leader)).toBe(first + 1);
    confirm(leader, "b", first);
    expect(readyOf(leader)).toEqual([1]);
    confirm(leader, "b", first + 1);
    expect(readyOf(leader)).toEqual([1, 2, 3]);
  });

  test("that was never begun confirms nothing, neither now nor when it is", () => {
    const leader = leading();
    read(leader, 1);
    for (const voter of ["b", "c"]) confirm(leader, voter, lastRound(leader) + 1);
    expect(readyOf(leader)).toEqual([]);
    leader.tick();
    expect(readyOf(leader)).toEqual([]);
    confirm(leader, "b", lastRound(leader));
    expect(readyOf(leader)).toEqual([1]);
  });

  test("of an earlier term confirms nothing in this one, where rounds begin anew", () => {
    const leader = leading();
    for (let tick = 0; tick < 5; tick++) leader.tick();
    const rounds = lastRound(leader);
    leader.receive("b", { kind: "voteResponse", isGranted: false }, 3);
    leader.lead().commitAll();
    read(leader, 1);
    for (const voter of ["b", "c"]) {
      leader.receive(voter, { kind: "heartbeatResponse", round: rounds }, 2);
    }
    expect(readyOf(leader)).toEqual([]);
  });

  test("that was lost is made up for by the next heartbeat's", () => {
    const leader = leading();
    read(leader, 1);
    leader.tick();
    confirm(leader, "b", lastRound(leader));
    expect(readyOf(leader)).toEqual([1]);
  });

  test("needs nobody else where the leader is the only voter", () => {
    const alone = new LoneMember({ voters: ["a"], learners: ["l"] });
    alone.timeOut();
    read(alone, 1);
    expect(readyOf(alone)).toEqual([1]);
  });

  test("is confirmed by the voters of now: a membership that changed meanwhile counts", () => {
    const leader = new LoneMember({ voters: ["a", "b", "c", "d"] }).lead().commitAll();
    read(leader, 1);
    const round = lastRound(leader);
    confirm(leader, "d", round);
    leader.step({
      kind: "changeMembership",
      id: requestId(9),
      change: { kind: "remove", id: "d" },
    });
    confirm(leader, "d", round);
    expect(readyOf(leader)).toEqual([]);
    confirm(leader, "b", round);
    expect(readyOf(leader)).toEqual([1]);
  });
});

describe("what waits", () => {
  test("is bounded at the leader, others' reads and early ones included", () => {
    const leader = new LoneMember({}, { maxPendingReads: 3 }).lead();
    for (let sequence = 1; sequence <= 4; sequence++) {
      leader.receive("b", { kind: "readIndexRequest", id: requestId(sequence, "b") });
    }
    read(leader, 1);
    expect(leader.sentOf("readIndexResponse")).toMatchObject([
      { to: "b", id: requestId(4, "b"), index: undefined },
    ]);
    expect(droppedOf(leader)).toEqual([[1, "too many reads are waiting"]]);
    leader.acknowledge("b", 2);
    confirm(leader, "c", lastRound(leader));
    confirm(leader, "c", lastRound(leader));
    expect(leader.sentOf("readIndexResponse").filter(({ index }) => index === 2)).toHaveLength(3);
    expect(leader.status.pendingReads).toBe(0);
  });

  test("is bounded at a follower, where answers are lost", () => {
    const member = following({ maxPendingReads: 2 });
    for (let sequence = 1; sequence <= 3; sequence++) read(member, sequence);
    expect(member.sentOf("readIndexRequest")).toHaveLength(2);
    expect(droppedOf(member)).toEqual([[3, "too many reads are waiting"]]);
  });

  test("is given up after two election timeouts, oldest first", () => {
    const member = following({ electionTicks: 5 });
    const heartbeats = (ticks: number) => {
      for (let tick = 0; tick < ticks; tick++) {
        member.tick();
        member.receive("b", { kind: "heartbeatRequest", leaderCommit: 1, round: 1 });
      }
    };
    read(member, 1);
    heartbeats(4);
    read(member, 2);
    heartbeats(6);
    expect(droppedOf(member)).toEqual([]);
    heartbeats(1);
    expect(droppedOf(member)).toEqual([[1, "no answer came in time"]]);
    heartbeats(4);
    expect(droppedOf(member)).toHaveLength(2);
    // An answer after that finds nobody.
    member.receive("b", { kind: "readIndexResponse", id: requestId(1), index: 1 });
    expect(readyOf(member)).toEqual([]);
  });

  test("is given up at the leader too, whose no-op is not committed; what is confirmed after that is nobody's", () => {
    const leader = new LoneMember().lead();
    read(leader, 1);
    for (let tick = 0; tick < 21; tick++) {
      leader.tick();
      for (const voter of ["b", "c"]) confirm(leader, voter, lastRound(leader));
    }
    expect(droppedOf(leader)).toEqual([[1, "no answer came in time"]]);
    leader.acknowledge("b", 2);
    confirm(leader, "b", lastRound(leader));
    expect([readyOf(leader), leader.status.role]).toEqual([[], "leader"]);
  });

  test("is given up as soon as the leader that was asked leads no more", () => {
    const member = following();
    read(member, 1);
    member.receive("c", { kind: "heartbeatRequest", leaderCommit: 1, round: 1 }, 3);
    expect(droppedOf(member)).toEqual([[1, "the leader changed"]]);
    const leader = leading();
    read(leader, 2);
    leader.receive("b", { kind: "heartbeatRequest", leaderCommit: 1, round: 1 }, 3);
    expect(droppedOf(leader)).toEqual([[2, "the leader changed"]]);
    expect(leader.status.pendingReads).toBe(0);
  });

  test("only to be applied goes on waiting through a change of leader: it was confirmed", () => {
    const member = following();
    read(member, 1);
    member.receive("b", { kind: "readIndexResponse", id: requestId(1), index: 2 });
    const entry = { index: 2, term: 3, body: { kind: "noop" } } as const;
    const append = {
      kind: "appendRequest",
      prevLogIndex: 1,
      prevLogTerm: 1,
      entries: [entry],
    } as const;
    member.receive("c", { ...append, leaderCommit: 2 }, 3);
    expect([readyOf(member), droppedOf(member)]).toEqual([[1], []]);
  });
});

describe("an answer", () => {
  test("that the read was not taken up ends it", () => {
    const member = following();
    read(member, 1);
    member.receive("b", { kind: "readIndexResponse", id: requestId(1), index: undefined });
    expect(droppedOf(member)).toEqual([[1, "the leader did not take the read"]]);
  });

  test("counts once, and for its own attempt only", () => {
    const member = following();
    read(member, 1);
    const answer = (sequence: number, incarnation: number, index: number) => {
      const id = requestId(sequence, "a", incarnation);
      member.receive("b", { kind: "readIndexResponse", id, index });
    };
    answer(2, 1, 1);
    answer(1, 2, 1);
    expect(readyOf(member)).toEqual([]);
    answer(1, 1, 9);
    // A second one, which may be of a doubled request, changes nothing.
    answer(1, 1, 1);
    expect(readyOf(member)).toEqual([]);
  });

  test("from a member that does not lead is that it did not take the read", () => {
    const member = following();
    member.receive("c", { kind: "readIndexRequest", id: requestId(1, "c") });
    expect(member.sentOf("readIndexResponse")).toMatchObject([{ to: "c", index: undefined }]);
  });
});

/** Golden-ratio steps from a seed. */
function drawsFrom(seed: number): () => number {
  let drawn = (seed * 0.754877) % 1;
  return () => (drawn = (drawn * 997 + 0.618034) % 1);
}

test("a read sees all that was applied anywhere before it was asked for, whatever is lost, doubled and late", () => {
  let readyCount = 0;
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), (seed) => {
      const random = drawsFrom(seed);
      const ids = ["a", "b", "c", "d", "e"];
      const someId = () => ids[Math.floor(random() * ids.length)]!;
      const cluster = new TestCluster(ids, { random, electionTicks: 4 });
      cluster.run(10);
      /** By read: the latest index that somebody had applied when it was asked for. */
      const askedAt = new Map<number, number>();
      let cutOff = new Set<string>();
      cluster.delivers = ({ from, to }) => cutOff.has(from) === cutOff.has(to);
      for (let sequence = 1; sequence <= 60; sequence++) {
        const [reader, writer] = [someId(), someId()];
        const commands = [{ id: requestId(1_000 + sequence, writer), data: bytes("x") }];
        cluster.step(writer, { kind: "propose", commands });
        const applied = ids.map((id) => cluster.core(id).status().appliedIndex);
        askedAt.set(sequence, Math.max(...applied));
        cluster.step(reader, { kind: "readIndex", id: requestId(sequence, reader) });
        if (random() < 0.3) cluster.tick(someId(), Math.floor(random() * 9));
        if (random() < 0.15) cutOff = new Set([someId(), someId()].slice(Math.floor(random() * 3)));
        const late = cluster.network.filter(() => random() < 0.3);
        cluster.network = cluster.network.filter(() => random() < 0.9);
        for (let round = Math.floor(random() * 4); round > 0; round--) cluster.deliver();
        cluster.network.push(...late);
      }
      cutOff = new Set();
      cluster.run(20);
      for (const { effects } of cluster.members.values()) {
        for (const effect of effects) {
          if (effect.kind !== "readReady") continue;
          readyCount++;
          expect(effect.index).toBeGreaterThanOrEqual(askedAt.get(effect.id.sequence)!);
        }
      }
    }),
    { numRuns: 40 },
  );
  expect(readyCount).toBeGreaterThan(100);
});
