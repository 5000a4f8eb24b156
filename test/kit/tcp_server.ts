/** Servers for tests on a free port of the loopback, which do with each connection what the test says. */
import { readdirSync, readlinkSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { createServer as createTlsServer, type TLSSocket } from "node:tls";
import type { Certificate } from "./certificates.ts";

export class TestServer {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Connections so far. */
  accepted = 0;

  constructor(server: Server) {
    this.#server = server;
  }

  static async start(handle: (socket: Socket) => void, host = "127.0.0.1"): Promise<TestServer> {
    const server = createServer({ allowHalfOpen: true });
    const started = new TestServer(server);
    server.on("connection", (socket) => started.#accept(socket, handle));
    return await started.#listen(host);
  }

  static async startTls(
    { certPem, keyPem }: Certificate,
    handle: (socket: TLSSocket) => void,
  ): Promise<TestServer> {
    const server = createTlsServer({ cert: certPem, key: keyPem });
    const started = new TestServer(server);
    server.on("secureConnection", (socket: TLSSocket) => {
      started.accepted++;
      socket.on("error", ignore);
      handle(socket);
    });
    server.on("connection", (socket: Socket) => started.#keep(socket));
    server.on("tlsClientError", ignore);
    return await started.#listen("127.0.0.1");
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("not listening");
    return address.port;
  }

  /** Closes the port and every connection. */
  stop(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #accept(socket: Socket, handle: (socket: Socket) => void): void {
    this.accepted++;
    this.#keep(socket);
    handle(socket);
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on("error", ignore);
    socket.on("close", () => this.#sockets.delete(socket));
  }

  async #listen(host: string): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, host, () => resolve()));
    return this;
  }
}

/** Answers every request, taking each piece that arrives for one. */
export function answering(answer: string): (socket: Socket) => void {
  return (socket) => socket.on("data", () => socket.write(answer));
}

/**
 * Sockets that this process has open. Other descriptors do not count: the runtime opens some of its own
 * when it pleases.
 */
export function openSockets(): number {
  const folder = "/proc/self/fd";
  return readdirSync(folder).filter((name) => isSocket(`${folder}/${name}`)).length;
}

function isSocket(path: string): boolean {
  try {
    return readlinkSync(path).startsWith("socket:");
  } catch {
    // Closed since the folder was read, as is the descriptor that read it.
    return false;
  }
}

/** Waits until a condition holds; what it was is for the message of the failure. */
export async function until(what: string, holds: () => boolean, timeoutMs = 5_000): Promise<void> {
  const endMs = performance.now() + timeoutMs;
  while (!holds()) {
    if (performance.now() > endMs) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await Bun.sleep(2);
  }
}

function ignore(): void {
  // A peer that goes away is what these tests are about.
}
