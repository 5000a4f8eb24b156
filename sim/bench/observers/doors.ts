/**
 * Ways to servers for one monitor alone, that can be shut: then what is sent there goes nowhere and nothing comes
 * back, not even a refusal, as with a cable that is cut.
 */
import { connect, createServer, type Server, type Socket } from "node:net";
import { freePorts } from "../../free_ports.ts";

const HOST = "127.0.0.1";

export class Doors {
  /** For the monitor that is to go through them. */
  readonly flags: readonly string[];
  readonly #servers: readonly Server[];
  readonly #sockets = new Set<Socket>();
  #isShut = false;

  constructor(serverPorts: readonly number[]) {
    const ports = freePorts(serverPorts.length);
    this.flags = serverPorts.map(
      (serverPort, place) => `--connect-to=${HOST}:${serverPort}=${HOST}:${ports[place]}`,
    );
    this.#servers = serverPorts.map((serverPort, place) =>
      createServer((near) => this.#pass(near, serverPort)).listen(ports[place], HOST),
    );
  }

  shut(): void {
    this.#isShut = true;
    for (const socket of this.#sockets) socket.pause();
  }

  /** What was held back arrives late, as it would. */
  open(): void {
    this.#isShut = false;
    for (const socket of this.#sockets) socket.resume();
  }

  stop(): void {
    for (const server of this.#servers) server.close();
    for (const socket of this.#sockets) socket.destroy();
  }

  #pass(near: Socket, serverPort: number): void {
    const far = connect(serverPort, HOST);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#sockets.add(from);
      from.on("data", (bytes) => void to.write(bytes));
      from.on("error", () => to.destroy());
      from.on("close", () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      if (this.#isShut) from.pause();
    }
  }
}
