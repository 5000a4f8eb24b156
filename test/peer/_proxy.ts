/** A network between two peers, for tests: passes bytes on, records them, and can swallow them. */
import { connect, createServer, type Server, type Socket } from "node:net";

/** What one connection carried from the one who dialled. */
export type Recording = Uint8Array[];

export class Proxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isFrozen = false;
  #isRefusing = false;
  readonly recordings: Recording[] = [];

  private constructor(target: () => number) {
    this.#server = createServer((incoming) => this.#pass(incoming, target()));
  }

  /** To a port of the loopback, asked for at each connection. */
  static async start(target: () => number): Promise<Proxy> {
    const proxy = new Proxy(target);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", () => resolve()));
    return proxy;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("not listening");
    return address.port;
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** Connections so far. */
  get accepted(): number {
    return this.recordings.length;
  }

  /** From here on nothing passes and nothing is read, though every connection stands. */
  freeze(): void {
    this.#isFrozen = true;
    for (const socket of this.#sockets) socket.pause();
  }

  /** New connections work again; those that were frozen stay so. */
  thaw(): void {
    this.#isFrozen = false;
  }

  /** Breaks every connection, and refuses others until told otherwise. */
  cut(isCut = true): void {
    this.#isRefusing = isCut;
    if (isCut) for (const socket of this.#sockets) socket.destroy();
  }

  stop(): void {
    this.#server.close();
    this.cut();
  }

  #pass(incoming: Socket, port: number): void {
    if (this.#isRefusing) return void incoming.destroy();
    const outgoing = connect(port, "127.0.0.1");
    const recording: Recording = [];
    this.recordings.push(recording);
    const couple = (from: Socket, to: Socket, record: boolean) => {
      this.#sockets.add(from);
      from.on("data", (bytes: Uint8Array) => {
        if (this.#isFrozen) return void from.pause();
        if (record) recording.push(bytes.slice());
        if (!to.write(bytes)) from.pause();
      });
      to.on("drain", () => {
        if (!this.#isFrozen) from.resume();
      });
      from.on("error", ignore);
      from.on("close", () => {
        this.#sockets.delete(from);
        to.end();
      });
    };
    couple(incoming, outgoing, true);
    couple(outgoing, incoming, false);
  }
}

function ignore(): void {
  // Broken connections are what it is for.
}
