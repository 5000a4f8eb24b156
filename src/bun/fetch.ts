/**
 * Requests over HTTP or HTTPS: to a monitor's API, and to receivers of alerts at an address that was judged
 * before. A proxy of the environment is not for what is on this machine. That a certificate is not to be trusted is said in words, under one code, whatever the TLS library
 * calls it: it is what a person has to mend.
 */
import { X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import type { Fetch, FetchAt, FetchTrustingResult } from "../port.ts";
import { pemCertificates } from "./tls_pair.ts";

const NOT_PROXIED = ["localhost", "127.0.0.1", "::1"];

/** Trusts the system's authorities. */
export const bunFetch: Fetch = (request) => ask(request, {});

/** Trusts whoever answers: for what listens on this machine, whose certificate is for the names that others know it by. */
export const bunFetchUnverified: Fetch = (request) =>
  ask(request, { tls: { rejectUnauthorized: false } });

/** Trusts these authorities, PEM certificates, instead of the system's. */
export function bunFetchTrusting(caPem: string): FetchTrustingResult {
  const pems = pemCertificates(caPem);
  if (pems.length === 0) return { ok: false, detail: "it holds no PEM certificate" };
  for (const [place, pem] of pems.entries()) {
    // Left to itself, Bun would say of a broken one that the server cannot be reached.
    if (isReadable(pem)) continue;
    return { ok: false, detail: `certificate ${place + 1} of ${pems.length} cannot be read` };
  }
  return { ok: true, fetch: (request) => ask(request, { tls: { ca: pems.join("\n") } }) };
}

/** Trusts the system's authorities, or `caPem`. */
export const bunFetchAt: FetchAt = (request, ip) => fetchAt(request, ip, {});

/** As `bunFetchAt`, with these authorities for tests. */
export async function fetchAt(
  request: Request,
  ip: string,
  tls: { readonly ca?: string },
): Promise<Response> {
  const url = new URL(request.url);
  const { hostname, host } = url;
  url.hostname = ip.includes(":") ? `[${ip}]` : ip;
  // What is no address, and one with a zone, leaves a URL as it is: with the name.
  if (isIP(withoutBrackets(url.hostname)) === 0) throw new TypeError(`${ip} is not an address`);
  const pinned = new Request(url, request);
  pinned.headers.set("host", host);
  const isNamed = isIP(withoutBrackets(hostname)) === 0;
  const serverName = hostname.replace(/\.$/u, "");
  return await ask(pinned, { tls: { ...tls, ...(isNamed && { serverName }) } });
}

function withoutBrackets(hostname: string): string {
  return hostname.replaceAll(/^\[|\]$/gu, "");
}

async function ask(request: Request, options: BunFetchRequestInit): Promise<Response> {
  excuseThisMachine();
  try {
    return await fetch(request, options);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const why = WHY_UNTRUSTED[code];
    if (why === undefined) throw error;
    throw Object.assign(new Error(why, { cause: error }), { code: "UNTRUSTED_CERTIFICATE" });
  }
}

/** Bun reads the environment at each request, and so does this: but it adds nothing that is there. */
function excuseThisMachine(): void {
  const { env } = process;
  const listed = env["NO_PROXY"] ?? env["no_proxy"] ?? "";
  const names = listed.split(",").map((name) => name.trim());
  const missing = NOT_PROXIED.filter((name) => !names.includes(name));
  if (missing.length > 0) env["NO_PROXY"] = [listed, ...missing].join(",");
}

const UNKNOWN_AUTHORITY = "its certificate is of an authority that is not trusted here";
const ANOTHER_NAME = "its certificate is for another name";

/** Dates are not among them: certificates are renewed, and clocks are set. */
const WHY_UNTRUSTED: Readonly<Record<string, string>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_AUTHORITY,
  CERT_UNTRUSTED: UNKNOWN_AUTHORITY,
  ERR_TLS_CERT_ALTNAME_INVALID: ANOTHER_NAME,
  HOSTNAME_MISMATCH: ANOTHER_NAME,
};

function isReadable(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}
