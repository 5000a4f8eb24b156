import { afterAll, describe, expect, test } from "bun:test";
import { TestAuthority } from "../../test/kit/certificates.ts";
import { openSockets, TestServer, until } from "../../test/kit/tcp_server.ts";
import type { Connection, ConnectionEvents, DialAddress } from "../port.ts";
import { bunDial } from "./dial.ts";

/** Writes down all that a connection tells. */
class Recorder implements ConnectionEvents {
  readonly told: string[] = [];
  detail = "";
  certificateExpiresWallMs: number | undefined;
  readonly connection: Connection;

  constructor(address: DialAddress) {
    this.connection = bunDial(address, this);
    expect(this.told).toEqual([]);
  }

  onConnect(): void {
    this.told.push("connect");
  }

  onSecure(certificateExpiresWallMs: number | undefined): void {
    this.certificateExpiresWallMs = certificateExpiresWallMs;
    this.told.push("secure");
  }

  onData(bytes: Uint8Array): void {
    this.told.push(`data ${new TextDecoder("latin1").decode(bytes)}`);
  }

  onEnd(): void {
    this.told.push("end");
  }

  onFault(fault: string, detail: string, certificateExpiresWallMs?: number): void {
    this.told.push(fault);
    this.detail = detail;
    this.certificateExpiresWallMs = certificateExpiresWallMs;
  }

  async has(entry: string): Promise<this> {
    await until(`${entry} in ${JSON.stringify(this.told)}`, () => this.told.includes(entry));
    return this;
  }
}

describe("bunDial()", () => {
  test.each(["127.0.0.1", "::1"])("carries bytes both ways on %s, unchanged", async (ip) => {
    const server = await TestServer.start((socket) => socket.pipe(socket), ip);
    const recorder = await new Recorder({ ip, port: server.port }).has("connect");
    recorder.connection.write("a\u00e9\u00ff");
    await recorder.has("data a\u00e9\u00ff");
    recorder.connection.write(Uint8Array.of(98, 254));
    await recorder.has("data b\u00fe");
    recorder.connection.close();
    server.stop();
  });

  test("a port without listener is refused, with the address in the detail", async () => {
    const server = await TestServer.start(() => {});
    const { port } = server;
    server.stop();
    const recorder = await new Recorder({ ip: "127.0.0.1", port }).has("refused");
    expect(recorder.told).toEqual(["refused"]);
    expect(recorder.detail).toBe(`127.0.0.1:${port} refused the connection`);
  });

  test("a peer that ends is told apart from one that breaks", async () => {
    const ending = await TestServer.start((socket) => socket.end("bye"));
    const ended = await new Recorder({ ip: "127.0.0.1", port: ending.port }).has("end");
    await ended.has("reset");
    expect(ended.told).toEqual(["connect", "data bye", "end", "reset"]);
    ending.stop();
    const breaking = await TestServer.start((socket) => {
      socket.on("data", () => socket.resetAndDestroy());
    });
    const broken = await new Recorder({ ip: "127.0.0.1", port: breaking.port }).has("connect");
    broken.connection.write("x");
    await broken.has("reset");
    expect(broken.told).toEqual(["connect", "reset"]);
    expect(broken.detail).toContain("ECONNRESET");
    breaking.stop();
  });

  test("tells nothing after close(), and frees the descriptor while connecting too", async () => {
    const server = await TestServer.start((socket) => socket.end("bye"));
    const before = openSockets();
    const recorders = Array.from(
      { length: 50 },
      () => new Recorder({ ip: "127.0.0.1", port: server.port }),
    );
    for (const recorder of recorders) recorder.connection.close();
    await until("descriptors freed", () => openSockets() <= before);
    await Bun.sleep(20);
    for (const recorder of recorders) expect(recorder.told).toEqual([]);
    server.stop();
  });

  test("writing to a connection that is gone is no error", async () => {
    const server = await TestServer.start((socket) => socket.destroy());
    const recorder = await new Recorder({ ip: "127.0.0.1", port: server.port }).has("end");
    recorder.connection.write("x");
    recorder.connection.close();
    recorder.connection.write("x");
    recorder.connection.close();
    server.stop();
  });
});

describe("bunDial() with TLS", () => {
  const authority = new TestAuthority();
  const other = new TestAuthority();
  const names = "DNS:good.test,IP:127.0.0.1";
  const good = authority.signed("good", { names, ends: "20500102030405Z" });
  const expired = authority.signed("expired", { names, ends: "20210102030405Z" });
  const selfSigned = authority.selfSigned("self", `subjectAltName=${names}`);
  const goodEndsMs = Date.UTC(2050, 0, 2, 3, 4, 5);
  afterAll(() => {
    authority.remove();
    other.remove();
  });

  async function dialTls(
    certificate: typeof good,
    tls: Partial<DialAddress["tls"] & object>,
  ): Promise<Recorder> {
    let receivedBytes = 0;
    const server = await TestServer.startTls(certificate, (socket) => {
      socket.on("data", (bytes) => (receivedBytes += bytes.length));
      socket.write("hello");
    });
    const recorder = new Recorder({
      ip: "127.0.0.1",
      port: server.port,
      tls: {
        serverName: "good.test",
        caPem: authority.own.certPem,
        insecureSkipVerify: false,
        ...tls,
      },
    });
    await until("settled", () => /data|tls/.test(recorder.told.join()));
    recorder.connection.close();
    server.stop();
    expect(receivedBytes).toBe(0);
    return recorder;
  }

  test.each([
    ["the name", { serverName: "good.test" }],
    ["the address", { serverName: "127.0.0.1" }],
  ])("a good certificate, verified for %s", async (_, tls) => {
    const recorder = await dialTls(good, tls);
    expect(recorder.told).toEqual(["connect", "secure", "data hello"]);
    expect(recorder.certificateExpiresWallMs).toBe(goodEndsMs);
  });

  test.each([
    ["another name", good, { serverName: "wrong.test" }, "wrong.test", goodEndsMs],
    ["another address", good, { serverName: "127.0.0.2" }, "127.0.0.2", goodEndsMs],
    ["expired", expired, {}, "CERT_HAS_EXPIRED", Date.UTC(2021, 0, 2, 3, 4, 5)],
    ["self-signed", selfSigned, {}, "DEPTH_ZERO_SELF_SIGNED_CERT", undefined],
    ["another authority's", good, { caPem: other.own.certPem }, "", goodEndsMs],
  ])("refuses %s, sends nothing, and tells its end", async (_, certificate, tls, text, endsMs) => {
    const recorder = await dialTls(certificate, tls);
    expect(recorder.told).toEqual(["connect", "tls"]);
    expect(recorder.detail).toContain(text);
    expect(recorder.certificateExpiresWallMs).toBeNumber();
    if (endsMs !== undefined) expect(recorder.certificateExpiresWallMs).toBe(endsMs);
  });

  test("refuses a private authority's without that authority", async () => {
    const server = await TestServer.startTls(good, () => {});
    const tls = { serverName: "good.test", insecureSkipVerify: false };
    const recorder = new Recorder({ ip: "127.0.0.1", port: server.port, tls });
    await recorder.has("tls");
    expect(recorder.told).toEqual(["connect", "tls"]);
    server.stop();
  });

  test.each([
    ["expired", expired],
    ["self-signed", selfSigned],
  ])("insecureSkipVerify takes %s, for any name", async (_, certificate) => {
    const recorder = await dialTls(certificate, {
      serverName: "wrong.test",
      insecureSkipVerify: true,
    });
    expect(recorder.told).toEqual(["connect", "secure", "data hello"]);
  });

  test("a self-signed certificate that is itself the authority is good", async () => {
    const recorder = await dialTls(selfSigned, { caPem: selfSigned.certPem });
    expect(recorder.told).toEqual(["connect", "secure", "data hello"]);
  });

  test("authorities that are no PEM are a tls fault", async () => {
    const recorder = await dialTls(good, { caPem: "nonsense" });
    expect(recorder.told).toEqual(["tls"]);
  });

  test("a server that speaks no TLS is a tls fault; one that goes away a reset", async () => {
    const plain = await TestServer.start((socket) => {
      socket.on("data", () => socket.write("HTTP/1.1 400 no\r\n\r\n"));
    });
    const tls = { serverName: "good.test", insecureSkipVerify: false };
    const spoken = await new Recorder({ ip: "127.0.0.1", port: plain.port, tls }).has("tls");
    expect(spoken.told).toEqual(["connect", "tls"]);
    plain.stop();
    const leaving = await TestServer.start((socket) => socket.on("data", () => socket.destroy()));
    const left = new Recorder({ ip: "127.0.0.1", port: leaving.port, tls });
    await until("lost", () => /end|reset/.test(left.told.join()));
    left.connection.close();
    leaving.stop();
  });

  test("close() in the middle of a handshake frees the descriptor", async () => {
    const silent = await TestServer.start(() => {});
    const tls = { serverName: "good.test", insecureSkipVerify: false };
    const before = openSockets();
    const recorders = Array.from(
      { length: 20 },
      () => new Recorder({ ip: "127.0.0.1", port: silent.port, tls }),
    );
    await Promise.all(recorders.map((recorder) => recorder.has("connect")));
    await until("accepted", () => silent.accepted === 20);
    for (const recorder of recorders) recorder.connection.close();
    await until("descriptors freed", () => openSockets() <= before + 20);
    silent.stop();
  });
});
