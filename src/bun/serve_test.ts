/** What arrives over a socket and no client library would send. */
import { afterAll, expect, test } from "bun:test";
import { listen } from "./serve.ts";

const paths: string[] = [];
const opened = listen({ host: "127.0.0.1", port: 0 }, (request) => {
  const { pathname } = new URL(request.url);
  paths.push(pathname);
  if (pathname === "/bug") throw new Error("secret words");
  return new Response("ok");
});
if (!opened.ok) throw new Error(opened.detail);
const { listener } = opened;

afterAll(() => listener.stop());

/** The whole answer to bytes as they are. */
function ask(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    Bun.connect({
      hostname: "127.0.0.1",
      port: listener.port,
      socket: {
        open: (socket) => {
          socket.write(bytes);
        },
        data: (_socket, chunk) => {
          text += chunk.toString();
        },
        close: () => resolve(text),
      },
    }).catch(reject);
  });
}

test("a request without a host is answered as if this machine had been named", async () => {
  expect(await ask("GET /healthz HTTP/1.0\r\n\r\n")).toMatch(/^HTTP\/1\.[01] 200 /);
  expect(paths).toContain("/healthz");
});

test.each(["a b", "[::1", "x:99999", "@@", "a\r\nHost: b", "a\r\nHost: a", "a, b"])(
  "the host %p is 400",
  async (host) => {
    const answer = await ask(`GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
  },
);

test("a handler that throws is 500 and tells nothing", async () => {
  const answer = await ask("GET /bug HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
  expect(answer).toMatch(/^HTTP\/1\.1 500 /);
  expect(answer).not.toContain("secret");
});

test("a port in use is said in words", () => {
  const again = listen({ host: "127.0.0.1", port: listener.port }, () => new Response());
  expect(again).toEqual({
    ok: false,
    detail: `cannot listen on 127.0.0.1:${listener.port}: the port is in use`,
  });
});
