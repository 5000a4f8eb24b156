/**
 * Whether a certificate and a key can serve TLS: PEM texts in, a sentence about what is wrong out. Asked
 * before the listener is opened, because what the TLS library says of them helps nobody.
 */
import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";

/** PEM texts, not paths. */
export interface TlsPair {
  /** The server's certificate first, then those that lead from it to its authority. */
  readonly cert: string;
  /** Of the first certificate, without a passphrase. */
  readonly key: string;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----/gu;

/** Each by itself, in their order. */
export function pemCertificates(text: string): readonly string[] {
  return text.match(CERTIFICATE) ?? [];
}

/** Undefined if the two belong together. Dates are not looked at: clients judge them, and renew. */
export function faultOfTlsPair({ cert, key }: TlsPair): string | undefined {
  const pems = pemCertificates(cert);
  if (pems.length === 0) return "the TLS certificate holds no PEM certificate";
  const certificates: X509Certificate[] = [];
  for (const [index, pem] of pems.entries()) {
    const certificate = attempt(() => new X509Certificate(pem));
    if (certificate === undefined) {
      return `certificate ${index + 1} of ${pems.length} in the TLS certificate cannot be read`;
    }
    certificates.push(certificate);
  }
  const privateKey = attempt(() => createPrivateKey(key));
  if (privateKey === undefined) return faultOfKey(key);
  return certificates[0]!.checkPrivateKey(privateKey)
    ? undefined
    : notOfThisKey(certificates, privateKey);
}

function faultOfKey(key: string): string {
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/mu.test(key)) {
    return "the TLS key is encrypted; give it without a passphrase (openssl pkey -in KEY -out PLAIN)";
  }
  return key.includes("PRIVATE KEY-----")
    ? "the TLS key cannot be read"
    : "the TLS key holds no PEM private key";
}

function notOfThisKey(certificates: readonly X509Certificate[], key: KeyObject): string {
  const place = certificates.findIndex((certificate) => certificate.checkPrivateKey(key));
  return place > 0
    ? `the TLS key belongs to certificate ${place + 1}; the server's own certificate has to be the first`
    : "the TLS key and the TLS certificate do not belong together";
}

/** Undefined where the library throws. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
