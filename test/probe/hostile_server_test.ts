/** Servers that mean no good, on real sockets: whatever they do, a probe ends, in time, and frees its socket. */
import { afterEach, describe, expect, test } from "bun:test";
import type { Socket } from "node:net";
import { askOnce, Probing, verdictOf } from "../kit/probing.ts";
import { answering, openSockets, TestServer, until } from "../kit/tcp_server.ts";

const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";
/** Of those that are waited for until the timeout, and of those that must not be, or a busy machine comes to it first. */
const TIMEOUT_MS = 150;
const LONG_TIMEOUT_MS = 5_000;

let probing = new Probing();
const servers: TestServer[] = [];
afterEach(() => {
  probing.stop();
  probing = new Probing();
  for (const server of servers.splice(0)) server.stop();
});

async function start(handle: (socket: Socket) => void): Promise<TestServer> {
  const server = await TestServer.start(handle);
  servers.push(server);
  return server;
}

/** Writes a piece every few milliseconds until the connection is gone. */
function dripping(next: (index: number) => string): (socket: Socket) => void {
  return (socket) => {
    let index = 0;
    const timer = setInterval(() => socket.write(next(index++)), 2);
    socket.on("close", () => clearInterval(timer));
  };
}

const HEAD = "HTTP/1.1 200 OK\r\n";
const TARPITS: [string, (socket: Socket) => void, string][] = [
  ["accepts and is silent", () => {}, "timeout"],
  ["trickles byte by byte", dripping((index) => OK.slice(0, -1)[index] ?? ""), "timeout"],
  [
    "sends headers for ever",
    dripping((index) => (index === 0 ? HEAD : `x-${index}: y\r\n`)),
    "timeout",
  ],
  ["sends interim answers for ever", dripping(() => "HTTP/1.1 100 Continue\r\n\r\n"), "protocol"],
  ["sends a header without end", floodingWith(HEAD, "x".repeat(16_384)), "protocol"],
  ["sends a body without end", floodingWith(`${HEAD}\r\n`, "x".repeat(16_384)), "too_large"],
  [
    "sends chunks without end",
    floodingWith(`${HEAD}transfer-encoding: chunked\r\n\r\n`, "1\r\nx\r\n".repeat(1_000)),
    "too_large",
  ],
  [
    "announces a huge chunk",
    answering(`${HEAD}transfer-encoding: chunked\r\n\r\nffffffffffffffff\r\n`),
    "too_large",
  ],
  [
    "announces a huge body",
    answering(`${HEAD}content-length: 999999999999999999999\r\n\r\n`),
    "too_large",
  ],
  ["sends half an announced body", answering(OK.slice(0, -1)), "timeout"],
  ["ends its side and waits, half open", (socket) => socket.end(HEAD), "reset"],
  ["closes at once", (socket) => socket.destroy(), "reset"],
  ["closes in the body", (socket) => socket.on("data", () => socket.end(OK.slice(0, -1))), "reset"],
  [
    "breaks before the answer",
    (socket) => socket.on("data", () => socket.resetAndDestroy()),
    "reset",
  ],
  [
    "breaks in the answer",
    (socket) =>
      socket.on("data", () => {
        socket.write(HEAD);
        setTimeout(() => socket.resetAndDestroy(), 10);
      }),
    "reset",
  ],
  [
    "speaks first, and another protocol",
    (socket) => socket.write("220 mail ESMTP\r\n"),
    "protocol",
  ],
  ["sends zeros", floodingWith("", "\0".repeat(16_384)), "protocol"],
  ["is an echo", (socket) => socket.pipe(socket), "protocol"],
];

/** Sends as fast as the other side takes it. */
function floodingWith(beginning: string, piece: string): (socket: Socket) => void {
  return (socket) => {
    const flood = (): void => {
      while (!socket.destroyed && socket.write(piece));
    };
    socket.on("drain", flood);
    socket.once("data", () => {
      socket.write(beginning);
      flood();
    });
  };
}

describe("HttpProber on a server that", () => {
  test.each(TARPITS)("%s ends, and frees its socket", async (_, handle, verdict) => {
    const server = await start(handle);
    const before = openSockets();
    const prober = probing.makeProber({
      url: `http://127.0.0.1:${server.port}/`,
      timeoutMs: verdict === "timeout" ? TIMEOUT_MS : LONG_TIMEOUT_MS,
    });
    const outcomes = await Promise.all([askOnce(prober), askOnce(prober)]);
    expect(outcomes.map(verdictOf)).toEqual([verdict, verdict]);
    // The server's own ends are in this process too, and may close a little later.
    await until("descriptors freed", () => openSockets() <= before + server.accepted);
    server.stop();
    await until("no descriptor left", () => openSockets() < before);
  });

  test("never reads what it asks for hears nothing of secrets in a detail", async () => {
    const server = await start((socket) => socket.pipe(socket));
    const path = `${import.meta.dir}/_secret_${process.pid}`;
    await Bun.write(path, "hunter2\n");
    const url = `http://127.0.0.1:${server.port}/`;
    const outcome = await askOnce(probing.makeProber({ url, bearerTokenFile: path }));
    await Bun.file(path).delete();
    expect(verdictOf(outcome)).toBe("protocol");
    expect(JSON.stringify(outcome)).not.toContain("hunter2");
  });

  test("fails in every way there is leaves no descriptor behind, after 500 failures", async () => {
    const before = openSockets();
    const handlers = TARPITS.map(([, handle]) => handle);
    const failing = await Promise.all(handlers.map((handle) => start(handle)));
    const closed = await TestServer.start(() => {});
    const ports = [...failing.map(({ port }) => port), closed.port];
    closed.stop();
    let failures = 0;
    for (let round = 0; failures < 500; round++) {
      const asked = ports.map((port) => {
        const url = `${round % 4 === 3 ? "https" : "http"}://127.0.0.1:${port}/`;
        return askOnce(probing.makeProber({ url, timeoutMs: 40 }));
      });
      for (const outcome of await Promise.all(asked)) if (!outcome.ok) failures++;
    }
    for (const server of servers) server.stop();
    await until("descriptors freed", () => openSockets() <= before);
    expect(probing.wheel.size).toBe(0);
  });
});

describe("HttpProber on a server that closes connections between questions", () => {
  test.each([
    ["ends them", (socket: Socket) => socket.end()],
    ["breaks them", (socket: Socket) => socket.resetAndDestroy()],
  ])("%s: no probe fails", async (_, lose) => {
    const server = await start((socket) => {
      socket.on("data", () => {
        socket.write(OK);
        setTimeout(() => lose(socket), 5);
      });
    });
    const prober = probing.makeProber({ url: `http://127.0.0.1:${server.port}/` });
    for (let round = 0; round < 10; round++) {
      expect(verdictOf(await askOnce(prober))).toBe("ok");
      // Around the moment at which the server closes.
      await Bun.sleep(round);
    }
  });

  test("under the question: it is asked again on a new connection", async () => {
    const server = await start((socket) => {
      let questions = 0;
      socket.on("data", () => {
        if (++questions === 1) socket.write(OK);
        else socket.resetAndDestroy();
      });
    });
    const prober = probing.makeProber({ url: `http://127.0.0.1:${server.port}/` });
    for (let round = 0; round < 5; round++) {
      expect(await askOnce(prober)).toMatchObject({ ok: true, reusedConnection: false });
    }
    expect(server.accepted).toBe(5);
  });
});
