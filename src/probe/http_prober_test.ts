import { describe, expect, test } from "bun:test";
import type { ResolveResult } from "../port.ts";
import { addresses, FakeWorld, OK, settlePromises } from "./_test_http_world.ts";
import type { HttpProbeOptions } from "./http_plan.ts";

describe("HttpProber: one question", () => {
  test("books each phase's time, and ends in one outcome", () => {
    const world = new FakeWorld();
    world.ask();
    expect(world.last.address).toEqual({ ip: "10.0.0.1", port: 8080 });
    world.pass(5);
    world.last.events.onConnect();
    expect(world.last.written).toHaveLength(1);
    expect(world.last.written[0]).toStartWith("GET /heartbeat HTTP/1.1\r\nhost: 10.0.0.1:8080\r\n");
    expect(world.last.written[0]).toEndWith("\r\n\r\n");
    world.pass(20);
    world.last.answer(OK.slice(0, 10));
    world.pass(3);
    world.last.answer(OK.slice(10));
    expect(world.outcomes).toEqual([
      {
        ok: true,
        status: 200,
        reusedConnection: false,
        timings: { resolveMs: 0, connectMs: 5, tlsMs: 0, firstByteMs: 20, bodyMs: 3, totalMs: 28 },
        certificateExpiresWallMs: undefined,
      },
    ]);
    world.pass(10_000);
    expect(world.outcomes).toHaveLength(1);
    expect(world.wheel.size).toBe(0);
  });

  test("TLS: handshake timed, the certificate's end reported on reuse too", () => {
    const world = new FakeWorld({ url: "https://10.0.0.1/x" });
    world.ask();
    expect(world.last.address).toEqual({
      ip: "10.0.0.1",
      port: 443,
      tls: { serverName: "10.0.0.1", insecureSkipVerify: false },
    });
    world.last.events.onConnect();
    expect(world.last.written).toEqual([]);
    world.pass(7);
    world.last.events.onSecure(1_800_000_000_000);
    world.last.answer(OK);
    expect(world.outcome).toMatchObject({ ok: true, timings: { tlsMs: 7 } });
    world.ask();
    world.last.answer(OK);
    expect(world.outcome).toMatchObject({
      reusedConnection: true,
      timings: { connectMs: 0, tlsMs: 0 },
      certificateExpiresWallMs: 1_800_000_000_000,
    });
  });

  test("a certificate that is refused is reported with its end", () => {
    const world = new FakeWorld({ url: "https://10.0.0.1/x" });
    world.ask();
    world.last.events.onConnect();
    world.last.events.onFault("tls", "certificate has expired", 5);
    expect(world.outcome).toMatchObject({
      ok: false,
      reason: "tls",
      detail: "certificate has expired (in the TLS handshake)",
      certificateExpiresWallMs: 5,
    });
  });

  test.each([
    ["another status", "HTTP/1.1 503 no\r\ncontent-length: 900\r\n\r\n", "status"],
    ["a redirect", "HTTP/1.1 302 Found\r\nlocation: /\r\n\r\n", "status"],
    ["a body that does not match", "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nno", "body"],
    ["too much body", "HTTP/1.1 200 OK\r\ncontent-length: 101\r\n\r\n", "too_large"],
    ["nonsense", "SSH-2.0-OpenSSH_9.2\r\n", "protocol"],
  ])("%s fails at once and frees the socket", (_, text, reason) => {
    const world = new FakeWorld({ bodyMatches: /^ok$/g });
    world.ask();
    world.last.events.onConnect();
    world.last.answer(text);
    expect(world.outcome).toMatchObject({ ok: false, reason });
    expect(world.openConnections).toBe(0);
    expect(world.wheel.size).toBe(0);
  });

  test("a global or sticky expression matches each time", () => {
    const world = new FakeWorld({ bodyMatches: /ok/g }).warmUp();
    for (let round = 0; round < 3; round++) {
      world.ask();
      world.last.answer(OK);
    }
    expect(world.outcomes.map(({ ok }) => ok)).toEqual([true, true, true, true]);
  });

  test("an answer without a length ends with the connection", () => {
    const world = new FakeWorld({ bodyMatches: /^all of it$/ });
    world.ask();
    world.last.events.onConnect();
    world.last.answer("HTTP/1.0 200 OK\r\n\r\nall of it");
    expect(world.outcomes).toEqual([]);
    world.last.events.onEnd();
    expect(world.outcome).toMatchObject({ ok: true });
    expect(world.openConnections).toBe(0);
  });

  test.each([["onEnd"], ["onFault"]] as const)(
    "a connection lost in the answer (%s) is a reset",
    (way) => {
      const world = new FakeWorld();
      world.ask();
      world.last.events.onConnect();
      world.last.answer(OK.slice(0, -1));
      if (way === "onEnd") world.last.events.onEnd();
      else world.last.events.onFault("reset", "ECONNRESET");
      expect(world.outcome).toMatchObject({ ok: false, reason: "reset" });
    },
  );
});

describe("HttpProber: the deadline", () => {
  const phases: [string, Partial<HttpProbeOptions>, (world: FakeWorld) => void, object, string][] =
    [
      ["connecting", {}, () => {}, { connectMs: 1_000 }, "connecting"],
      [
        "the handshake",
        { url: "https://10.0.0.1/" },
        (world) => world.last.events.onConnect(),
        { tlsMs: 1_000 },
        "in the TLS handshake",
      ],
      [
        "silence",
        {},
        (world) => world.last.events.onConnect(),
        { firstByteMs: 1_000 },
        "waiting for the answer",
      ],
      [
        "half an answer",
        {},
        (world) => {
          world.last.events.onConnect();
          world.last.answer("HTTP/1.1 200 OK\r\n");
        },
        { bodyMs: 1_000 },
        "reading the answer",
      ],
      [
        "a look-up",
        { url: "http://a.test/" },
        () => {},
        { resolveMs: 1_000 },
        "looking the name up",
      ],
    ];

  test.each(phases)("holds in %s, and says so", async (_, options, prepare, timings, activity) => {
    const world = new FakeWorld(options);
    world.resolved = new Promise(() => {});
    world.ask();
    await settlePromises();
    prepare(world);
    world.pass(999);
    expect(world.outcomes).toEqual([]);
    world.pass(1);
    expect(world.outcome).toMatchObject({
      ok: false,
      reason: "timeout",
      detail: `no answer within 1000 ms, 1000 ms of them ${activity}`,
      timings: { ...timings, totalMs: 1_000 },
    });
    expect(world.openConnections).toBe(0);
  });

  test("a server that trickles cannot move it", () => {
    const world = new FakeWorld();
    world.ask();
    world.last.events.onConnect();
    for (let index = 0; index < 25; index++) {
      world.last.answer(OK[index]!);
      world.pass(39);
    }
    world.pass(39);
    expect(world.outcome).toMatchObject({ reason: "timeout" });
  });

  test("an answer to a look-up that comes too late is not dialled", async () => {
    const world = new FakeWorld({ url: "http://a.test/" });
    const late = Promise.withResolvers<ResolveResult>();
    world.resolved = late.promise;
    world.ask();
    await settlePromises();
    world.pass(1_000);
    late.resolve({ ok: true, addresses: [{ ip: "10.0.0.1", family: 4 }] });
    await settlePromises();
    expect(world.outcomes).toHaveLength(1);
    expect(world.connections).toEqual([]);
  });
});

describe("HttpProber: addresses", () => {
  test("those allowed are tried in their order", async () => {
    const world = new FakeWorld({ url: "http://a.test/" });
    world.denied.add("10.0.0.1");
    world.resolved = addresses("10.0.0.1", "10.0.0.2", "10.0.0.3");
    world.ask();
    await settlePromises();
    expect(world.last.address.ip).toBe("10.0.0.2");
    world.last.events.onFault("refused", "10.0.0.2 refused");
    expect(world.last.address.ip).toBe("10.0.0.3");
    world.last.events.onConnect();
    world.last.answer(OK);
    expect(world.outcome).toMatchObject({ ok: true });
  });

  test("a name server that gives thousands costs no more than sixteen tries, or one short line", async () => {
    const all = Array.from({ length: 4_000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
    const world = new FakeWorld({ url: "http://a.test/" });
    world.resolved = addresses(...all);
    world.ask();
    await settlePromises();
    while (world.outcomes.length === 0) world.pass(10);
    expect(world.connections.map(({ address }) => address.ip)).toEqual(all.slice(0, 16));
    for (const ip of all) world.denied.add(ip);
    world.ask();
    await settlePromises();
    expect(world.outcome).toMatchObject({
      reason: "not_allowed",
      detail:
        "10.0.0.0 is not allowed; 10.0.0.1 is not allowed; 10.0.0.2 is not allowed; and 13 more",
    });
  });

  test("a silent one does not use up the time of the next, and the deadline stays", async () => {
    const world = new FakeWorld({ url: "http://a.test/" });
    world.resolved = addresses("10.0.0.1", "10.0.0.2");
    world.ask();
    await settlePromises();
    world.pass(500);
    expect(world.connections.map(({ address }) => address.ip)).toEqual(["10.0.0.1", "10.0.0.2"]);
    expect(world.openConnections).toBe(1);
    world.last.events.onConnect();
    world.pass(499);
    expect(world.outcomes).toEqual([]);
    world.pass(1);
    expect(world.outcome).toMatchObject({
      reason: "timeout",
      timings: { connectMs: 500, firstByteMs: 500 },
    });
  });

  test("one that connects in its share has all of the time left", async () => {
    const world = new FakeWorld({ url: "http://a.test/" });
    world.resolved = addresses("10.0.0.1", "10.0.0.2");
    world.ask();
    await settlePromises();
    world.pass(499);
    world.last.events.onConnect();
    world.pass(500);
    world.last.answer(OK);
    expect(world.outcome).toMatchObject({ ok: true });
  });

  test("one that is mute in the TLS handshake does not use up the time of the next either", async () => {
    const world = new FakeWorld({ url: "https://a.test/" });
    world.resolved = addresses("10.0.0.1", "10.0.0.2");
    world.ask();
    await settlePromises();
    world.last.events.onConnect();
    world.pass(500);
    expect(world.connections.map(({ address }) => address.ip)).toEqual(["10.0.0.1", "10.0.0.2"]);
    world.last.events.onConnect();
    world.last.events.onSecure(undefined);
    world.last.answer(OK);
    expect(world.outcome).toMatchObject({ ok: true });
  });

  test("when all fail the last one's reason counts", async () => {
    const world = new FakeWorld({ url: "http://a.test/" });
    world.resolved = addresses("10.0.0.1", "10.0.0.2");
    world.ask();
    await settlePromises();
    world.last.events.onFault("unreachable", "no route");
    world.last.events.onFault("refused", "10.0.0.2:80 refused the connection");
    expect(world.outcome).toMatchObject({
      reason: "refused",
      detail: "10.0.0.2:80 refused the connection (connecting)",
    });
  });

  test.each([
    ["no name", "http://a.test/", "resolve", "no such name"],
    ["no allowed address", "http://10.0.0.9/", "not_allowed", "10.0.0.9 is not allowed"],
  ])("%s is an outcome, never within ask()", async (_, url, reason, detail) => {
    const world = new FakeWorld({ url });
    world.denied.add("10.0.0.9");
    world.ask();
    expect(world.outcomes).toEqual([]);
    await settlePromises();
    expect(world.outcomes).toHaveLength(1);
    expect(world.outcome).toMatchObject({ ok: false, reason, detail });
    expect(world.wheel.size).toBe(0);
  });

  test("connectTo moves the connection; Host and the TLS name stay", async () => {
    const world = new FakeWorld({ url: "https://a.test/x" }, () => ({ host: "[::1]", port: 8443 }));
    world.ask();
    await settlePromises();
    expect(world.last.address).toEqual({
      ip: "::1",
      port: 8443,
      tls: { serverName: "a.test", insecureSkipVerify: false },
    });
    world.last.events.onConnect();
    world.last.events.onSecure(undefined);
    expect(world.last.written[0]).toContain("\r\nhost: a.test\r\n");
  });
});

describe("new HttpProber()", () => {
  test.each([
    [{ url: "push:" }, '"url" must be http or https'],
    [{ url: "nowhere" }, '"url" must be a URL'],
    [{ method: "G T" }, '"method" must be a token'],
    [{ timeoutMs: 0 }, '"timeoutMs" must be > 0'],
    [{ maxBodyBytes: Number.NaN }, '"maxBodyBytes" must be >= 0'],
    [{ headers: { "transfer-encoding": "chunked" } }, "is the prober's own"],
  ])("refuses %j", (options, message) => {
    expect(() => new FakeWorld(options)).toThrow(`Cannot create HttpProber: `);
    expect(() => new FakeWorld(options)).toThrow(message);
  });
});
