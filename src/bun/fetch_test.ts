/** Over real HTTPS: whose certificates are trusted, and what is said of those that are not. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { type Certificate, TestAuthority } from "../../test/kit/certificates.ts";
import { bunFetch, bunFetchAt, bunFetchTrusting, bunFetchUnverified, fetchAt } from "./fetch.ts";

const ENDS = "20400101000000Z";

let [ours, other]: TestAuthority[] = [];
const servers: Bun.Server<undefined>[] = [];

beforeAll(() => {
  [ours, other] = [new TestAuthority(), new TestAuthority()];
});
afterAll(async () => {
  for (const server of servers) await server.stop(true);
  for (const authority of [ours, other]) authority?.remove();
});

const ok = () => new Response("ok");

/** A server that shows this certificate. */
function serve({ certPem, keyPem }: Certificate): string {
  const tls = { cert: certPem, key: keyPem };
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", tls, fetch: ok });
  servers.push(server);
  return `https://127.0.0.1:${server.port}/`;
}

/** What is answered, or the code and the sentence of why nothing is. */
async function ask(url: string, caPem: string | undefined): Promise<string> {
  const trusting = caPem === undefined ? undefined : bunFetchTrusting(caPem);
  if (trusting?.ok === false) throw new Error(trusting.detail);
  try {
    return await (await (trusting?.fetch ?? bunFetch)(new Request(url))).text();
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    return `${code}: ${message}`;
  }
}

const signed = (name: string, names = "IP:127.0.0.1", ends = ENDS) =>
  ours!.signed(name, { names, ends });

test("bunFetchUnverified() believes whoever answers", async () => {
  const url = serve(ours!.selfSigned("anybody", "subjectAltName=DNS:elsewhere.example"));
  expect(await (await bunFetchUnverified(new Request(url))).text()).toBe("ok");
});

describe("bunFetchTrusting()", () => {
  test("a certificate of the authority is trusted, of any of several", async () => {
    const url = serve(signed("good"));
    expect(await ask(url, ours!.own.certPem)).toBe("ok");
    expect(await ask(url, `# ours\n${other!.own.certPem}\n${ours!.own.certPem}`)).toBe("ok");
  });

  test("a certificate of another authority is not, nor of any that the system does not know", async () => {
    const url = serve(signed("good"));
    const said =
      "UNTRUSTED_CERTIFICATE: its certificate is of an authority that is not trusted here";
    expect(await ask(url, other!.own.certPem)).toBe(said);
    expect(await ask(url, undefined)).toBe(said);
    const selfSigned = serve(ours!.selfSigned("self", "subjectAltName=IP:127.0.0.1"));
    expect(await ask(selfSigned, ours!.own.certPem)).toBe(said);
  });

  test("a certificate for another name is not", async () => {
    const url = serve(signed("name", "DNS:elsewhere.example"));
    expect(await ask(url, ours!.own.certPem)).toBe(
      "UNTRUSTED_CERTIFICATE: its certificate is for another name",
    );
  });

  test("one that has ended is not, which a new one mends", async () => {
    const url = serve(signed("late", "IP:127.0.0.1", "20200102000000Z"));
    expect(await ask(url, ours!.own.certPem)).toStartWith("CERT_HAS_EXPIRED: ");
  });

  test("what holds no certificates is refused before anybody is asked", () => {
    const broken = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
    expect(bunFetchTrusting("hello")).toEqual({ ok: false, detail: "it holds no PEM certificate" });
    expect(bunFetchTrusting(`${ours!.own.certPem}${broken}`)).toEqual({
      ok: false,
      detail: "certificate 2 of 2 cannot be read",
    });
  });
});

/** Answers which host was asked for, and what was sent. */
function echo(): string {
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      const { pathname } = new URL(request.url);
      if (pathname === "/moved") return Response.redirect("http://127.0.0.1:9/", 307);
      return new Response(
        `${request.method} ${request.headers.get("host")} ${await request.text()}`,
      );
    },
  });
  servers.push(server);
  return String(server.port);
}

describe("bunFetchAt()", () => {
  test("connects to the address, and asks it for the name", async () => {
    const port = echo();
    // Nobody has this name, so that a look-up of it would fail.
    const request = new Request(`http://hook.invalid:${port}/x`, { method: "POST", body: "{}" });
    const response = await bunFetchAt(request, "127.0.0.1");
    expect(await response.text()).toBe(`POST hook.invalid:${port} {}`);
  });

  test("keeps what the request says of redirects, and its signal", async () => {
    const port = echo();
    const controller = new AbortController();
    const { signal } = controller;
    const request = () =>
      new Request(`http://hook.invalid:${port}/moved`, { redirect: "manual", signal });
    expect((await bunFetchAt(request(), "127.0.0.1")).status).toBe(307);
    controller.abort();
    expect(await bunFetchAt(request(), "127.0.0.1").catch(({ name }) => name)).toBe("AbortError");
  });

  test("asks for the certificate of the name, not of the address", async () => {
    const [right, wrong] = [signed("pinned", "DNS:hook.invalid"), signed("other", "DNS:x.invalid")];
    const ca = ours!.own.certPem;
    const asked = async (certificate: Certificate, ip: string) => {
      const { port } = new URL(serve(certificate));
      try {
        return await (
          await fetchAt(new Request(`https://hook.invalid:${port}/`), ip, { ca })
        ).text();
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    };
    expect(await asked(right, "127.0.0.1")).toBe("ok");
    expect(await asked(wrong, "127.0.0.1")).toBe("its certificate is for another name");
  });

  test.each(["", "hook.invalid", "fe80::1%lo", "127.0.0.1:9", "x@127.0.0.1"])(
    "does not take %p for an address",
    async (ip) => {
      const request = new Request("http://hook.invalid/");
      expect(await bunFetchAt(request, ip).catch(String)).toContain("is not an address");
    },
  );
});
