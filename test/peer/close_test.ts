/** The end of a transport: a process that has closed it has nothing left that would keep it alive. */
import { expect, test } from "bun:test";
import { connect } from "node:net";
import { fileURLToPath } from "node:url";
import { openSockets } from "../kit/tcp_server.ts";
import { Proxy } from "./_proxy.ts";
import { QUICK, SECRET, startPeer, TestPeer, until } from "./_world.ts";

test("close() frees every socket, whatever was under way, and tells nothing afterwards", async () => {
  const before = openSockets();
  const [a, b] = [await startPeer("a", { auth: SECRET }), await startPeer("b", { auth: SECRET })];
  const gone = await startPeer("gone");
  const stuck = await Proxy.start(() => b.port);
  stuck.freeze();
  await gone.transport.close();
  b.knows(a);
  a.knowsAt(
    new Map([
      ["b", b.address],
      ["gone", gone.address],
      ["stuck", stuck.address],
    ]),
  );
  await until("connected", () => a.stats("b").isConnected && b.stats("a").isConnected);
  const verified = a.transport.verify("other", stuck.address);
  for (let term = 1; term <= 100; term++) b.say("a", term);
  const told = a.unreachable.length;
  await a.transport.close();
  const heard = a.messages.length;
  expect(await verified).toEqual({ ok: false, detail: "this monitor is being stopped" });
  await b.transport.close();
  stuck.stop();
  await until("all sockets are closed", () => openSockets() <= before);
  expect([a.unreachable.length, a.messages.length]).toEqual([told, heard]);
  // Asked for too late, and harmless.
  a.knows(b);
  a.say("b", 1);
  expect(await a.transport.verify("b", b.address)).toMatchObject({ ok: false });
  await a.transport.close();
  expect(a.transport.stats().peers).toEqual([]);
});

test("close() ends the connections that others made, proved or not", async () => {
  const limits = { ...QUICK, handshakeMs: 600_000, idleMs: 600_000, silenceMs: 600_000 };
  const [a, b] = [await startPeer("a", { limits }), await startPeer("b", { limits })];
  a.knows();
  b.transport.setPeers(new Map([["a", a.address]]), 2);
  await until("b is let in", () => b.stats("a").isConnected);
  const silent = connect(a.port, "127.0.0.1").resume();
  const closed = new Promise<void>((resolve) => silent.on("close", () => resolve()));
  silent.on("error", () => undefined);
  await until("it is taken", () => a.transport.stats().unprovedConnections === 1);
  await a.transport.close();
  await closed;
  await until("b knows too", () => b.unreachable.length > 0);
  await b.transport.close();
});

test("the port is free again once close() resolves", async () => {
  const first = await TestPeer.start("a");
  await first.transport.close();
  const second = await TestPeer.start("a", { port: first.port });
  expect(second.port).toBe(first.port);
  const third = new TestPeer("b");
  expect(await third.transport.listen({ host: "127.0.0.1", port: first.port })).toMatchObject({
    ok: false,
    detail: expect.stringContaining("EADDRINUSE"),
  });
  await Promise.all([second, third].map(({ transport }) => transport.close()));
});

test("a process ends by itself once its transports are closed", async () => {
  const child = Bun.spawn(
    [process.execPath, fileURLToPath(new URL("_closing_child.ts", import.meta.url))],
    { stdout: "pipe", stderr: "inherit" },
  );
  expect(await new Response(child.stdout).text()).toBe("closed\n");
  expect(await child.exited).toBe(0);
});
