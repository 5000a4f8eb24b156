import { describe, expect, test } from "bun:test";
import { TestNodes, type TestNode } from "./_test_nodes.ts";

/** Three members, one of which leads. */
async function setUp() {
  const nodes = new TestNodes(["a", "b", "c"]);
  const leader = await nodes.elect();
  const [follower, third] = nodes.followers;
  return { nodes, leader, follower: follower!, third: third! };
}

const roleOf = ({ node }: TestNode, id: string) =>
  node.status().members.find((member) => member.id === id)?.role;
const addressOf = ({ node }: TestNode, id: string) =>
  node.status().members.find((member) => member.id === id)?.address;
const is = (fact: boolean) => (fact ? true : undefined);

/** Starts `id` and lets it in by way of `member`. */
async function join(nodes: TestNodes, member: TestNode, id: string) {
  nodes.start(id);
  return (await nodes.within(3_000, member.node.join({ id, address: `${id}:7000` }))).value;
}

describe("join()", () => {
  test.each(["leader", "follower"] as const)(
    "at the %s makes a learner, which is promoted once it has the log",
    async (at) => {
      const { nodes, ...members } = await setUp();
      for (let count = 0; count < 3; count++) await nodes.within(500, members.leader.propose());
      // Nothing gets to the new one, so it stays what it begins as.
      nodes.delivers = ({ to }) => to !== "d";
      const joined = await join(nodes, members[at], "d");
      expect(joined).toMatchObject({ ok: true, clusterId: "test" });
      nodes.time.pass(2_000);
      expect(roleOf(members.leader, "d")).toBe("learner");
      nodes.delivers = () => true;
      await nodes.until("d to be a voter", () => is(roleOf(nodes.get("d"), "d") === "voter"));
      expect(nodes.get("d").machine.count).toBe(3);
      expect(nodes.get("d").node.status()).toMatchObject({ role: "follower", quorum: true });
    },
  );

  test("one that is joining says that it is a learner without a quorum", async () => {
    const { nodes } = await setUp();
    const { node } = nodes.start("d");
    nodes.time.pass(3_000);
    expect(node.status()).toMatchObject({
      standing: "joining",
      role: "learner",
      quorum: false,
      members: [],
    });
  });

  test("a stream of writes does not hold a promotion up", async () => {
    const { nodes, leader } = await setUp();
    const stream = () => {
      void leader.propose();
      nodes.time.after(1, stream);
    };
    stream();
    expect(await join(nodes, leader, "d")).toMatchObject({ ok: true });
    await nodes.until("d to be a voter", () => is(roleOf(leader, "d") === "voter"), 2_000);
  });

  test("without proof adds nobody", async () => {
    const { nodes, leader } = await setUp();
    nodes.start("d");
    const request = { id: "e", address: "d:7000" };
    const { value } = await nodes.within(3_000, leader.node.join(request));
    const detail = '"e" at d:7000 could not be verified: d:7000: nobody proves to be e';
    expect(value).toEqual({ ok: false, reason: "not_verified", detail });
    expect(leader.node.status().members).toHaveLength(3);
  });

  test("under the id of a member that is elsewhere is a conflict", async () => {
    const { nodes, leader, follower } = await setUp();
    nodes.start("d", "elsewhere:7000");
    const request = { id: follower.id, address: "elsewhere:7000" };
    const { value } = await nodes.within(3_000, leader.node.join(request));
    expect(value).toMatchObject({
      ok: false,
      reason: "conflict",
      detail: expect.stringContaining(`at ${follower.id}:7000`),
    });
    expect(addressOf(leader, follower.id)).toBe(`${follower.id}:7000`);
  });

  test("asked for twice at once, by way of two members, is answered twice and done once", async () => {
    const { nodes, leader, follower } = await setUp();
    nodes.start("d");
    const request = { id: "d", address: "d:7000" };
    const both = Promise.all([leader.node.join(request), follower.node.join(request)]);
    const { value } = await nodes.within(3_000, both);
    expect(value).toMatchObject([{ ok: true }, { ok: true }]);
    expect(leader.node.status().members).toHaveLength(4);
    const again = await nodes.within(3_000, leader.node.join(request));
    expect(again.value).toMatchObject({ ok: true });
  });

  test("under one id from two places at once lets one of them in", async () => {
    const { nodes, leader, follower } = await setUp();
    nodes.start("d");
    const twin = new TestNodes([]).start("d", "twin:7000");
    const at = nodes.at.bind(nodes);
    nodes.at = (address) => (address === twin.address ? twin : at(address));
    const both = Promise.all([
      leader.node.join({ id: "d", address: "d:7000" }),
      follower.node.join({ id: "d", address: "twin:7000" }),
    ]);
    const { value } = await nodes.within(3_000, both);
    expect(value.filter(({ ok }) => ok)).toHaveLength(1);
    expect(value.find(({ ok }) => !ok)).toMatchObject({ reason: "conflict" });
  });

  test("without a quorum is unavailable within 2 s", async () => {
    const { nodes, leader, follower, third } = await setUp();
    nodes.stop(follower.id);
    nodes.stop(third.id);
    nodes.start("d");
    const asked = leader.node.join({ id: "d", address: "d:7000" });
    const { value, tookMs } = await nodes.within(3_000, asked);
    expect(value).toMatchObject({ ok: false, reason: "unavailable" });
    expect(tookMs).toBeLessThan(2_000);
  });
});

describe("remove()", () => {
  test.each(["leader", "follower"] as const)("at the %s takes a member out", async (at) => {
    const { nodes, third, ...members } = await setUp();
    const { value } = await nodes.within(2_000, members[at].node.remove(third.id));
    expect(value).toEqual({ ok: true });
    await nodes.until("it to be gone", () => is(roleOf(members.leader, third.id) === undefined));
    expect((await nodes.within(1_000, members.leader.propose())).value).toBe("committed");
  });

  test("the leader takes itself out, and another leads", async () => {
    const { nodes, leader, follower } = await setUp();
    const { value } = await nodes.within(2_000, leader.node.remove(leader.id));
    expect(value).toEqual({ ok: true });
    await nodes.until("another leader", () =>
      is(nodes.leader !== undefined && nodes.leader !== leader),
    );
    await nodes.until("the others to agree", () => is(roleOf(follower, leader.id) === undefined));
    expect((await nodes.within(2_000, follower.propose())).value).toBe("committed");
    expect(leader.node.status()).toMatchObject({ role: "learner", quorum: false });
  });

  test("who takes itself out is a peer until that is committed, or it could not commit it", async () => {
    const { nodes, leader, follower } = await setUp();
    nodes.delivers = ({ to, kind }) => to !== leader.id || kind === "heartbeatResponse";
    void leader.node.remove(leader.id);
    nodes.time.pass(400);
    expect(roleOf(follower, leader.id)).toBeUndefined();
    expect(follower.links.peers.has(leader.id)).toBe(true);
    nodes.delivers = () => true;
    await nodes.until("it to hang up", () => is(!follower.links.peers.has(leader.id)));
    expect(follower.node.status().commitIndex).toBe(leader.node.status().commitIndex);
    expect(leader.node.status().standing).toBe("removed");
  });

  test("who takes itself out and hears from the others that it is done says so", async () => {
    const { nodes, leader } = await setUp();
    nodes.delivers = ({ to }) => to !== leader.id;
    const removal = leader.node.remove(leader.id);
    nodes.time.pass(1_000);
    leader.node.removed();
    expect((await nodes.within(2_000, removal)).value).toEqual({ ok: true });
  });

  test("a follower takes the leader out", async () => {
    const { nodes, leader, follower } = await setUp();
    const { value } = await nodes.within(2_000, follower.node.remove(leader.id));
    expect(value).toEqual({ ok: true });
    await nodes.until("another leader", () =>
      is(nodes.leader !== undefined && nodes.leader !== leader),
    );
    expect(roleOf(nodes.leader!, leader.id)).toBeUndefined();
  });

  test("asked for twice at once, by way of two members, is answered twice and done once", async () => {
    const { nodes, leader, follower, third } = await setUp();
    const both = Promise.all([leader.node.remove(third.id), follower.node.remove(third.id)]);
    expect((await nodes.within(2_000, both)).value).toEqual([{ ok: true }, { ok: true }]);
    expect(leader.node.status().members).toHaveLength(2);
  });

  test("a leader that was taken out knows it from its log, once that is committed", async () => {
    const { nodes, leader, follower } = await setUp();
    expect(leader.node.status().standing).toBe("member");
    // Nothing comes back: it cannot commit.
    nodes.delivers = ({ to }) => to !== leader.id;
    void leader.node.remove(leader.id);
    nodes.time.pass(100);
    expect(leader.node.status()).toMatchObject({ standing: "member" });
    expect(roleOf(leader, leader.id)).toBeUndefined();
    expect(leader.node.briefStatus().halted).toBeUndefined();
    nodes.delivers = () => true;
    await nodes.until("it to know", () => is(leader.node.status().standing === "removed"));
    expect(leader.node.status().quorum).toBe(false);
    expect(leader.node.briefStatus().halted).toContain("was removed from its cluster");
    await nodes.until("another leader", () =>
      is(nodes.leader !== undefined && nodes.leader !== leader),
    );
    expect(nodes.leader!.node.status().standing).toBe("member");
    await nodes.until("the others to tell it", () =>
      is(follower.links.removed.includes(leader.id)),
    );
  });

  test("the links hear of who was removed once it is committed, not before", async () => {
    const { nodes, leader, third, follower } = await setUp();
    nodes.delivers = ({ to }) => to !== leader.id;
    void leader.node.remove(third.id);
    nodes.time.pass(300);
    expect(roleOf(follower, third.id)).toBeUndefined();
    expect([leader.links.removed, follower.links.removed]).toEqual([[], []]);
    nodes.delivers = () => true;
    await nodes.until("the leader to tell", () => is(leader.links.removed.length > 0));
    expect(leader.links.removed).toEqual([third.id]);
    await nodes.until("the follower too", () => is(follower.links.removed.length > 0));
  });

  test("one that is told by a member that it was taken out asks nobody for anything any more", async () => {
    const { nodes, leader, third } = await setUp();
    expect((await nodes.within(2_000, leader.node.remove(third.id))).value).toEqual({ ok: true });
    nodes.time.pass(2_000);
    // Its log lacks the entry: nothing is sent to who is no member.
    expect(third.node.status()).toMatchObject({ standing: "member", quorum: false });
    third.node.removed();
    expect(third.node.status()).toMatchObject({ standing: "removed", quorum: false });
    const refused = { ok: false, reason: "refused", detail: third.node.briefStatus().halted };
    expect(await third.node.remove(leader.id)).toMatchObject(refused);
    expect(await third.node.join({ id: "x", address: "x:7000" })).toMatchObject(refused);
  });

  test("of somebody unknown, and of the last one, says so", async () => {
    const nodes = new TestNodes(["a"]);
    const { node } = await nodes.elect();
    const unknown = await nodes.within(2_000, node.remove("x"));
    expect(unknown.value).toMatchObject({ ok: false, reason: "unknown_member" });
    const last = await nodes.within(2_000, node.remove("a"));
    expect(last.value).toMatchObject({ ok: false, reason: "refused" });
  });

  test("at one that has not heard of the member yet is no answer until it has", async () => {
    const { nodes, leader, follower } = await setUp();
    nodes.delivers = ({ from, to }) => from !== follower.id && to !== follower.id;
    expect(await join(nodes, leader, "d")).toMatchObject({ ok: true });
    const { value } = await nodes.within(3_000, follower.node.remove("d"));
    expect(value).toMatchObject({ ok: false, reason: "unavailable" });
    nodes.time.after(500, () => {
      nodes.delivers = () => true;
    });
    expect((await nodes.within(3_000, follower.node.remove("d"))).value).toEqual({ ok: true });
    const again = await nodes.within(3_000, follower.node.remove("d"));
    expect(again.value).toMatchObject({ ok: false, reason: "unknown_member" });
  });

  test("at one that is halted is no answer, whomever it knows", async () => {
    const { nodes, leader, follower } = await setUp();
    follower.isDiskBroken = true;
    void leader.propose();
    await nodes.until("it to halt", () => follower.halts[0]);
    expect(await join(nodes, leader, "d")).toMatchObject({ ok: true });
    const { value } = await nodes.within(3_000, follower.node.remove("d"));
    const detail = expect.stringContaining("the disk is broken");
    expect(value).toEqual({ ok: false, reason: "unavailable", detail });
  });

  test("one that is dead goes, with what is left of a quorum", async () => {
    const { nodes, leader, third } = await setUp();
    nodes.stop(third.id);
    nodes.time.pass(2_000);
    const { value } = await nodes.within(2_000, leader.node.remove(third.id));
    expect(value).toEqual({ ok: true });
  });
});

describe("a member that is reached elsewhere", () => {
  test.each(["follower", "leader"] as const)("moves, if it was a %s", async (which) => {
    const { nodes, ...members } = await setUp();
    const { id } = members[which];
    nodes.stop(id);
    await nodes.elect();
    const moved = nodes.start(id, "elsewhere:7000");
    await nodes.until("all to know", () =>
      is(["a", "b", "c"].every((each) => addressOf(nodes.get(each), id) === "elsewhere:7000")),
    );
    expect((await nodes.within(1_000, moved.propose())).value).toBe("committed");
  });

  test("and so does another: who has met both tells where they are", async () => {
    const { nodes, leader, follower, third } = await setUp();
    // One that cannot lead, since it lacks what the others have committed.
    nodes.delivers = ({ from, to }) => from !== third.id && to !== third.id;
    expect((await nodes.within(1_000, leader.propose())).value).toBe("committed");
    for (const { id } of [leader, follower]) nodes.stop(id);
    nodes.delivers = () => true;
    const moved = [leader, follower].map(({ id }) => nodes.start(id, `${id}-elsewhere:7000`));
    await nodes.until("all to know", () =>
      is(
        [...moved, third].every(({ id }) =>
          moved.every((each) => addressOf(nodes.get(id), each.id) === each.address),
        ),
      ),
    );
    for (const each of moved) {
      expect((await nodes.within(1_000, each.propose())).value).toBe("committed");
    }
  });

  test("moves, if it is alone", async () => {
    const nodes = new TestNodes(["a"]);
    await nodes.elect();
    nodes.stop("a");
    const moved = nodes.start("a", "elsewhere:7000");
    await nodes.until("it to know", () => is(addressOf(moved, "a") === "elsewhere:7000"));
  });
});

describe("handOver()", () => {
  test("lets the next one lead within a term, and 100 ms", async () => {
    const { nodes, leader } = await setUp();
    const { term } = leader.node.status();
    const { value, tookMs } = await nodes.within(1_000, leader.node.handOver());
    expect(value).toBe(true);
    expect(tookMs).toBeLessThanOrEqual(100);
    const next = await nodes.elect();
    expect(next.id).not.toBe(leader.id);
    expect(next.node.status().term).toBe(term + 1);
  });

  test("goes to one that answers, where another does not", async () => {
    const { nodes, leader } = await setUp();
    // All have the same log, so this one would be chosen.
    const dead = leader.node.member.status().peers[0]!.id;
    nodes.stop(dead);
    nodes.time.pass(1_000);
    const { value, tookMs } = await nodes.within(1_000, leader.node.handOver());
    expect(value).toBe(true);
    expect(tookMs).toBeLessThanOrEqual(100);
    expect(nodes.leader).toBeDefined();
    expect([leader.id, dead]).not.toContain(nodes.leader!.id);
  });

  test("is done at once by one that does not lead, by a lone one not at all", async () => {
    const { nodes, follower } = await setUp();
    expect(await nodes.within(0, follower.node.handOver())).toEqual({ value: true, tookMs: 0 });
    const alone = new TestNodes(["a"]);
    const { node } = await alone.elect();
    expect(await alone.within(0, node.handOver())).toEqual({ value: false, tookMs: 0 });
  });

  test("one that is halted has nothing to hand over, and waits for nobody", async () => {
    const { nodes, leader } = await setUp();
    leader.isDiskBroken = true;
    void leader.propose();
    await nodes.until("it to halt", () => leader.halts[0]);
    expect(leader.node.status().halted).toContain("the disk is broken");
    expect((await nodes.within(0, leader.node.handOver())).tookMs).toBe(0);
  });

  test("one whose chosen successor dies tries the other", async () => {
    const { nodes, leader, follower, third } = await setUp();
    await nodes.within(500, leader.propose());
    nodes.delivers = ({ kind, to }) => !(kind === "timeoutNow" && to === deaf);
    let deaf = "";
    const { peers } = leader.node.member.status();
    deaf = peers.toSorted((left, right) => right.matchIndex - left.matchIndex)[0]!.id;
    const { value } = await nodes.within(2_000, leader.node.handOver());
    expect(value).toBe(true);
    expect([follower, third].find(({ id }) => id !== deaf)).toBe(nodes.leader);
  });
});

describe("stop()", () => {
  test("what cannot be stored afterwards is no halt to tell of", async () => {
    const { nodes, leader } = await setUp();
    void leader.propose();
    leader.isDiskBroken = true;
    leader.node.stop();
    await nodes.until("it to halt", () => is(leader.node.status().halted !== null));
    expect(leader.halts).toEqual([]);
  });
});

describe("status()", () => {
  test("a leader tells how far each member is, others do not", async () => {
    const { nodes, leader, follower, third } = await setUp();
    nodes.stop(third.id);
    await nodes.within(500, leader.propose());
    nodes.time.pass(1_000);
    const { members, lastIndex } = leader.node.status();
    const seen = (id: string) => members.find((member) => member.id === id);
    expect(seen(leader.id)).toMatchObject({
      isLeader: true,
      matchIndex: lastIndex,
      isActive: true,
    });
    expect(seen(follower.id)).toMatchObject({ isLeader: false, lagEntries: 0, isActive: true });
    expect(seen(third.id)).toMatchObject({ lagEntries: 1, isActive: false });
    for (const member of follower.node.status().members)
      expect(member).not.toHaveProperty("isActive");
  });

  test("one that is halted neither leads nor knows who does, whatever it was before", async () => {
    const { nodes, leader, follower } = await setUp();
    leader.isDiskBroken = follower.isDiskBroken = true;
    void leader.propose();
    for (const { node } of [leader, follower]) {
      await nodes.until("it to halt", () => is(node.status().halted !== null));
      expect(node.status()).toMatchObject({ role: "follower", leader: null, quorum: false });
      for (const member of node.status().members) {
        expect(member.isLeader).toBe(false);
        expect(member).not.toHaveProperty("matchIndex");
      }
    }
  });

  test("every member tells whom it is connected to", async () => {
    const { nodes, leader, follower, third } = await setUp();
    nodes.stop(third.id);
    for (const { node } of [leader, follower]) {
      const connected = node.status().members.map(({ id, isConnected }) => [id, isConnected]);
      expect(Object.fromEntries(connected)).toEqual({
        [leader.id]: true,
        [follower.id]: true,
        [third.id]: false,
      });
    }
  });

  test("a member alone of three has no quorum within two election timeouts", async () => {
    const { nodes, leader, follower, third } = await setUp();
    nodes.stop(follower.id);
    nodes.stop(third.id);
    nodes.time.pass(2_000);
    expect(leader.node.status()).toMatchObject({ quorum: false, leader: null, role: "candidate" });
  });

  test("a learner whose leader is gone has no quorum within two election timeouts", async () => {
    const { nodes, leader, follower, third } = await setUp();
    // The others hear nothing of its progress, so it is not promoted.
    nodes.delivers = ({ from, kind }) => from !== "d" || kind !== "appendResponse";
    await join(nodes, leader, "d");
    const { node } = nodes.get("d");
    await nodes.until("d to follow", () => is(node.status().quorum));
    for (const { id } of [leader, follower, third]) nodes.stop(id);
    nodes.time.pass(2_000);
    expect(node.status()).toMatchObject({ quorum: false, leader: null, role: "learner" });
  });

  test("counts the changes of leaders, of which the first is none", async () => {
    const { nodes, leader, follower } = await setUp();
    expect(follower.node.leaderChanges).toBe(0);
    nodes.stop(leader.id);
    await nodes.elect();
    expect(follower.node.leaderChanges).toBe(1);
  });
});
