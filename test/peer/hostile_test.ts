/** Peers that are silent, endless, slow or half gone: what they can cost, and for how long. */
import { afterEach, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { RAFT_FORMAT_VERSION } from "../../src/raft/mod.ts";
import type { Message } from "../../src/raft/mod.ts";
import { TestServer } from "../kit/tcp_server.ts";
import { Proxy } from "./_proxy.ts";
import { CLUSTER, QUICK, SECRET, startPeer, stopPeers, until } from "./_world.ts";

const sockets: Socket[] = [];
afterEach(async () => {
  await stopPeers();
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** A connection that is closed by the other end, or not. */
async function dial(port: number, first?: Uint8Array): Promise<{ isClosed: boolean }> {
  const state = { isClosed: false };
  const socket = connect(port, "127.0.0.1");
  sockets.push(socket);
  socket.on("error", () => undefined);
  socket.on("close", () => (state.isClosed = true));
  socket.resume();
  await new Promise<void>((resolve) => socket.on("connect", () => resolve()));
  if (first !== undefined) socket.write(first);
  return state;
}

/** A message of about so many bytes. */
function large(from: string, to: string, bytes: number): Message {
  const envelope = { clusterId: CLUSTER, version: RAFT_FORMAT_VERSION, from, to, term: 1 };
  const body = { kind: "command", data: new Uint8Array(bytes) } as const;
  const id = { node: from, incarnation: 1, sequence: 1 };
  return { ...envelope, kind: "proposeRequest", proposal: { id, body } };
}

test("a connection that says nothing is closed in time", async () => {
  const a = await startPeer("a");
  const silent = await dial(a.port);
  await until("it is closed", () => silent.isClosed);
  expect(a.transport.stats()).toMatchObject({
    refusedConnections: 1,
    unprovedConnections: 0,
    lastRefusal: "no handshake within 400 ms",
  });
});

test("connections that prove nothing are bounded, and do not keep a peer out", async () => {
  const limits = { ...QUICK, maxUnproved: 5, handshakeMs: 600_000 };
  const [a, b] = [
    await startPeer("a", { limits, auth: SECRET }),
    await startPeer("b", { auth: SECRET }),
  ];
  const silent: { isClosed: boolean }[] = [];
  for (let count = 0; count < 20; count++) silent.push(await dial(a.port));
  await until(
    "the oldest are closed",
    () => silent.filter(({ isClosed }) => isClosed).length === 15,
  );
  expect(a.transport.stats().unprovedConnections).toBe(5);
  a.knows(b);
  b.knows(a);
  b.say("a", 1);
  await until("the peer gets through", () => a.messages.length === 1);
});

test("a length without end is refused before room is made for it", async () => {
  const a = await startPeer("a");
  const endless = await dial(a.port, Uint8Array.of(0xff, 0xff, 0xff, 0xff, 1));
  await until("it is closed", () => endless.isClosed);
  expect(a.transport.stats().lastRefusal).toContain(
    "a frame says that it is 4294967295 bytes long",
  );
});

test("before the proof no frame may be longer than a hello", async () => {
  const a = await startPeer("a");
  const long = await dial(a.port, Uint8Array.of(0, 0, 0x10, 0, 1));
  await until("it is closed", () => long.isClosed);
});

test("another protocol, spoken to a peer port or found at a peer's address, is named as such", async () => {
  const a = await startPeer("a");
  const web = await TestServer.start((socket) => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"));
  const browser = await dial(a.port, Buffer.from("GET / HTTP/1.1\r\n\r\n"));
  await until("it is closed", () => browser.isClosed);
  a.knowsAt(new Map([["b", `127.0.0.1:${web.port}`]]));
  await until("refused", () => a.unreachable.includes("b"));
  expect(a.stats("b").lastRefusal).toContain("it does not speak phi's peer protocol");
  web.stop();
});

test("a peer that stops reading costs no more than the bound, and the rest is dropped and counted", async () => {
  const limits = { ...QUICK, maxQueueBytes: 1024 * 1024, silenceMs: 600_000 };
  const [a, b] = [await startPeer("a", { limits }), await startPeer("b")];
  const proxy = await Proxy.start(() => b.port);
  b.knows(a);
  a.knowsAt(new Map([["b", proxy.address]]));
  await until("connected", () => a.stats("b").isConnected);
  proxy.freeze();
  const before = process.memoryUsage().arrayBuffers;
  for (let count = 0; count < 4000; count++) {
    a.transport.send(large("a", "b", 64 * 1024));
    if (count % 50 === 0) await Bun.sleep(0);
  }
  const { droppedMessages, messagesOut } = a.stats("b");
  // 250 MB were given; the kernel's buffers of two connections take a few.
  expect(droppedMessages).toBeGreaterThan(3500);
  expect(messagesOut).toBeLessThan(500);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(64 * 1024 * 1024);
  proxy.stop();
});

for (const auth of [{ mode: "none" } as const, SECRET]) {
  test(`${auth.mode}: a peer that acknowledges nothing is given up, and found again`, async () => {
    const [a, b] = [await startPeer("a", { auth }), await startPeer("b", { auth })];
    const proxy = await Proxy.start(() => b.port);
    b.knows(a);
    a.knowsAt(new Map([["b", proxy.address]]));
    a.say("b", 1);
    await until("it has come", () => b.messages.length === 1);
    proxy.freeze();
    a.say("b", 2);
    await until("it is given up", () => a.unreachable.length > 0);
    expect(a.stats("b").lastRefusal).toBe("it acknowledged nothing for 400 ms");
    // Nor does a connection that stands, and answers no hello, hold it up for long.
    await until("a dial was given up too", () => a.unreachable.length > 1);
    proxy.thaw();
    await until("connected again", () => a.stats("b").isConnected);
    a.say("b", 3);
    await until("it has come", () => b.terms.includes(3));
    proxy.stop();
  });
}

test("a connection without traffic is not given up, and notices by itself that it is half gone", async () => {
  const [a, b] = [await startPeer("a"), await startPeer("b")];
  const proxy = await Proxy.start(() => b.port);
  b.knows(a);
  a.knowsAt(new Map([["b", proxy.address]]));
  await until("connected", () => a.stats("b").isConnected);
  const { bytesOut } = a.stats("b");
  // Each is an idle time.
  await until("it shows that it lives", () => a.stats("b").bytesOut > bytesOut + 40);
  expect(a.unreachable).toEqual([]);
  expect(proxy.accepted).toBe(1);
  proxy.freeze();
  await until("it is given up", () => a.unreachable.length > 0);
  proxy.stop();
});
