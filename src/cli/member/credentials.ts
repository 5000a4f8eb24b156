/** What a monitor proves to its peers and asks of writers, read from the files that the flags name. */
import type { PeerTls } from "../../bun/mod.ts";
import { MIN_SECRET_BYTES, type PeerAuth } from "../../peer/mod.ts";
import type { ReadTextFile } from "../../port.ts";
import type { MonitorArguments } from "../monitor_flags.ts";

export interface Credentials {
  readonly auth: PeerAuth;
  /** With `auth.mode` tls: what the sockets are made with. */
  readonly peerTls: PeerTls | undefined;
  /** The bearer token of writes. */
  readonly apiToken: string | undefined;
  readonly apiTls: { readonly cert: string; readonly key: string } | undefined;
}

export type CredentialsResult =
  | { readonly ok: true; readonly credentials: Credentials }
  | { readonly ok: false; readonly detail: string };

/** Shorter tokens are guessed. */
const MIN_TOKEN_CHARACTERS = 16;

export async function readCredentials(
  flags: MonitorArguments,
  readTextFile: ReadTextFile,
): Promise<CredentialsResult> {
  const read = async (flag: string, path: string) => {
    try {
      return await readTextFile(path);
    } catch (error) {
      throw new Unreadable(
        `${flag} ${path}: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  };
  try {
    return { ok: true, credentials: await readAll(flags, read) };
  } catch (error) {
    if (error instanceof Unreadable) return { ok: false, detail: error.message };
    throw error;
  }
}

class Unreadable extends Error {}

type Read = (flag: string, path: string) => Promise<string>;

async function readAll(flags: MonitorArguments, read: Read): Promise<Credentials> {
  const { tlsCert, tlsKey } = flags;
  const peerTls = await readPeerTls(flags, read);
  return {
    auth: peerTls === undefined ? await readSecret(flags, read) : { mode: "tls" },
    peerTls,
    apiToken: await readToken(flags, read),
    apiTls:
      tlsCert === undefined || tlsKey === undefined
        ? undefined
        : { cert: await read("--tls-cert", tlsCert), key: await read("--tls-key", tlsKey) },
  };
}

async function readPeerTls(
  { peerCert, peerKey, peerCa }: MonitorArguments,
  read: Read,
): Promise<PeerTls | undefined> {
  if (peerCert === undefined || peerKey === undefined || peerCa === undefined) return undefined;
  return {
    certPem: await read("--peer-cert", peerCert),
    keyPem: await read("--peer-key", peerKey),
    caPem: await read("--peer-ca", peerCa),
  };
}

async function readSecret(
  { clusterSecretFile: path }: MonitorArguments,
  read: Read,
): Promise<PeerAuth> {
  if (path === undefined) return { mode: "none" };
  // A line's end at the end of the file is the editor's, not the secret's.
  const secret = new TextEncoder().encode((await read("--cluster-secret-file", path)).trim());
  if (secret.length < MIN_SECRET_BYTES) {
    const how = "for instance by `openssl rand -hex 32`";
    throw new Unreadable(
      `--cluster-secret-file ${path}: a secret has at least ${MIN_SECRET_BYTES} bytes, this one has ` +
        `${secret.length}; make one ${how}`,
    );
  }
  return { mode: "secret", secret };
}

async function readToken(
  { apiTokenFile: path }: MonitorArguments,
  read: Read,
): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const token = (await read("--api-token-file", path)).trim();
  if (token.length >= MIN_TOKEN_CHARACTERS && /^[\x21-\x7e]+$/u.test(token)) return token;
  throw new Unreadable(
    `--api-token-file ${path}: a token is one line of at least ${MIN_TOKEN_CHARACTERS} visible ` +
      "ASCII characters",
  );
}
