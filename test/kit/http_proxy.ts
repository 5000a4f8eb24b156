/**
 * A proxy on the loopback for tests, with the environment that names it. It answers requests for http by itself, and
 * leads tunnels to the port that was asked for, on this machine whatever the address.
 */
import { connect, type Socket } from "node:net";
import { TestServer } from "./tcp_server.ts";

export const BY_THE_PROXY = "by the proxy";

const IS_ABOUT_PROXIES = /_proxy$/iu;

export class HttpProxy {
  readonly #server: TestServer;
  /** What each connection was opened with, so far. */
  readonly heads: string[];

  private constructor(server: TestServer, heads: string[]) {
    this.#server = server;
    this.heads = heads;
  }

  static async start(): Promise<HttpProxy> {
    const heads: string[] = [];
    const server = await TestServer.start((socket) => {
      socket.once("data", (bytes) => {
        const head = bytes.toString("latin1");
        heads.push(head);
        const tunnel = /^CONNECT \S+:(?<port>\d+) /u.exec(head)?.groups;
        if (tunnel) lead(socket, Number(tunnel["port"]));
        else socket.end(`HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n${BY_THE_PROXY}`);
      });
    });
    return new HttpProxy(server, heads);
  }

  get url(): string {
    return `http://127.0.0.1:${this.#server.port}`;
  }

  stop(): void {
    this.#server.stop();
  }
}

function lead(from: Socket, port: number): void {
  const to = connect(port, "127.0.0.1", () => {
    from.write("HTTP/1.1 200 OK\r\n\r\n");
    from.pipe(to).pipe(from);
  });
  to.on("error", () => from.destroy());
}

/** Runs it with these of the variables about proxies, and no others. */
export async function withProxies<T>(
  variables: Readonly<Record<string, string>>,
  run: () => Promise<T>,
): Promise<T> {
  const before = aboutProxies();
  replace(variables);
  try {
    return await run();
  } finally {
    replace(before);
  }
}

export function aboutProxies(): Record<string, string> {
  const entries = Object.entries(process.env).filter(([name]) => IS_ABOUT_PROXIES.test(name));
  return Object.fromEntries(entries.map(([name, value]) => [name, value ?? ""]));
}

function replace(variables: Readonly<Record<string, string>>): void {
  for (const name of Object.keys(aboutProxies())) delete process.env[name];
  Object.assign(process.env, variables);
}
