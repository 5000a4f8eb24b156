/**
 * Requests over HTTP or HTTPS: to a monitor's API, and to receivers of alerts at an address that was judged
 * before. They go by the proxy that the environment names, but not to what is on this machine. That a certificate
 * is not to be trusted is said in words, under one code, whatever the TLS library calls it: it is what a person has
 * to mend.
 */
import { X509Certificate } from "node:crypto";
import { BlockList, isIP } from "node:net";
import type { Fetch, FetchAt, FetchTrustingResult } from "../port.ts";
import { pemCertificates } from "./tls_pair.ts";

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet("127.0.0.0", 8, "ipv4");
LOOPBACK.addAddress("::1", "ipv6");

/** Trusts the system's authorities. */
export const bunFetch: Fetch = (request) => ask(request, {});

/**
 * Trusts whoever answers, and asks no proxy: for what listens on this machine, at whatever address, whose certificate
 * is for the names that others know it by.
 */
export const bunFetchUnverified: Fetch = (request) =>
  ask(request, { tls: { rejectUnauthorized: false }, proxy: false });

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

/** As `bunFetchAt`, and connects to that address itself: a proxy would be another that is contacted. */
export const bunFetchAtUnproxied: FetchAt = (request, ip) =>
  fetchAt(request, ip, {}, { proxy: false });

/** As `bunFetchAt`, with these authorities for tests. */
export async function fetchAt(
  request: Request,
  ip: string,
  tls: { readonly ca?: string },
  options: Pick<BunFetchRequestInit, "proxy"> = {},
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
  return await ask(pinned, { ...options, tls: { ...tls, ...(isNamed && { serverName }) } });
}

function withoutBrackets(hostname: string): string {
  return hostname.replaceAll(/^\[|\]$/gu, "");
}

async function ask(request: Request, options: BunFetchRequestInit): Promise<Response> {
  const direct = isThisMachine(new URL(request.url).hostname) && { proxy: false as const };
  try {
    return await fetch(request, { ...options, ...direct });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    const why = WHY_UNTRUSTED[code];
    if (why === undefined) throw error;
    throw Object.assign(new Error(why, { cause: error }), { code: "UNTRUSTED_CERTIFICATE" });
  }
}

/** Whether it is of the loopback, by its name or its address. */
function isThisMachine(hostname: string): boolean {
  const host = withoutBrackets(hostname);
  const family = isIP(host);
  if (family === 0) return /(?:^|\.)localhost\.?$/u.test(host);
  return LOOPBACK.check(host, family === 4 ? "ipv4" : "ipv6");
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
