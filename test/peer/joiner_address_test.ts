/** Whom `verify` connects to: anybody who may write chooses the address. */
import { afterEach, expect, test } from "bun:test";
import { createServer } from "node:net";
import { SECRET, startPeer, stopPeers, until } from "./_world.ts";

afterEach(stopPeers);

/** A listener that counts who connects. */
async function listening() {
  const connected: (number | undefined)[] = [];
  const server = createServer((socket) => {
    connected.push(socket.remotePort);
    socket.destroy();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return { port, connected, [Symbol.dispose]: () => void server.close() };
}

test.each(["127.0.0.1", "localhost"])(
  "%s is not dialled where it is not admitted",
  async (host) => {
    using other = await listening();
    const asked: [string, readonly string[]][] = [];
    const a = await startPeer("a", {
      auth: SECRET,
      admitJoiner: ({ host: named }, ips) => {
        asked.push([named, ips]);
        return { ok: false, detail: "that is nowhere to be" };
      },
    });
    expect(await a.transport.verify("b", `${host}:${other.port}`)).toEqual({
      ok: false,
      detail: `${host}:${other.port}: that is nowhere to be`,
    });
    expect(asked.map(([named, ips]) => [named, ips.includes("127.0.0.1")])).toEqual([[host, true]]);
    // A peer is looked for wherever it is, and this connection is made later than the other would have been.
    a.knowsAt(new Map([["b", `127.0.0.1:${other.port}`]]));
    await until("the peer is dialled", () => other.connected.length > 0);
    expect(asked.length).toBe(1);
  },
);

test("of several addresses those are dialled that are admitted", async () => {
  const [a, b] = [
    await startPeer("a", { auth: SECRET, admitJoiner: () => ({ ok: true, ips: ["127.0.0.1"] }) }),
    await startPeer("b", { auth: SECRET }),
  ];
  expect(await a.transport.verify("b", `localhost:${b.port}`)).toEqual({ ok: true });
});
