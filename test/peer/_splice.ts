/** A man in the middle of one connection, for tests: says what it is passed on twice, if told to. */
import { connect, createServer, type Server } from "node:net";

export class Splice {
  readonly #server: Server;
  /** Each piece that the dialler sends goes on twice. */
  doubles = false;

  private constructor(port: number) {
    this.#server = createServer((incoming) => {
      const outgoing = connect(port, "127.0.0.1");
      incoming.on("data", (bytes: Uint8Array) => {
        outgoing.write(bytes);
        if (this.doubles) outgoing.write(bytes);
      });
      outgoing.on("data", (bytes: Uint8Array) => incoming.write(bytes));
      for (const [from, to] of [
        [incoming, outgoing],
        [outgoing, incoming],
      ] as const) {
        from.on("close", () => to.destroy());
        from.on("error", () => to.destroy());
      }
    });
  }

  static async start(port: number): Promise<Splice> {
    const splice = new Splice(port);
    await new Promise<void>((resolve) => splice.#server.listen(0, "127.0.0.1", () => resolve()));
    return splice;
  }

  get address(): string {
    const address = this.#server.address();
    if (address === null || typeof address === "string") throw new Error("not listening");
    return `127.0.0.1:${address.port}`;
  }

  /** Takes no more connections. */
  stop(): void {
    this.#server.close();
  }
}
