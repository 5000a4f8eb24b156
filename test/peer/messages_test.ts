/** Messages between transports over real sockets: in order, over restarts, and only to whom they belong. */
import { afterEach, expect, test } from "bun:test";
import { Proxy } from "./_proxy.ts";
import { heartbeat, QUICK, SECRET, startPeer, stopPeers, until } from "./_world.ts";

afterEach(stopPeers);

const upTo = (count: number) => Array.from({ length: count }, (_, place) => place + 1);

for (const auth of [{ mode: "none" } as const, SECRET]) {
  test(`${auth.mode}: two transports exchange messages both ways, in order`, async () => {
    const [a, b] = [await startPeer("a", { auth }), await startPeer("b", { auth })];
    a.knows(b);
    b.knows(a);
    for (const term of upTo(1000)) {
      a.say("b", term);
      b.say("a", term);
    }
    await until("all has come", () => a.messages.length >= 1000 && b.messages.length >= 1000);
    expect(a.terms).toEqual(upTo(1000));
    expect(b.terms).toEqual(upTo(1000));
    expect(a.stats("b")).toMatchObject({
      isConnected: true,
      messagesIn: 1000,
      messagesOut: 1000,
      droppedMessages: 0,
      handshakeFailures: 0,
      lastRefusal: undefined,
      wireVersion: 1,
      raftVersion: 1,
    });
    expect(a.unreachable).toEqual([]);
  });
}

test("what is sent within one turn leaves as one frame", async () => {
  const [a, b] = [await startPeer("a"), await startPeer("b")];
  const proxy = await Proxy.start(() => b.port);
  b.knows(a);
  a.knowsAt(new Map([["b", proxy.address]]));
  await until("connected", () => a.stats("b").isConnected);
  const before = Buffer.concat(proxy.recordings[0]!).length;
  for (const term of upTo(5)) a.say("b", term);
  await until("all has come", () => b.messages.length === 5);
  const frame = Buffer.concat(proxy.recordings[0]!).subarray(before);
  expect(frame.readUInt32BE(0)).toBe(frame.length - 4);
  proxy.stop();
});

test("a flush lets what was sent leave, and the rest of the turn leaves after it", async () => {
  const [a, b] = [await startPeer("a"), await startPeer("b")];
  const proxy = await Proxy.start(() => b.port);
  b.knows(a);
  a.knowsAt(new Map([["b", proxy.address]]));
  await until("connected", () => a.stats("b").isConnected);
  const before = Buffer.concat(proxy.recordings[0]!).length;
  for (const term of upTo(2)) a.say("b", term);
  a.transport.flush();
  a.transport.flush();
  for (const term of upTo(3)) a.say("b", 2 + term);
  await until("all has come", () => b.messages.length === 5);
  expect(b.terms).toEqual(upTo(5));
  const bytes = Buffer.concat(proxy.recordings[0]!).subarray(before);
  const second = 4 + bytes.readUInt32BE(0);
  expect(second + 4 + bytes.readUInt32BE(second)).toBe(bytes.length);
  proxy.stop();
});

test("a peer that restarts is told unreachable, and reached again at once when it dials", async () => {
  // Far longer than the test may take, so that only the peer's own dial can bring the link back.
  const limits = { ...QUICK, minBackOffMs: 600_000, maxBackOffMs: 600_000 };
  const [a, b] = [await startPeer("a", { limits }), await startPeer("b")];
  a.knows(b);
  b.knows(a);
  await until("connected", () => a.stats("b").isConnected && b.stats("a").isConnected);
  await b.transport.close();
  await until("a knows", () => a.unreachable.length === 1);
  expect(a.unreachable).toEqual(["b"]);
  expect(a.stats("b").isConnected).toBe(false);

  const again = await startPeer("b", { port: b.port });
  again.knows(a);
  await until("connected again", () => a.stats("b").isConnected && again.stats("a").isConnected);
  a.say("b", 7);
  again.say("a", 8);
  await until("both have come", () => a.terms.includes(8) && again.terms.includes(7));
});

test("nobody at the address: the peer is unreachable, again with each dial", async () => {
  const a = await startPeer("a");
  const gone = await startPeer("b");
  await gone.transport.close();
  a.knows(gone);
  await until("three dials", () => a.unreachable.length >= 3);
  expect(a.stats("b").lastRefusal).toContain("ECONNREFUSED");
});

test("a message for somebody who is no peer is dropped and counted", async () => {
  const a = await startPeer("a");
  a.say("nobody", 1);
  expect(a.transport.stats().droppedMessages).toBe(1);
});

test("a message is delivered only from the peer that sends it and for this monitor", async () => {
  const [a, b] = [await startPeer("a"), await startPeer("b")];
  a.knowsAt(
    new Map([
      ["b", b.address],
      ["x", b.address],
    ]),
  );
  b.knows(a);
  a.transport.send(heartbeat("c", "b", 1));
  a.say("b", 2);
  await until("the honest one has come", () => b.messages.length > 0);
  expect(b.terms).toEqual([2]);
  expect(b.transport.stats().refusedMessages).toBe(1);
  // Whoever is not x does not take what is meant for x, and says so.
  await until("refused", () => a.stats("x").lastRefusal?.includes("this is b") === true);
});

test("who is not a member is told so, when it dials and when it is removed", async () => {
  const [a, b] = [await startPeer("a"), await startPeer("b")];
  a.knows(b);
  b.knows(a);
  a.say("b", 1);
  await until("it has come", () => b.messages.length === 1);
  b.transport.setPeers(new Map([["b", b.address]]), 2);
  const refusal = "b refused: a is not a member of this cluster, says b";
  await until("a is told", () => a.stats("b").lastRefusal === refusal);
  const { handshakeFailures } = a.stats("b");
  await until("and again", () => a.stats("b").handshakeFailures > handshakeFailures);
  a.say("b", 2);
  expect(b.terms).toEqual([1]);
  expect(b.transport.stats().peers).toEqual([]);
});

test("who was removed is told so for good, however late the membership is that it goes by", async () => {
  const [a, b] = [await startPeer("a", { auth: SECRET }), await startPeer("b", { auth: SECRET })];
  a.knows(b);
  b.knows(a);
  await until("connected", () => a.stats("b").isConnected);
  b.transport.setPeers(new Map([["b", b.address]]), 2);
  await until(
    "it is told that it is no member",
    () => a.stats("b").lastRefusal?.includes("not a member") === true,
  );
  // It may have been cut off again.
  expect(a.removedBy).toEqual([]);
  a.transport.setPeers(new Map([["b", b.address]]), 9);
  await until("let in, since it may know more", () => a.stats("b").isConnected);
  b.transport.setRemoved(["a"]);
  await until("it is told for good", () => a.removedBy.includes("b"));
  expect(a.stats("b").lastRefusal).toBe("b refused: a was removed from the cluster");
  // Which it tells its own people once that connection has ended here too.
  const said = "a: a was removed from this cluster, says b";
  await until("it says whom it refused", () => b.transport.stats().lastRefusal === said);
  // Who only asks who it is gets an answer.
  expect(await a.transport.verify("b", b.address)).toEqual({ ok: true });
});

test("a stranger at a member's address convinces nobody of a removal", async () => {
  const a = await startPeer("a", { auth: SECRET });
  const auth = { ...SECRET, secret: Buffer.from("another secret of many bytes") };
  const stranger = await startPeer("b", { auth });
  stranger.transport.setPeers(new Map([["b", stranger.address]]), 2);
  stranger.transport.setRemoved(["a"]);
  a.knows(stranger);
  await until("a has heard it out", () => a.stats("b").handshakeFailures > 1);
  expect(a.stats("b").lastRefusal).toContain("the cluster secret is not the same");
  expect(a.removedBy).toEqual([]);
});

test("a cluster of one knows that nobody else is a member, named in it or not", async () => {
  const [alone, other] = [await startPeer("alone"), await startPeer("other")];
  for (const members of [[["alone", alone.address]], []] as [string, string][][]) {
    alone.transport.setPeers(new Map(members), 3);
    other.transport.setPeers(new Map([["alone", alone.address]]), 3);
    await until(
      "it is told",
      () => other.stats("alone").lastRefusal?.includes("not a member") === true,
    );
    other.transport.setPeers(new Map(), 3);
  }
  expect(alone.transport.stats().peers).toEqual([]);
});

test("who goes by a later membership is heard and answered by one who does not know it", async () => {
  const [old, young] = [await startPeer("old"), await startPeer("young")];
  old.transport.setPeers(new Map([["old", old.address]]), 5);
  young.transport.setPeers(
    new Map([
      ["old", old.address],
      ["young", young.address],
    ]),
    9,
  );
  young.say("old", 1);
  await until("it has come", () => old.messages.length === 1);
  old.say("young", 2);
  await until("it was answered", () => young.messages.length === 1);
  // The later membership has come, and says otherwise.
  old.transport.setPeers(new Map([["old", old.address]]), 9);
  await until(
    "it is told",
    () => young.stats("old").lastRefusal?.includes("not a member") === true,
  );
  expect(old.transport.stats().peers).toEqual([]);
});

test("who goes by a later membership than the one that is committed here is heard and answered", async () => {
  const [old, young] = [await startPeer("old"), await startPeer("young")];
  // What it wrote alone before it was cut off.
  old.transport.setPeers(new Map([["old", old.address]]), 81, 30);
  const members = new Map([old, young].map(({ id, address }) => [id, address]));
  young.transport.setPeers(members, 34);
  young.say("old", 1);
  await until("it has come", () => old.messages.length === 1);
  // Another change that is not committed either.
  old.transport.setPeers(new Map([["old", old.address]]), 82, 30);
  old.say("young", 2);
  await until("it was answered", () => young.messages.length === 1);
  old.transport.setPeers(new Map([["old", old.address]]), 82);
  await until(
    "it is told, now that this is for good",
    () => young.stats("old").lastRefusal?.includes("not a member") === true,
  );
});

test("a monitor that waits to join is verified, hears its leader, and answers it", async () => {
  const [leader, joiner] = [
    await startPeer("leader", { auth: SECRET }),
    await startPeer("joiner", { auth: SECRET, clusterId: undefined }),
  ];
  leader.transport.setPeers(new Map([["leader", leader.address]]), 1);
  expect(await leader.transport.verify("joiner", joiner.address)).toEqual({ ok: true });
  const wrongId = await leader.transport.verify("other", joiner.address);
  expect(wrongId).toMatchObject({ ok: false, detail: expect.stringContaining("this is joiner") });

  leader.transport.setPeers(
    new Map([
      ["leader", leader.address],
      ["joiner", joiner.address],
    ]),
    2,
  );
  leader.say("joiner", 1);
  await until("it has come", () => joiner.messages.length === 1);
  joiner.say("leader", 2);
  await until("it was answered", () => leader.messages.length === 1);
  joiner.transport.joined("test-cluster");
  joiner.knows(leader);
  joiner.say("leader", 3);
  await until("it goes on", () => leader.terms.includes(3));
});

test("a monitor of another cluster is refused, by both names", async () => {
  const [a, b] = [await startPeer("a"), await startPeer("b", { clusterId: "other" })];
  a.knows(b);
  b.knows(a);
  await until("refused", () => a.stats("b").lastRefusal?.startsWith("b refused") === true);
  expect(a.stats("b").lastRefusal).toBe(
    "b refused: b belongs to cluster other, and a to cluster test-cluster",
  );
});

test("a monitor of the next version works with this one where they have a version in common", async () => {
  const next = { wire: { min: 1, max: 2 }, raft: { min: 1, max: 2 } };
  const [a, b] = [await startPeer("a"), await startPeer("b", { versions: next })];
  a.knows(b);
  b.knows(a);
  a.say("b", 1);
  await until("it has come", () => b.messages.length === 1);
  expect(a.stats("b")).toMatchObject({ wireVersion: 1, raftVersion: 1 });
});

test("without a version in common both say who has which, and whom to update", async () => {
  const later = { wire: { min: 2, max: 3 }, raft: { min: 1, max: 1 } };
  const [a, b] = [await startPeer("a"), await startPeer("b", { versions: later })];
  a.knows(b);
  b.knows(a);
  const sentence =
    "no common version of the peer wire format: b has versions 2 to 3, a has version 1. " +
    "Update a to a version of phi that has one of the other's";
  await until("a was told", () => a.stats("b").lastRefusal === `b refused: ${sentence}`);
});
