/** HTTPS: a real request over it, and every pair that cannot serve it. */
import { afterAll, expect, test } from "bun:test";
import { TestAuthority } from "../../test/kit/certificates.ts";
import { listen } from "./serve.ts";

const authority = new TestAuthority();
const NAMES = { names: "DNS:localhost,IP:127.0.0.1", ends: "20400101000000Z" };
const server = authority.signed("server", NAMES);
const other = authority.signed("other", NAMES);
const PAIR = { cert: server.certPem, key: server.keyPem };
const BIND = { host: "127.0.0.1", port: 0 };

afterAll(() => authority.remove());

function encrypted(keyPem: string): string {
  const command = ["openssl", "pkey", "-aes128", "-passout", "pass:secret"];
  return Bun.spawnSync(command, { stdin: Buffer.from(keyPem) }).stdout.toString();
}

test("listen() with a pair answers HTTPS, to clients that verify the certificate", async () => {
  const schemes: string[] = [];
  const opened = listen(
    BIND,
    async (request) => {
      schemes.push(new URL(request.url).protocol);
      return new Response(`got ${await request.text()}`);
    },
    { tls: PAIR },
  );
  if (!opened.ok) throw new Error(opened.detail);
  const { listener } = opened;
  const { port } = listener;
  try {
    for (const host of ["127.0.0.1", "localhost"]) {
      const init = { method: "PUT", body: "words", tls: { ca: authority.own.certPem } };
      const response = await fetch(`https://${host}:${port}/x`, init);
      expect(await response.text()).toBe("got words");
    }
    expect(schemes).toEqual(["https:", "https:"]);
    // Nobody who does not know the authority takes the answer, and nobody gets it in plain text.
    const refused = [`https://127.0.0.1:${port}/x`, `http://127.0.0.1:${port}/x`];
    for (const url of refused) {
      const outcome = fetch(url).then(
        () => "answered",
        () => "failed",
      );
      expect(await outcome).toBe("failed");
    }
  } finally {
    await listener.stop();
  }
});

test("listen() takes a chain, and the texts around the blocks that openssl writes", async () => {
  const cert = `subject=CN=server\n${server.certPem}\n${authority.own.certPem}`;
  const opened = listen(BIND, () => new Response(), { tls: { ...PAIR, cert } });
  expect(opened.ok).toBe(true);
  if (opened.ok) await opened.listener.stop();
});

const broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";

test.each([
  ["another's key", { ...PAIR, key: other.keyPem }, "do not belong together"],
  [
    "a chain in the wrong order",
    { ...PAIR, cert: other.certPem + server.certPem },
    "the TLS key belongs to certificate 2; the server's own certificate has to be the first",
  ],
  ["no certificate", { ...PAIR, cert: "" }, "the TLS certificate holds no PEM certificate"],
  ["a key for a certificate", { ...PAIR, cert: server.keyPem }, "holds no PEM certificate"],
  ["a broken certificate", { ...PAIR, cert: broken }, "certificate 1 of 1"],
  ["a broken chain", { ...PAIR, cert: server.certPem + broken }, "certificate 2 of 2"],
  ["no key", { ...PAIR, key: "" }, "the TLS key holds no PEM private key"],
  ["a certificate for a key", { ...PAIR, key: server.certPem }, "holds no PEM private key"],
  [
    "a broken key",
    { ...PAIR, key: "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n" },
    "the TLS key cannot be read",
  ],
  ["an encrypted key", { ...PAIR, key: encrypted(server.keyPem) }, "without a passphrase"],
])("listen() with %s says so and does not listen", (_what, tls, sentence) => {
  const opened = listen(BIND, () => new Response(), { tls });
  expect(opened.ok ? "it listens" : opened.detail).toContain(sentence);
  expect(opened.ok ? "" : opened.detail).toStartWith("cannot listen on 127.0.0.1:0: ");
});
