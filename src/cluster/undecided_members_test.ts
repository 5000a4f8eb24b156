/** A change of the members that a leader has in its log and cannot commit: whoever asks again is told so. */
import { describe, expect, test } from "bun:test";
import { TestNodes, type TestNode } from "./_test_nodes.ts";

const roleOf = ({ node }: TestNode, id: string) =>
  node.status().members.find((member) => member.id === id)?.role;
const is = (fact: boolean) => (fact ? true : undefined);

/** Three members, one of which leads, and has just been cut off from the others. */
async function setUp() {
  const nodes = new TestNodes(["a", "b", "c"]);
  await nodes.within(500, (await nodes.elect()).propose());
  return cutOff(nodes);
}

/** Its leader has just been cut off. */
async function cutOff(nodes: TestNodes) {
  const leader = nodes.leader!;
  const other = nodes.followers[0]!;
  nodes.delivers = ({ from, to }) => from !== leader.id && to !== leader.id;
  const remove = async () => (await nodes.within(3_000, leader.node.remove(other.id))).value;
  const join = async (address: string) =>
    (await nodes.within(3_000, leader.node.join({ id: "d", address }))).value;
  /** The others go on without it, and then the network is whole again. */
  const undo = async () => {
    const next = await nodes.until("another leader", () => {
      const leads = nodes.leader;
      return leads === leader ? undefined : leads;
    });
    await nodes.within(1_000, next.propose());
    nodes.delivers = () => true;
    await nodes.until("it to follow", () => {
      const { quorum, membersCommitted } = leader.node.status();
      return is(quorum && membersCommitted);
    });
  };
  return { nodes, leader, other, remove, join, undo };
}

describe("a removal that is not committed", () => {
  test("is no removal when asked for again, since it may be undone", async () => {
    const { leader, other, remove, undo } = await setUp();
    expect(await remove()).toMatchObject({ ok: false, reason: "unavailable" });
    expect(roleOf(leader, other.id)).toBeUndefined();
    expect(await remove()).toMatchObject({ ok: false, reason: "unavailable" });
    await undo();
    expect(roleOf(leader, other.id)).toBe("voter");
    expect(await remove()).toEqual({ ok: true });
    expect(await remove()).toMatchObject({ ok: false, reason: "unknown_member" });
  });

  test("is waited for when asked for again", async () => {
    const { nodes, leader, other, remove } = await setUp();
    // The leader is heard and leads on, but hears of no copy.
    nodes.delivers = ({ to, kind }) => to !== leader.id || kind === "heartbeatResponse";
    expect(await remove()).toMatchObject({ ok: false, reason: "unavailable" });
    nodes.time.after(300, () => {
      nodes.delivers = () => true;
    });
    const { value, tookMs } = await nodes.within(3_000, leader.node.remove(other.id));
    expect(value).toEqual({ ok: true });
    expect(tookMs).toBeGreaterThanOrEqual(300);
  });

  test("leaves it open who is a member meanwhile, until the others have been heard", async () => {
    const { nodes, leader, remove, undo } = await setUp();
    await remove();
    const removeX = async () => (await nodes.within(3_000, leader.node.remove("x"))).value;
    expect(await removeX()).toMatchObject({ ok: false, reason: "unavailable" });
    await undo();
    expect(await removeX()).toMatchObject({ ok: false, reason: "unknown_member" });
  });

  test("shows as undecided, and as decided once it is", async () => {
    const { leader, remove, undo } = await setUp();
    expect(leader.node.status().membersCommitted).toBe(true);
    await remove();
    expect(leader.node.status().membersCommitted).toBe(false);
    await undo();
    expect(leader.node.status().membersCommitted).toBe(true);
  });
});

describe("one that was cut off with a change that nobody else has", () => {
  test("hears those who came meanwhile, though its change has a later index than theirs", async () => {
    const { nodes, leader, other, remove } = await setUp();
    for (let count = 0; count < 20; count++) void leader.propose();
    await nodes.until("them to be written", () => is(leader.node.status().lastIndex > 20));
    expect(await remove()).toMatchObject({ ok: false, reason: "unavailable" });
    const next = await nodes.until("another leader", () =>
      nodes.leader === leader ? undefined : nodes.leader,
    );
    nodes.start("d");
    const joined = next.node.join({ id: "d", address: "d:7000" });
    expect((await nodes.within(3_000, joined)).value).toMatchObject({ ok: true });
    await nodes.until("d to be a voter", () => is(roleOf(next, "d") === "voter"));
    const third = [other, ...nodes.followers].find(
      (each) => each !== next && each !== leader && each.id !== "d",
    )!;
    const removed = await nodes.within(3_000, next.node.remove(third.id));
    expect(removed.value).toEqual({ ok: true });
    await nodes.until("d to know", () => is(roleOf(nodes.get("d"), third.id) === undefined));
    // Two of three are left, which have never met.
    for (const { id } of [next, third]) nodes.stop(id);
    nodes.delivers = () => true;
    await nodes.until("the two to agree", () =>
      is([leader, nodes.get("d")].every(({ node }) => node.status().quorum)),
    );
    expect((await nodes.within(1_000, leader.propose())).value).toBe("committed");
  });

  test("hears whom it wanted to remove after a restart too", async () => {
    const { nodes, leader, other, remove } = await setUp();
    expect(await remove()).toMatchObject({ ok: false, reason: "unavailable" });
    const next = await nodes.until("another leader", () =>
      nodes.leader === leader ? undefined : nodes.leader,
    );
    expect((await nodes.within(1_000, next.propose())).value).toBe("committed");
    const third = [next, ...nodes.followers].find((each) => each !== leader && each !== other)!;
    for (const { id } of [leader, third]) nodes.stop(id);
    nodes.delivers = () => true;
    const again = nodes.start(leader.id);
    await nodes.until("its change to be undone", () => is(roleOf(again, other.id) === "voter"));
    expect((await nodes.within(1_000, again.propose())).value).toBe("committed");
  });

  test("knows after a restart who was removed before that, and of nobody else", async () => {
    const nodes = new TestNodes(["a", "b", "c", "d"]);
    const elected = await nodes.elect();
    const gone = nodes.followers[0]!;
    const removed = elected.node.remove(gone.id);
    expect((await nodes.within(1_000, removed)).value).toEqual({ ok: true });
    await nodes.until("it to be told so", () => is(elected.links.removed.length > 0));
    nodes.stop(gone.id);
    const { leader, remove } = await cutOff(nodes);
    expect(await remove()).toMatchObject({ ok: false, reason: "unavailable" });
    expect(leader.links.removed).toEqual([gone.id]);
    nodes.stop(leader.id);
    const again = nodes.start(leader.id);
    await nodes.until("its first round", () => is(again.links.peers.size > 0));
    expect(again.links.removed).toEqual([gone.id]);
  });
});

describe("a learner that is not committed", () => {
  test("is none when it asks again, since that may be undone", async () => {
    const { nodes, leader, join, undo } = await setUp();
    nodes.start("d");
    expect(await join("d:7000")).toMatchObject({ ok: false, reason: "unavailable" });
    expect(roleOf(leader, "d")).toBe("learner");
    expect(await join("d:7000")).toMatchObject({ ok: false, reason: "unavailable" });
    await undo();
    expect(roleOf(leader, "d")).toBeUndefined();
    expect(await join("d:7000")).toMatchObject({ ok: true });
  });

  test("takes its id from nobody for good", async () => {
    const { nodes, join, undo } = await setUp();
    nodes.start("d");
    await join("d:7000");
    nodes.stop("d");
    nodes.start("d", "elsewhere:7000");
    expect(await join("elsewhere:7000")).toMatchObject({ ok: false, reason: "unavailable" });
    await undo();
    expect(await join("elsewhere:7000")).toMatchObject({ ok: true });
  });
});
