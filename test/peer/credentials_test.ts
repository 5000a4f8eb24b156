/** Who gets in: by a shared secret, by certificates, and not by recordings or changed bytes. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { TestAuthority, type Certificate } from "../kit/certificates.ts";
import { Proxy } from "./_proxy.ts";
import { Splice } from "./_splice.ts";
import { SECRET, startPeer, stopPeers, type TestPeer, until } from "./_world.ts";

afterEach(stopPeers);

const refusedBecause = (peer: TestPeer, of: string, text: string) =>
  until(`${peer.id} says "${text}"`, () => peer.stats(of).lastRefusal?.includes(text) === true);

describe("with a shared secret", () => {
  const OTHER = { mode: "secret", secret: Buffer.from("another secret, long enough") } as const;

  test("another secret is refused, and says so on both sides", async () => {
    const [a, b] = [await startPeer("a", { auth: SECRET }), await startPeer("b", { auth: OTHER })];
    a.knows(b);
    b.knows(a);
    a.say("b", 1);
    await refusedBecause(a, "b", "the cluster secret is not the same");
    await refusedBecause(b, "a", "the cluster secret is not the same");
    const verified = await a.transport.verify("b", b.address);
    expect(verified).toMatchObject({ ok: false, detail: expect.stringContaining("secret") });
    expect(b.messages).toEqual([]);
    expect(b.stats("a").handshakeFailures).toBeGreaterThan(0);
  });

  test("a monitor without the secret is refused by the name of what it lacks", async () => {
    const [a, b] = [await startPeer("a"), await startPeer("b", { auth: SECRET })];
    a.knows(b);
    b.knows(a);
    await refusedBecause(a, "b", "b refused: a uses no authentication, and b a cluster secret");
  });

  test("a recorded session, played again, delivers nothing", async () => {
    const [a, b] = [await startPeer("a", { auth: SECRET }), await startPeer("b", { auth: SECRET })];
    const proxy = await Proxy.start(() => b.port);
    b.knows(a);
    a.knowsAt(new Map([["b", proxy.address]]));
    for (let term = 1; term <= 10; term++) a.say("b", term);
    await until("all has come", () => b.messages.length === 10);
    await a.transport.close();
    const recording = Buffer.concat(proxy.recordings[0]!);
    proxy.stop();

    const refused = b.transport.stats().refusedConnections;
    const replay = connect(b.port, "127.0.0.1");
    const answer = await allBytesOf(replay, () => replay.write(recording));
    await until("refused", () => b.transport.stats().refusedConnections > refused);
    expect(answer.toString("latin1")).toContain("the cluster secret is not the same");
    expect(b.messages.length).toBe(10);
  });

  test("frames played again within their own connection end it, and are not delivered", async () => {
    const [a, b] = [await startPeer("a", { auth: SECRET }), await startPeer("b", { auth: SECRET })];
    b.knows(a);
    const splice = await Splice.start(b.port);
    a.knowsAt(new Map([["b", splice.address]]));
    await until("connected", () => a.stats("b").isConnected);
    splice.doubles = true;
    a.say("b", 1);
    await until("it has come, and the connection is gone", () => a.unreachable.length > 0);
    expect(b.terms).toEqual([1]);
    splice.stop();
  });
});

describe("with mutual TLS", () => {
  const ENDS = "20400101000000Z";
  let [ours, foreign]: TestAuthority[] = [];
  let certificates: Record<"a" | "b" | "foreignA" | "expiredA", Certificate>;
  beforeAll(() => {
    ours = new TestAuthority();
    foreign = new TestAuthority();
    certificates = {
      a: ours.signed("a", { names: "DNS:monitor-a.example", ends: ENDS }),
      b: ours.signed("some-host", { names: "DNS:some-host.example,DNS:b", ends: ENDS }),
      foreignA: foreign.signed("a", { names: "DNS:a", ends: ENDS }),
      expiredA: ours.signed("expired", { names: "DNS:a", ends: "20210101000000Z" }),
    };
  });
  afterAll(() => {
    ours!.remove();
    foreign!.remove();
  });

  const tlsOf = (certificate: Certificate, authority = ours!) => ({
    ...certificate,
    caPem: authority.own.certPem,
  });
  const startTls = (id: string, certificate: Certificate, authority = ours!) =>
    startPeer(id, { auth: { mode: "tls" }, tls: tlsOf(certificate, authority) });

  test("monitors whose certificates have their names talk: as common name, as DNS name", async () => {
    const [a, b] = [await startTls("a", certificates.a), await startTls("b", certificates.b)];
    a.knows(b);
    b.knows(a);
    a.say("b", 1);
    b.say("a", 2);
    await until("both have come", () => a.messages.length === 1 && b.messages.length === 1);
    expect(await a.transport.verify("b", b.address)).toEqual({ ok: true });
  });

  test("a joiner's name stands for where it is admitted, and for nowhere else", async () => {
    const b = await startTls("b", certificates.b);
    for (const isAdmitted of [true, false]) {
      const a = await startPeer("a", {
        auth: { mode: "tls" },
        tls: tlsOf(certificates.a),
        admitJoiner: (_address, ips) =>
          isAdmitted ? { ok: true, ips } : { ok: false, detail: "no" },
      });
      const verified = await a.transport.verify("b", `localhost:${b.port}`);
      expect(verified.ok).toBe(isAdmitted);
      await a.transport.close();
    }
  });

  test("a certificate of another name is refused by the acceptor and by the dialler", async () => {
    const [a, b] = [await startTls("a", certificates.b), await startTls("b", certificates.b)];
    a.knows(b);
    b.knows(a);
    const why = "the certificate of a is for some-host.example, b, some-host";
    await refusedBecause(a, "b", `b refused: ${why}`);
    await refusedBecause(b, "a", why);
    expect(b.messages).toEqual([]);
    expect(await b.transport.verify("a", a.address)).toMatchObject({ ok: false });
  });

  test("a certificate of another authority gets nobody in, whoever dials", async () => {
    const [a, b] = [
      await startTls("a", certificates.foreignA, foreign),
      await startTls("b", certificates.b),
    ];
    // Takes any authority for right: only b's refusal is left.
    const c = await startPeer("a", {
      auth: { mode: "tls" },
      tls: { ...certificates.foreignA, caPem: ours!.own.certPem },
    });
    a.knows(b);
    c.knows(b);
    b.knows(a);
    c.say("b", 1);
    await refusedBecause(a, "b", "SELF_SIGNED_CERT_IN_CHAIN");
    await refusedBecause(c, "b", "it may not accept this monitor's certificate");
    await until("b knows why", () => /VERIFY/u.test(b.transport.stats().lastRefusal ?? ""));
    expect(b.messages).toEqual([]);
  });

  test("an expired certificate gets nobody in", async () => {
    const [a, b] = [
      await startTls("a", certificates.expiredA),
      await startTls("b", certificates.b),
    ];
    a.knows(b);
    b.knows(a);
    await until("b knows", () => b.transport.stats().lastRefusal?.includes("EXPIRED") === true);
    await refusedBecause(b, "a", "CERT_HAS_EXPIRED");
    expect(b.messages).toEqual([]);
  });

  test("a dialler without a certificate is not answered, whatever it says", async () => {
    const b = await startTls("b", certificates.b);
    const bare = connectTls({
      host: "127.0.0.1",
      port: b.port,
      ca: ours!.own.certPem,
      checkServerIdentity: () => undefined,
    });
    bare.on("error", () => undefined);
    const answer = await allBytesOf(bare, () => bare.write(Uint8Array.of(0, 0, 0, 1, 1)));
    expect(answer.length).toBe(0);
    await until("b knows", () => b.transport.stats().refusedConnections === 1);
    expect(b.transport.stats().lastRefusal).toContain("PEER_DID_NOT_RETURN_A_CERTIFICATE");
  });

  test("who speaks no TLS gets nowhere, in either direction", async () => {
    const [a, b] = [await startPeer("a"), await startTls("b", certificates.b)];
    a.knows(b);
    b.knows(a);
    await until("both failed", () => a.unreachable.length > 0 && b.unreachable.length > 0);
    await until("b knows", () => b.transport.stats().refusedConnections > 0);
    expect(a.transport.stats().lastRefusal).toContain("it does not speak phi's peer protocol");
    expect(b.messages).toEqual([]);
  });
});

test("without authentication no transport listens beyond the loopback", async () => {
  const a = await startPeer("a");
  for (const host of ["0.0.0.0", "::", "10.1.0.1", "monitor-1"]) {
    expect(await a.transport.listen({ host, port: 0 })).toMatchObject({
      ok: false,
      detail: expect.stringContaining("mutual TLS or a cluster secret"),
    });
  }
});

async function allBytesOf(socket: Socket, begin: () => void): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on("data", (bytes: Buffer) => chunks.push(bytes));
  begin();
  await new Promise<void>((resolve) => socket.on("close", () => resolve()));
  return Buffer.concat(chunks);
}
