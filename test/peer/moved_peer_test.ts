/** A peer that is reached elsewhere than the others believe: it is answered where it says that it is. */
import { afterEach, expect, test } from "bun:test";
import { until } from "../kit/tcp_server.ts";
import { startPeer, stopPeers } from "./_world.ts";

afterEach(stopPeers);

test("a peer that has moved is found where it says, also after a membership that does not know it yet", async () => {
  const [a, before] = [await startPeer("a"), await startPeer("b")];
  a.knows(before);
  before.knows(a);
  await until("connected", () => a.stats("b").isConnected);
  await before.transport.close();
  await until("a misses it", () => a.unreachable.length > 1);
  const b = await startPeer("b");
  expect(b.address).not.toBe(before.address);
  b.knows(a);
  await until("a has found it", () => a.stats("b").isConnected);
  expect(a.stats("b").address).toBe(b.address);
  expect([a.transport.movedTo("b"), b.transport.movedTo("a")]).toEqual([b.address, undefined]);
  a.say("b", 1);
  await until("it has come", () => b.messages.length === 1);
  // Somebody else has joined meanwhile.
  const old = new Map([["b", before.address]]);
  a.transport.setPeers(old, 2);
  a.say("b", 2);
  await until("it has come too", () => b.messages.length === 2);
  // The cluster knows of the move.
  a.transport.setPeers(new Map([["b", b.address]]), 3);
  a.say("b", 3);
  await until("and so has this", () => b.messages.length === 3);
  expect(a.transport.movedTo("b")).toBeUndefined();
  expect(b.terms).toEqual([1, 2, 3]);
});

test("a peer whose move is undone is found where it said before, which it need not say again", async () => {
  const [a, before] = [await startPeer("a"), await startPeer("b")];
  a.knows(before);
  before.knows(a);
  await until("connected", () => a.stats("b").isConnected);
  await before.transport.close();
  await until("a misses it", () => a.unreachable.length > 1);
  const b = await startPeer("b");
  b.knows(a);
  await until("a has found it", () => a.stats("b").isConnected);
  await until("it has said so", () => b.opened.length === 1);
  a.transport.setPeers(new Map([["b", b.address]]), 2);
  a.transport.setPeers(new Map([["b", before.address]]), 1);
  await until("a has found it again", () => a.transport.movedTo("b") === b.address);
  expect([a.stats("b").isConnected, b.opened.length]).toEqual([true, 1]);
});

test("a peer that was let in before it was known is found where it said, whatever the membership says", async () => {
  const [a, b] = [await startPeer("a"), await startPeer("b")];
  b.knows(a);
  await until("a has found it", () => a.stats("b")?.isConnected);
  await until("it has said so", () => b.opened.length === 1);
  a.transport.setPeers(new Map([["b", "127.0.0.1:9"]]), 1);
  await until("a has found it again", () => a.transport.movedTo("b") === b.address);
  expect(b.opened.length).toBe(1);
});

test("where a peer was before it was gone is not where it is looked for", async () => {
  const [a, before] = [await startPeer("a"), await startPeer("b")];
  const b = await startPeer("b");
  a.knows(before);
  before.knows(a);
  await until("it has said where it is", () => before.opened.length === 1);
  const unreachable = a.unreachable.length;
  await before.transport.close();
  await until("a misses it", () => a.unreachable.length > unreachable + 1);
  a.transport.setPeers(new Map([["b", "127.0.0.1:9"]]), 2);
  const dialled = a.unreachable.length;
  await until("a has looked for it", () => a.unreachable.length > dialled + 1);
  expect(a.stats("b").address).toBe("127.0.0.1:9");
  a.transport.setPeers(new Map([["b", b.address]]), 3);
  await until("a has found it", () => a.stats("b").isConnected);
});

test("a peer that answers where it should be stays there, whatever it says", async () => {
  const [a, b] = [await startPeer("a"), await startPeer("b", { address: "127.0.0.1:9" })];
  a.knowsAt(new Map([["b", b.address]]));
  await until("connected", () => a.stats("b").isConnected);
  b.knows(a);
  await until("b has said where it is", () => b.stats("a").isConnected);
  a.say("b", 1);
  await until("it has come", () => b.messages.length === 1);
  expect(a.stats("b").address).toBe(b.address);
  expect(a.transport.movedTo("b")).toBeUndefined();
});
