/** Bytes that monitors exchange beside Raft, over real connections: what arrives, in which order, and what is said of gaps. */
import { afterEach, expect, test } from "bun:test";
import { Proxy } from "./_proxy.ts";
import { startPeer, stopPeers, type TestPeer, type TestPeerOptions, until } from "./_world.ts";

const proxies: Proxy[] = [];

afterEach(async () => {
  await stopPeers();
  for (const proxy of proxies.splice(0)) proxy.stop();
});

async function startTwo(options: TestPeerOptions = {}): Promise<readonly [TestPeer, TestPeer]> {
  const [a, b] = [await startPeer("a", options), await startPeer("b")];
  a.knows(b);
  b.knows(a);
  await until("both are connected", () => a.opened.length > 0 && b.opened.length > 0);
  return [a, b];
}

const textsOf = (peer: TestPeer) => peer.exchanged.map(([, text]) => text);

test("what is exchanged reaches every peer whole and in order, between Raft's messages", async () => {
  const [a, b] = await startTwo();
  for (let count = 0; count < 200; count++) {
    a.transport.broadcast(Buffer.from(`all ${count}`));
    a.say("b", count);
    a.transport.exchange("b", Buffer.from(`b ${count}`));
  }
  await until("all has come", () => b.exchanged.length === 400 && b.messages.length === 200);
  const expected = Array.from({ length: 200 }, (_, count) => [`all ${count}`, `b ${count}`]).flat();
  expect(textsOf(b)).toEqual(expected);
  expect(b.terms).toEqual(Array.from({ length: 200 }, (_, count) => count));
  expect(b.exchanged.every(([from]) => from === "a")).toBe(true);
  // One who is not known is not reached, and no harm is done.
  a.transport.exchange("nobody", Buffer.from("?"));
});

test("what is given while there is no connection is dropped, and the next one is told of", async () => {
  const b = await startPeer("b");
  const proxy = await Proxy.start(() => b.port);
  proxies.push(proxy);
  const a = await startPeer("a");
  a.knowsAt(new Map([["b", proxy.address]]));
  b.knows(a);
  a.transport.broadcast(Buffer.from("too early"));
  await until("it is connected", () => a.opened.length === 1);
  a.transport.broadcast(Buffer.from("one"));
  await until("it has come", () => b.exchanged.length === 1);
  proxy.cut();
  await until("it is missed", () => a.unreachable.length > 0);
  a.transport.broadcast(Buffer.from("into the void"));
  proxy.cut(false);
  await until("it is connected again", () => a.opened.length === 2);
  a.transport.broadcast(Buffer.from("two"));
  await until("it goes on", () => b.exchanged.length > 1);
  expect(textsOf(b)).toEqual(["one", "two"]);
});

test("when too much waits all of it is dropped, and it is said that it begins anew", async () => {
  const [a, b] = await startTwo({ limits: { sweepMs: 20, silenceMs: 400, maxQueueBytes: 1_000 } });
  for (const text of ["x", "y"]) a.transport.broadcast(Buffer.from(text.repeat(600)));
  await until("it begins anew", () => a.opened.length === 2);
  a.transport.broadcast(Buffer.from("z"));
  await until("it goes on", () => b.exchanged.length > 0);
  expect(textsOf(b)).toEqual(["z"]);
});

test("more bytes than a message may have are refused", async () => {
  const [a] = await startTwo({ limits: { sweepMs: 20, silenceMs: 400, maxMessageBytes: 100 } });
  expect(() => a.transport.broadcast(new Uint8Array(101))).toThrow("at most 100");
  expect(() => a.transport.exchange("b", new Uint8Array(101))).toThrow(RangeError);
});
