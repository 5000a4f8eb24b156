import { describe, expect, test } from "bun:test";
import type { MonitorArguments } from "../monitor_flags.ts";
import { readCredentials } from "./credentials.ts";

const FLAGS = {
  httpBind: { host: "127.0.0.1", port: 8_000 },
  raftBind: { host: "127.0.0.1", port: 7_000 },
  datadir: "data",
} as unknown as MonitorArguments;

/** What is read where files hold what `files` says. */
async function read(flags: Partial<MonitorArguments>, files: Readonly<Record<string, string>>) {
  return await readCredentials({ ...FLAGS, ...flags }, async (path) => {
    const text = files[path];
    if (text === undefined) throw new Error(`ENOENT: no such file, open '${path}'`);
    return text;
  });
}

describe("readCredentials()", () => {
  test("without flags there are none", async () => {
    expect(await read({}, {})).toEqual({
      ok: true,
      credentials: {
        auth: { mode: "none" },
        peerTls: undefined,
        apiToken: undefined,
        apiTls: undefined,
      },
    });
  });

  test("a secret and a token are what stands on the line, whatever ends it", async () => {
    const secret = "0123456789abcdef";
    const flags = { clusterSecretFile: "s", apiTokenFile: "t" };
    for (const end of ["", "\n", "\r\n", " \n\n"]) {
      const result = await read(flags, { s: secret + end, t: `${secret}-token${end}` });
      expect(result).toMatchObject({ ok: true, credentials: { apiToken: `${secret}-token` } });
      if (!result.ok || result.credentials.auth.mode !== "secret") throw new Error("no secret");
      expect(new TextDecoder().decode(result.credentials.auth.secret)).toBe(secret);
    }
  });

  test.each(["", "\n", "short", "15 bytes: 12345", "ü".repeat(7)])(
    "the secret %j is too short, and what is said does not tell it",
    async (text) => {
      const result = await read({ clusterSecretFile: "s" }, { s: text });
      const detail = expect.stringMatching(
        /^--cluster-secret-file s: a secret has at least 16 bytes/u,
      );
      expect(result).toEqual({ ok: false, detail });
      if (text.trim() !== "" && !result.ok) expect(result.detail).not.toContain(text);
    },
  );

  test.each([
    "",
    "short",
    "0123456789 abcdef",
    "0123456789abcdef\n0123456789abcdef",
    "ü".repeat(16),
  ])("%j is no token", async (text) => {
    const detail = expect.stringMatching(/^--api-token-file t: a token is one line/u);
    expect(await read({ apiTokenFile: "t" }, { t: text })).toEqual({ ok: false, detail });
  });

  test("mutual TLS comes before a secret, and each file that is not there is named with its flag", async () => {
    const files = { c: "cert", k: "key", a: "authority" };
    const flags = { peerCert: "c", peerKey: "k", peerCa: "a" };
    expect(await read(flags, files)).toMatchObject({
      ok: true,
      credentials: {
        auth: { mode: "tls" },
        peerTls: { certPem: "cert", keyPem: "key", caPem: "authority" },
      },
    });
    for (const [flag, path] of [
      ["--peer-cert", "c"],
      ["--peer-key", "k"],
      ["--peer-ca", "a"],
    ] as const) {
      const { [path]: _, ...others } = files;
      const detail = `${flag} ${path}: ENOENT: no such file, open '${path}'`;
      expect(await read(flags, others)).toEqual({ ok: false, detail });
    }
    const tls = await read({ tlsCert: "c", tlsKey: "x" }, files);
    expect(tls).toMatchObject({ ok: false, detail: expect.stringContaining("--tls-key x: ") });
  });
});
