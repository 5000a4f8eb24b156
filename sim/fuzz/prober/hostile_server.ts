/**
 * A server that means no good, on real sockets of the loopback: it answers as grammar and chance have it, or
 * drips, floods, breaks, half closes, speaks out of turn, or speaks TLS that is none. What it does with a
 * connection is decided by the seed that stands in the path of the question, or for TLS, where no path is read,
 * by the next seed that was announced.
 */
import { createServer, type Server, type Socket } from "node:net";
import { gzipSync } from "node:zlib";
import { Random } from "../../world/random.ts";
import { bytesOf, cut, randomBytes } from "../mutation.ts";
import { generateAnswer } from "./answer_grammar.ts";

type Behave = (socket: Socket, random: Random) => void;

const HEAD = "HTTP/1.1 200 OK\r\n";
const OK = `${HEAD}content-length: 2\r\n\r\nok`;
/** A thousandfold when unpacked, which nobody should do. */
const BOMB = gzipSync(Buffer.alloc(512 * 1024));
const DRIP_MS = 1;

const BEHAVIOURS: readonly Behave[] = [
  (socket, random) => sayInPieces(socket, random, generateAnswer(random)),
  (socket, random) => sayInPieces(socket, random, generateAnswer(random)),
  (socket, random) => sayInPieces(socket, random, { text: OK, hasEnded: random.chance(0.5) }),
  () => undefined,
  (socket, random) => drip(socket, () => (random.chance(0.5) ? "x" : "")),
  (socket) => drip(socket, (index) => (index === 0 ? HEAD : `x-${index}: y\r\n`)),
  (socket) => drip(socket, () => "HTTP/1.1 103 Early\r\n\r\n"),
  (socket) => flood(socket, HEAD, "x".repeat(16_384)),
  (socket) => flood(socket, `${HEAD}\r\n`, "x".repeat(16_384)),
  (socket) =>
    flood(socket, `${HEAD}transfer-encoding: chunked\r\n\r\n`, "1\r\nx\r\n".repeat(2_000)),
  (socket) => flood(socket, "", "HTTP/1.1 100 Continue\r\n\r\n".repeat(1_000)),
  (socket) => void socket.end(),
  (socket) => void socket.destroy(),
  (socket) => void socket.resetAndDestroy(),
  (socket) => void socket.end(OK.slice(0, -1)),
  (socket) => {
    socket.write(HEAD);
    socket.resetAndDestroy();
  },
  (socket) => void socket.write(`${OK}HTTP/1.1 200 OK\r\n\r\n`),
  (socket) => {
    socket.write(`${HEAD}content-encoding: gzip\r\ncontent-length: ${BOMB.length}\r\n\r\n`);
    socket.write(BOMB);
  },
  (socket, random) => void socket.write(bytesOf(randomBytes(random, 500))),
];

/** What is said to a TLS hello. */
const TLS_GARBAGE: readonly Behave[] = [
  (socket, random) => void socket.write(bytesOf(randomBytes(random, 300))),
  (socket) => void socket.write(bytesOf("\u0015\u0003\u0003\u0000\u0002\u0002\u0028")),
  (socket) => void socket.write(bytesOf("\u0016\u0003\u0003\u00ff\u00ff\u0002\u0000\u0000")),
  (socket, random) =>
    void socket.write(bytesOf(`\u0016\u0003\u0003\u0000\u0040${randomBytes(random, 64)}`)),
  (socket) => void socket.write(OK),
  (socket) => flood(socket, "", "\u0016\u0003\u0001\u0040\u0000".repeat(3_000)),
  (socket) => void socket.pipe(socket),
  () => undefined,
  (socket) => void socket.end(),
  (socket) => void socket.resetAndDestroy(),
];

export class HostileServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #announced: number[] = [];

  constructor() {
    this.#server = createServer({ allowHalfOpen: true });
    this.#server.on("connection", (socket) => this.#accept(socket));
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", () => resolve()));
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("it does not listen");
    return address.port;
  }

  /** Its ends of connections that are open. */
  get openSockets(): number {
    return this.#sockets.size;
  }

  /** The next TLS connections behave so, in this order. */
  announce(seed: number): void {
    this.#announced.push(seed);
  }

  dropAll(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#announced.length = 0;
  }

  async close(): Promise<void> {
    this.dropAll();
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket);
    // A peer that goes away is what this is about.
    socket.on("error", () => undefined);
    socket.on("close", () => this.#sockets.delete(socket));
    socket.on("data", (bytes: Uint8Array) => this.#answer(socket, bytes));
  }

  #answer(socket: Socket, bytes: Uint8Array): void {
    const path = /^GET \/(?<seed>\d+) /u.exec(Buffer.from(bytes).toString("latin1"));
    const isTls = path === null;
    const seed = isTls ? this.#announced.shift() : Number(path.groups!["seed"]);
    if (seed === undefined) return;
    const random = new Random(seed, "behaviour");
    random.pick(isTls ? TLS_GARBAGE : BEHAVIOURS)(socket, random);
  }
}

function sayInPieces(
  socket: Socket,
  random: Random,
  { text, hasEnded }: { readonly text: string; readonly hasEnded: boolean },
): void {
  for (const piece of cut(random, text, 5)) socket.write(bytesOf(piece));
  if (hasEnded) socket.end();
}

function drip(socket: Socket, next: (index: number) => string): void {
  let index = 0;
  const timer = setInterval(() => socket.write(next(index++)), DRIP_MS);
  socket.on("close", () => clearInterval(timer));
}

/** As fast as the other side takes it. */
function flood(socket: Socket, beginning: string, piece: string): void {
  const pour = (): void => {
    while (!socket.destroyed && socket.write(piece, "latin1"));
  };
  socket.on("drain", pour);
  socket.write(beginning);
  pour();
}
