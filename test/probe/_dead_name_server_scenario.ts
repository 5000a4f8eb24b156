/** Many names are being looked up at a name server that never answers; prints what still works, as JSON. */
import { createSocket } from "node:dgram";
import { bunResolve } from "../../src/bun/mod.ts";
import { askOnce, Probing, verdictOf } from "../kit/probing.ts";
import { answering, TestServer } from "../kit/tcp_server.ts";

let questions = 0;
const nameServer = createSocket("udp4", () => questions++);
await new Promise<void>((resolve) => nameServer.bind(53, "127.0.0.1", () => resolve()));

const probing = new Probing();
const hanging = Array.from({ length: 30 }, (_, index) =>
  askOnce(probing.makeProber({ url: `http://h${index}.test/`, timeoutMs: 1_000 })),
);
const server = await TestServer.start(answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n"));
const url = `http://localhost:${server.port}/`;
const meanwhile = await askOnce(
  probing.makeProber({ url, timeoutMs: 500, bearerTokenFile: "/etc/hostname" }),
);
const reasons = new Set((await Promise.all(hanging)).map(verdictOf));
const again = await bunResolve("localhost");
console.log(
  JSON.stringify({
    wasAsked: questions > 0,
    meanwhile: verdictOf(meanwhile),
    hanging: [...reasons],
    isResolving: again.ok,
  }),
);
process.exit(0);
