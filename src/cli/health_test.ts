import { describe, expect, test } from "bun:test";
import { runHealth, type HealthArguments } from "./health.ts";

const FLAGS: HealthArguments = { httpBind: { host: "127.0.0.1", port: 8000 }, timeout: 1_000 };

/** The exit code, what was asked, and what was said, when `answer` is the answer. */
async function ask(
  url: string | undefined,
  flags: Partial<HealthArguments>,
  answer: (request: Request) => Response | Promise<Response>,
) {
  const asked: string[] = [];
  const trusted: string[] = [];
  const said: string[] = [];
  const fetch = async (request: Request) => {
    asked.push(request.url);
    return answer(request);
  };
  const code = await runHealth(
    url,
    { ...FLAGS, ...flags },
    {
      fetch,
      fetchUnverified: async (request) => {
        trusted.push(request.url);
        return await fetch(request);
      },
      output: { data: (line) => said.push(line), say: (line) => said.push(line) },
    },
  );
  return { code, asked, trusted, said };
}

const alive = () => new Response("alive\n");

describe("runHealth()", () => {
  test("asks the monitor that listens at the bind, and says nothing when it is alive", async () => {
    const result = await ask(undefined, {}, alive);
    const asked = ["http://127.0.0.1:8000/healthz"];
    expect(result).toEqual({ code: 0, asked, trusted: asked, said: [] });
  });

  test("a bind to all addresses is asked on the loopback", async () => {
    const v4 = await ask(undefined, { httpBind: { host: "0.0.0.0", port: 1 } }, alive);
    const v6 = await ask(undefined, { httpBind: { host: "::", port: 1 } }, alive);
    expect([...v4.asked, ...v6.asked]).toEqual([
      "http://127.0.0.1:1/healthz",
      "http://[::1]:1/healthz",
    ]);
  });

  test("asks a monitor that has a certificate over HTTPS, whomever that certificate is for", async () => {
    const { asked, trusted } = await ask(undefined, { tlsCert: "/etc/phi/tls.pem" }, alive);
    expect(asked).toEqual(["https://127.0.0.1:8000/healthz"]);
    expect(trusted).toEqual(asked);
  });

  test("asks the URL that was given instead, and believes no certificate for it", async () => {
    const flags = { tlsCert: "/etc/phi/tls.pem" };
    const { asked, trusted } = await ask("http://127.0.0.1:8080/control", flags, alive);
    expect(asked).toEqual(["http://127.0.0.1:8080/control"]);
    expect(trusted).toEqual([]);
  });

  test("another status, no answer and a late one are failures that say which", async () => {
    const url = "http://127.0.0.1:9/";
    const unwell = await ask(url, {}, () => new Response("no\n", { status: 503 }));
    const gone = await ask(url, {}, () => Promise.reject(new TypeError("refused")));
    const late = await ask(url, { timeout: 1 }, ({ signal }) => {
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason as Error));
      });
    });
    expect([unwell, gone, late].map(({ code }) => code)).toEqual([1, 1, 1]);
    expect([unwell, gone, late].flatMap(({ said }) => said)).toEqual([
      "phi: http://127.0.0.1:9/ answered 503",
      "phi: http://127.0.0.1:9/ does not answer",
      "phi: http://127.0.0.1:9/ took more than 1 ms",
    ]);
  });

  test("what is no URL is a misuse", async () => {
    expect(await ask("monitor1", {}, alive)).toMatchObject({ code: 2, asked: [] });
  });
});
