/** The prober against well-behaved servers on real sockets: Bun's own HTTP server, TLS, IPv4 and IPv6. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import type { HttpProbeOptions } from "../../src/probe/mod.ts";
import { TestAuthority } from "../kit/certificates.ts";
import { askOnce, Probing, verdictOf } from "../kit/probing.ts";

let probing = new Probing();
afterEach(() => {
  probing.stop();
  probing = new Probing();
});

function serve(
  options: { hostname?: string; tls?: { cert: string; key: string } } = {},
): ReturnType<typeof Bun.serve> {
  return Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    ...options,
    routes: {
      "/heartbeat": (request) =>
        new Response(`${request.method} ${request.headers.get("authorization")}`),
      "/chunked": () =>
        new Response(
          new ReadableStream({
            async start(controller) {
              for (const piece of ["slow", "ly ", "answered"]) {
                controller.enqueue(new TextEncoder().encode(piece));
                await Bun.sleep(5);
              }
              controller.close();
            },
          }),
        ),
      "/empty": () => new Response(null, { status: 204 }),
      "/redirect": () => Response.redirect("/heartbeat"),
      "/error": () => new Response("no", { status: 503 }),
      "/large": () => new Response("x".repeat(2_000_000)),
    },
  });
}

describe("HttpProber over HTTP", () => {
  test.each([
    ["/heartbeat", {}, "ok"],
    ["/heartbeat", { method: "HEAD" }, "ok"],
    ["/heartbeat", { method: "POST", bodyMatches: /^POST/ }, "ok"],
    ["/heartbeat", { bodyMatches: /alive/ }, "body"],
    ["/chunked", { bodyMatches: /^slowly answered$/ }, "ok"],
    ["/empty", { statusMatches: (status: number) => status === 204 }, "ok"],
    ["/redirect", {}, "status"],
    ["/error", {}, "status"],
    ["/large", {}, "too_large"],
    ["/large", { maxBodyBytes: 2_000_000, bodyMatches: /x$/ }, "ok"],
    ["/heartbeat", { connection: "fresh" as const }, "ok"],
  ])("%s with %p: %s", async (path, options: Partial<HttpProbeOptions>, verdict) => {
    const server = serve();
    const prober = probing.makeProber({
      url: `http://127.0.0.1:${server.port}${path}`,
      ...options,
    });
    for (let round = 0; round < 3; round++) {
      const outcome = await askOnce(prober);
      expect(verdictOf(outcome)).toBe(verdict);
      if (outcome.ok)
        expect(outcome.reusedConnection).toBe(round > 0 && options.connection !== "fresh");
    }
    await server.stop(true);
  });

  test.each([
    ["an IPv6 literal", "::1", "[::1]"],
    ["a name", "127.0.0.1", "localhost"],
  ])("%s", async (_, hostname, host) => {
    const server = serve({ hostname });
    const prober = probing.makeProber({ url: `http://${host}:${server.port}/heartbeat` });
    expect(verdictOf(await askOnce(prober))).toBe("ok");
    await server.stop(true);
  });

  test("a name that is not is a resolve failure", async () => {
    const prober = probing.makeProber(
      { url: "http://nowhere.invalid/" },
      { resolve: () => Promise.resolve({ ok: false, detail: "no such name" }) },
    );
    expect(verdictOf(await askOnce(prober))).toBe("resolve");
  });

  test("a target that came back is found at the next question", async () => {
    const first = serve();
    const { port } = first;
    const prober = probing.makeProber({ url: `http://127.0.0.1:${port}/heartbeat` });
    expect(verdictOf(await askOnce(prober))).toBe("ok");
    await first.stop(true);
    expect(verdictOf(await askOnce(prober))).toBe("refused");
    const second = Bun.serve({
      hostname: "127.0.0.1",
      port: port!,
      fetch: () => new Response("ok"),
    });
    expect(verdictOf(await askOnce(prober))).toBe("ok");
    await second.stop(true);
  });
});

describe("HttpProber over HTTPS", () => {
  const authority = new TestAuthority();
  const good = authority.signed("good", {
    names: "DNS:good.test,IP:127.0.0.1",
    ends: "20500102030405Z",
  });
  const expired = authority.signed("expired", {
    names: "IP:127.0.0.1",
    ends: "20210102030405Z",
  });
  const tls = { caFile: authority.own.certPath, insecureSkipVerify: false };
  let server: ReturnType<typeof Bun.serve>;
  beforeAll(() => {
    server = serve({ tls: { cert: good.certPem, key: good.keyPem } });
  });
  afterAll(async () => {
    await server.stop(true);
    authority.remove();
  });

  test.each([
    ["a private authority", tls, "ok"],
    ["a server name", { ...tls, serverName: "good.test" }, "ok"],
    ["a wrong server name", { ...tls, serverName: "wrong.test" }, "tls"],
    ["no private authority", { insecureSkipVerify: false }, "tls"],
    ["no verification", { insecureSkipVerify: true }, "ok"],
    ["authorities that are not there", { ...tls, caFile: "/nowhere/ca.pem" }, "tls"],
  ])("%s", async (_, options, verdict) => {
    const url = `https://127.0.0.1:${server.port}/heartbeat`;
    const prober = probing.makeProber({ url, tls: options });
    expect(verdictOf(await askOnce(prober))).toBe(verdict);
    const again = await askOnce(prober);
    expect(verdictOf(again)).toBe(verdict);
    if (again.ok) expect(again.certificateExpiresWallMs).toBe(Date.UTC(2050, 0, 2, 3, 4, 5));
  });

  test("an expired certificate is a failure that tells since when", async () => {
    const late = serve({ tls: { cert: expired.certPem, key: expired.keyPem } });
    const prober = probing.makeProber({ url: `https://127.0.0.1:${late.port}/heartbeat`, tls });
    expect(await askOnce(prober)).toMatchObject({
      ok: false,
      reason: "tls",
      certificateExpiresWallMs: Date.UTC(2021, 0, 2, 3, 4, 5),
    });
    await late.stop(true);
  });
});
