/**
 * Proposals on their way into the log: gathered, bounded, forwarded once, and refused with the certainty
 * that there is. What is refused for its size, or for want of room, is in `requests_test.ts` and
 * `low_space_test.ts`.
 */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { TestCluster } from "./_test_cluster.ts";
import { bytes, LoneMember, memberOf, requestId } from "./_test_core.ts";
import { FLAT_ENTRY_BYTES } from "./entry.ts";

const commands = (node: string, ...sizes: readonly number[]) =>
  sizes.map((size, place) => ({
    id: requestId(place + 1, node),
    data: new Uint8Array(size),
  }));
const request = (sequence: number, node = "b", incarnation = 1) => ({
  kind: "proposeRequest" as const,
  proposal: {
    id: requestId(sequence, node, incarnation),
    body: { kind: "command" as const, data: bytes(`${node}${sequence}`) },
  },
});
const droppedIds = (member: LoneMember) =>
  member
    .effectsOf("dropped")
    .flatMap((of) => (of.what === "proposal" ? [[of.id.sequence, of.outcome]] : []));

describe("a leader", () => {
  test("makes one write and one round of appends of all commands of an input", () => {
    const leader = new LoneMember().lead().commitAll();
    leader.step({ kind: "propose", commands: commands("a", 1, 2, 3) });
    expect(leader.effectsOf("store").at(-1)?.write.entries).toHaveLength(3);
    expect(leader.sentOf("appendRequest").map(({ to, entries }) => [to, entries.length])).toEqual([
      ["b", 3],
      ["c", 3],
    ]);
  });

  test("an input of no commands, or of none that it takes, writes nothing", () => {
    const leader = new LoneMember({}, { maxCommandBytes: 1 }).lead().commitAll();
    const stores = leader.effectsOf("store").length;
    leader.step({ kind: "propose", commands: [] });
    leader.step({ kind: "propose", commands: commands("a", 2, 3) });
    expect(leader.effectsOf("store")).toHaveLength(stores);
    expect(leader.sent).toEqual([]);
  });
});

describe("maxUncommittedBytes", () => {
  const maxUncommittedBytes = 1_000;
  const fits = maxUncommittedBytes - FLAT_ENTRY_BYTES;

  test("refuses what would pass it, certainly, and takes what fits to the byte", () => {
    const leader = new LoneMember({}, { maxUncommittedBytes }).lead().commitAll();
    leader.step({
      kind: "propose",
      commands: commands("a", 100, fits - 100 - FLAT_ENTRY_BYTES, 1),
    });
    expect(leader.status.uncommittedBytes).toBe(maxUncommittedBytes);
    expect(droppedIds(leader)).toEqual([[3, "dropped"]]);
  });

  test("counts what an input has already brought, so that many small ones do not pass it", () => {
    const leader = new LoneMember({}, { maxUncommittedBytes }).lead().commitAll();
    const many = Array.from({ length: 100 }, () => 0);
    leader.step({ kind: "propose", commands: commands("a", ...many) });
    expect(leader.status.uncommittedBytes).toBeLessThanOrEqual(maxUncommittedBytes);
    expect(droppedIds(leader).length).toBe(100 - Math.floor(1_000 / FLAT_ENTRY_BYTES));
  });

  test("lets one that is larger by itself go alone", () => {
    const leader = new LoneMember({}, { maxUncommittedBytes }).lead().commitAll();
    leader.step({ kind: "propose", commands: commands("a", 5_000, 1) });
    expect(leader.status.uncommittedBytes).toBe(5_000 + FLAT_ENTRY_BYTES);
    expect(droppedIds(leader)).toEqual([[2, "dropped"]]);
  });

  test("is free again as soon as a quorum has what waited", () => {
    const leader = new LoneMember({}, { maxUncommittedBytes }).lead().commitAll();
    leader.propose("x".repeat(900));
    leader.propose("x".repeat(900), 2);
    leader.acknowledge("b", 3);
    leader.propose("x".repeat(900), 3);
    expect(droppedIds(leader)).toEqual([[2, "dropped"]]);
    expect(leader.status.lastIndex).toBe(4);
  });

  test("holds for what followers forward too", () => {
    const leader = new LoneMember({}, { maxUncommittedBytes: 40 }).lead().commitAll();
    leader.receive("b", request(1));
    leader.receive("b", request(2));
    expect(leader.sentOf("proposeResponse")).toMatchObject([
      { to: "b", id: requestId(2, "b"), outcome: "dropped" },
    ]);
  });
});

const following = () => {
  const member = new LoneMember();
  member.receive("b", { kind: "heartbeatRequest", leaderCommit: 1, round: 1 }, 2);
  member.takeSent();
  return member;
};

describe("a follower", () => {
  test("forwards each command to the leader of its term, once, and keeps nothing of it", () => {
    const member = following();
    member.step({ kind: "propose", commands: commands("a", 1, 2) });
    member.step({
      kind: "changeMembership",
      id: requestId(3),
      change: { kind: "addLearner", member: memberOf("d") },
    });
    const forwarded = member.sentOf("proposeRequest");
    expect(forwarded.map(({ to, term, proposal }) => [to, term, proposal.id.sequence])).toEqual([
      ["b", 2, 1],
      ["b", 2, 2],
      ["b", 2, 3],
    ]);
    member.takeSent();
    member.tick(9);
    expect([member.sent, member.status.lastIndex]).toEqual([[], 1]);
  });

  test("does not forward on what another forwarded", () => {
    const member = following();
    member.receive("c", request(1, "c"));
    expect(member.sent).toMatchObject([{ to: "c", kind: "proposeResponse", outcome: "unknown" }]);
  });

  test("drops, for certain, where it knows no leader", () => {
    const member = new LoneMember();
    member.step({ kind: "propose", commands: commands("a", 1, 2) });
    expect([droppedIds(member), member.sent]).toEqual([
      [
        [1, "dropped"],
        [2, "dropped"],
      ],
      [],
    ]);
  });

  test("tells what the leader answered, as certain as it was", () => {
    const member = following();
    for (const [sequence, outcome] of [
      [1, "dropped"],
      [2, "unknown"],
    ] as const) {
      const id = requestId(sequence);
      member.receive("b", { kind: "proposeResponse", id, outcome, reason: "" });
    }
    expect(droppedIds(member)).toEqual([
      [1, "dropped"],
      [2, "unknown"],
    ]);
  });
});

describe("a forward that the network doubled, or held back", () => {
  test("is taken once; nothing is said of the second copy", () => {
    const leader = new LoneMember().lead().commitAll();
    leader.receive("b", request(1));
    leader.receive("b", request(1));
    expect(leader.status.lastIndex).toBe(3);
    expect(leader.sentOf("proposeResponse")).toEqual([]);
  });

  test("is refused once: the second copy is not taken though the reason is gone", () => {
    const leader = new LoneMember({ learners: ["d"] }).lead().commitAll();
    leader.step({ kind: "space", isLow: true });
    leader.receive("b", request(1));
    leader.step({ kind: "space", isLow: false });
    leader.receive("b", request(1));
    expect(leader.sentOf("proposeResponse")).toMatchObject([{ outcome: "dropped" }]);
    expect(leader.status.lastIndex).toBe(2);
  });

  test("that changes the membership is taken once, and refused with the reason", () => {
    const leader = new LoneMember().lead().commitAll();
    const put = (sequence: number) => {
      const change = { kind: "addLearner", member: memberOf("d") } as const;
      const proposal = { id: requestId(sequence, "b"), body: { kind: "change", change } } as const;
      leader.receive("b", { kind: "proposeRequest", proposal });
    };
    put(1);
    put(1);
    expect(leader.sentOf("proposeResponse")).toEqual([]);
    expect(leader.entries.at(-1)?.body.kind).toBe("membership");
    put(2);
    const reason = "another membership change is under way";
    expect(leader.sentOf("proposeResponse")).toMatchObject([
      { to: "b", id: requestId(2, "b"), outcome: "dropped", reason },
    ]);
  });

  test("and overtaken by a later one, is left: whoever asked does not hear `dropped`", () => {
    const leader = new LoneMember().lead().commitAll();
    leader.receive("b", request(2));
    leader.receive("b", request(1));
    expect(leader.status.lastIndex).toBe(3);
    expect(leader.sentOf("proposeResponse")).toEqual([]);
  });

  test("is told apart by the sender and by its start", () => {
    const leader = new LoneMember().lead().commitAll();
    leader.receive("b", request(5));
    leader.receive("c", request(5, "c"));
    leader.receive("b", request(1, "b", 2));
    // Of the start before.
    leader.receive("b", request(6));
    const taken = leader.entries.flatMap(({ body }) => (body.kind === "command" ? [body.id] : []));
    expect(taken).toEqual([requestId(5, "b"), requestId(5, "c"), requestId(1, "b", 2)]);
  });

  test("is not taken by the same member in a later term, and not denied either", () => {
    const leader = new LoneMember().lead().commitAll();
    leader.receive("b", request(1));
    leader.receive("b", { kind: "voteResponse", isGranted: false }, 3);
    leader.lead();
    const { term, lastIndex } = leader.status;
    expect(term).toBe(4);
    leader.receive("b", request(1), 2);
    expect(leader.status.lastIndex).toBe(lastIndex);
    expect(leader.sentOf("proposeResponse")).toMatchObject([{ outcome: "unknown" }]);
  });

  test("from outside of the cluster is not taken, and not denied either", () => {
    const leader = new LoneMember().lead().commitAll();
    leader.receive("x", request(1, "x"));
    expect(leader.sentOf("proposeResponse")).toMatchObject([{ to: "x", outcome: "unknown" }]);
    expect(leader.status.lastIndex).toBe(2);
  });
});

describe("commands that were forwarded together", () => {
  type Request = ReturnType<typeof request>;
  const forwarded = (leader: LoneMember, requests: readonly Request[], terms: readonly number[]) =>
    leader.step({
      kind: "forwarded",
      messages: requests.map((body, place) => {
        const from = body.proposal.id.node;
        return { ...leader.messageFrom(from, body, terms[place]), ...body };
      }),
    });

  test("become one write and one message a peer, in their order", () => {
    const leader = new LoneMember().lead().commitAll();
    const stores = leader.effectsOf("store").length;
    forwarded(leader, [request(1), request(2), request(7, "c")], []);
    expect(leader.effectsOf("store")).toHaveLength(stores + 1);
    const ids = [requestId(1, "b"), requestId(2, "b"), requestId(7, "c")];
    for (const peer of ["b", "c"]) {
      const [append, ...others] = leader.sentOf("appendRequest", peer);
      expect(append!.entries).toMatchObject(ids.map((id) => ({ body: { kind: "command", id } })));
      expect(others).toEqual([]);
    }
  });

  test("are refused one by one: what came twice, what is a stranger's, what is too much", () => {
    const maxUncommittedBytes = 2 * FLAT_ENTRY_BYTES + 10;
    const leader = new LoneMember({}, { maxUncommittedBytes }).lead().commitAll();
    forwarded(leader, [request(1), request(1), request(2, "x"), request(3), request(4)], []);
    const taken = leader.entries.flatMap(({ body }) => (body.kind === "command" ? [body.id] : []));
    expect(taken).toEqual([requestId(1, "b"), requestId(3, "b")]);
    const refused = leader.sentOf("proposeResponse");
    expect(refused.map(({ to, id, outcome }) => [to, id.sequence, outcome])).toEqual([
      ["x", 2, "unknown"],
      ["b", 4, "dropped"],
    ]);
  });

  test("of which one is of a later term depose the leader, and none is taken or denied", () => {
    const leader = new LoneMember().lead().commitAll();
    const { term, lastIndex } = leader.status;
    forwarded(leader, [request(1), request(2)], [term, term + 1]);
    expect(leader.status).toMatchObject({ role: "follower", term: term + 1, lastIndex });
    const refused = leader.sentOf("proposeResponse");
    expect(refused.map(({ outcome }) => outcome)).toEqual(["unknown", "unknown"]);
  });
});

/** Golden-ratio steps from a seed. */
function drawsFrom(seed: number): () => number {
  let drawn = (seed * 0.754877) % 1;
  return () => (drawn = (drawn * 997 + 0.618034) % 1);
}

test("what was `dropped` is in no log, now or later, whatever is lost, doubled, late and handed over", () => {
  let droppedCount = 0;
  let takenCount = 0;
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), (seed) => {
      const random = drawsFrom(seed);
      const ids = ["a", "b", "c"];
      const cluster = new TestCluster(ids, { random, maxUncommittedBytes: 120, electionTicks: 4 });
      cluster.run(10);
      for (let sequence = 1; sequence <= 60; sequence++) {
        const node = ids[Math.floor(random() * 3)]!;
        const data = bytes(`${sequence}`);
        cluster.step(node, {
          kind: "propose",
          commands: [{ id: requestId(sequence, node), data }],
        });
        if (random() < 0.1) {
          const to = ids[Math.floor(random() * 3)]!;
          for (const id of cluster.leaders) cluster.step(id, { kind: "transferLeadership", to });
        }
        if (random() < 0.2) cluster.tick(ids[Math.floor(random() * 3)]!, Math.floor(random() * 9));
        // Of what is out, some is lost, some doubled, some late, and the order is any.
        const out = cluster.network.splice(0).toSorted(() => random() - 0.5);
        const late = out.filter(() => random() < 0.3);
        cluster.network = out.filter(() => random() < 0.9);
        if (random() < 0.7) cluster.deliver();
        cluster.network.push(...late);
      }
      cluster.run(20);
      const logged = new Set<number>();
      for (const { disk } of cluster.members.values()) {
        for (const { body } of disk.entries) {
          if (body.kind === "command") logged.add(body.id.sequence);
        }
      }
      takenCount += logged.size;
      for (const { effects } of cluster.members.values()) {
        for (const effect of effects) {
          if (effect.kind !== "dropped" || effect.what !== "proposal") continue;
          if (effect.outcome !== "dropped") continue;
          droppedCount++;
          expect(logged.has(effect.id.sequence)).toBe(false);
        }
      }
    }),
    { numRuns: 40 },
  );
  expect(Math.min(droppedCount, takenCount)).toBeGreaterThan(100);
});
