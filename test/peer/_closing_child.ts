/** A process that talks to itself over two transports, closes them, and has to end by itself then. */
import { until } from "../kit/tcp_server.ts";
import { TestPeer } from "./_world.ts";

const [a, b] = [await TestPeer.start("a"), await TestPeer.start("b")];
a.knows(b);
b.knows(a);
a.say("b", 1);
await until("it has come", () => b.messages.length === 1);
// A link that waits to dial again has a timer.
a.transport.setPeers(
  new Map([
    ["b", b.address],
    ["gone", "127.0.0.1:1"],
  ]),
  2,
);
await until("it waits", () => a.unreachable.length > 0);
await Promise.all([a.transport.close(), b.transport.close()]);
console.log("closed");
