/** Beside a real proxy that the environment names: what goes by it, and what never does. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { type Certificate, TestAuthority } from "../../test/kit/certificates.ts";
import { aboutProxies, BY_THE_PROXY, HttpProxy, withProxies } from "../../test/kit/http_proxy.ts";
import { bunFetch, bunFetchAt, bunFetchAtUnproxied, bunFetchUnverified, fetchAt } from "./fetch.ts";

/** Stands for another machine's: it leads to this one, so that nothing leaves it, but is none of the loopback's. */
const ELSEWHERE = "0.0.0.0";

let authority: TestAuthority;
let proxy: HttpProxy;
const servers: Bun.Server<undefined>[] = [];

beforeAll(() => {
  authority = new TestAuthority();
});
afterAll(() => authority.remove());
beforeEach(async () => {
  proxy = await HttpProxy.start();
});
afterEach(async () => {
  proxy.stop();
  for (const server of servers.splice(0)) await server.stop(true);
});

/** The port of a server that says which host it was asked for. */
function serve(certificate?: Certificate): number {
  const tls = certificate && { cert: certificate.certPem, key: certificate.keyPem };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    ...(tls && { tls }),
    fetch: (request) => new Response(`asked for ${request.headers.get("host")}`),
  });
  servers.push(server);
  return server.port!;
}

const signed = (file: string, name: string) =>
  authority.signed(file, { names: `DNS:${name}`, ends: "20400101000000Z" });

async function textOf(response: Promise<Response>): Promise<string> {
  try {
    return await (await response).text();
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

describe("bunFetch()", () => {
  const ours = ["127.0.0.1", "127.0.0.9", "localhost", "phi.localhost", "[::1]", "[::ffff:7f00:1]"];

  test.each(["no_proxy", "NO_PROXY"])(
    "asks this machine itself, with %s as it is",
    async (name) => {
      const variables = { http_proxy: proxy.url, [name]: ".corp.example" };
      const port = serve();
      await withProxies(variables, async () => {
        const asked = (host: string) => textOf(bunFetch(new Request(`http://${host}:${port}/`)));
        expect(await asked("127.0.0.1")).toBe(`asked for 127.0.0.1:${port}`);
        // Whether anybody listens at the others, and how they are reached, is the machine's affair.
        for (const host of ours) await asked(host);
        expect(proxy.heads).toEqual([]);
        expect(await asked("elsewhere.invalid")).toBe(BY_THE_PROXY);
        expect(aboutProxies()).toEqual(variables);
      });
    },
  );
});

test("bunFetchUnverified() asks no proxy, whatever the address that this machine listens at", async () => {
  const port = serve(signed("unverified", "known.invalid"));
  await withProxies({ ALL_PROXY: proxy.url }, async () => {
    const request = new Request(`https://${ELSEWHERE}:${port}/`);
    expect(await textOf(bunFetchUnverified(request))).toStartWith("asked for ");
  });
  expect(proxy.heads).toEqual([]);
});

describe("bunFetchAt()", () => {
  test.each(["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])(
    "has the proxy of %s ask the address for the name",
    async (variable) => {
      await withProxies({ [variable]: proxy.url }, async () => {
        const request = new Request("http://hook.invalid/x", { method: "POST", body: "{}" });
        expect(await textOf(bunFetchAt(request, ELSEWHERE))).toBe(BY_THE_PROXY);
      });
      expect(proxy.heads).toHaveLength(1);
      expect(proxy.heads[0]).toStartWith(`POST http://${ELSEWHERE}/x HTTP/1.1\r\n`);
      expect(proxy.heads[0]).toMatch(/\r\nhost: hook\.invalid\r\n/iu);
    },
  );

  test("has the proxy lead to the address, and the certificate be for the name", async () => {
    const ca = authority.own.certPem;
    const [right, wrong] = [signed("right", "hook.invalid"), signed("wrong", "x.invalid")].map(
      serve,
    );
    const asked = (port: number) =>
      textOf(fetchAt(new Request(`https://hook.invalid:${port}/`), ELSEWHERE, { ca }));
    await withProxies({ HTTPS_PROXY: proxy.url }, async () => {
      expect(await asked(right!)).toBe(`asked for hook.invalid:${right}`);
      expect(await asked(wrong!)).toBe("its certificate is for another name");
    });
    expect(proxy.heads.map((head) => head.split(" HTTP/")[0])).toEqual([
      `CONNECT ${ELSEWHERE}:${right}`,
      `CONNECT ${ELSEWHERE}:${wrong}`,
    ]);
  });

  test("asks this machine itself", async () => {
    const port = serve();
    const variables = { http_proxy: proxy.url, no_proxy: ".corp.example" };
    await withProxies(variables, async () => {
      const request = new Request(`http://hook.invalid:${port}/`);
      expect(await textOf(bunFetchAt(request, "127.0.0.1"))).toBe(`asked for hook.invalid:${port}`);
    });
    expect(proxy.heads).toEqual([]);
  });
});

test.each(["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"])(
  "bunFetchAtUnproxied() asks the address itself, whatever %s says",
  async (variable) => {
    const port = serve();
    await withProxies({ [variable]: proxy.url }, async () => {
      const request = new Request(`http://hook.invalid:${port}/`);
      expect(await textOf(bunFetchAtUnproxied(request, ELSEWHERE))).toBe(
        `asked for hook.invalid:${port}`,
      );
    });
    expect(proxy.heads).toEqual([]);
  },
);
