/**
 * How a webhook's receiver knows that phi sent it: HMAC-SHA-256 over its id, its time and its body, as the
 * Standard Webhooks specification (1.0.0) has it, for which there are libraries in most languages.
 */

/** As the specification asks. Shorter ones are guessed. */
export const MIN_WEBHOOK_SECRET_BYTES = 24;

export type SecretResult =
  | { readonly ok: true; readonly secret: Uint8Array }
  | { readonly ok: false; readonly detail: string };

const ENCODED = /^whsec_(?<base64>[A-Za-z0-9+/]+={0,2})$/u;

/** A secret's file in, the key out: one line, which after `whsec_` is base64, and else taken as it is. */
export function readWebhookSecret(text: string): SecretResult {
  const line = text.trim();
  const base64 = ENCODED.exec(line)?.groups?.["base64"];
  const secret = base64 === undefined ? new TextEncoder().encode(line) : fromBase64(base64);
  if (secret === undefined) return { ok: false, detail: "what follows whsec_ is not base64" };
  if (secret.length >= MIN_WEBHOOK_SECRET_BYTES) return { ok: true, secret };
  const detail =
    `a secret has at least ${MIN_WEBHOOK_SECRET_BYTES} bytes, this one has ${secret.length}; ` +
    "make one for instance by `openssl rand -base64 32`";
  return { ok: false, detail };
}

export interface Signed {
  readonly id: string;
  /** Whole seconds of Unix time. */
  readonly timestampSeconds: number;
  readonly body: string;
}

/** HMAC-SHA-256 (RFC 2104) over the parts, one after the other: 32 bytes. */
export type HmacSha256 = (key: Uint8Array, parts: readonly Uint8Array[]) => Uint8Array;

/** The headers that go with the body. */
export function signatureHeaders(
  { id, timestampSeconds, body }: Signed,
  secret: Uint8Array,
  hmacSha256: HmacSha256,
): Readonly<Record<string, string>> {
  const content = new TextEncoder().encode(`${id}.${timestampSeconds}.${body}`);
  const mac = hmacSha256(secret, [content]);
  return {
    "webhook-id": id,
    "webhook-timestamp": String(timestampSeconds),
    "webhook-signature": `v1,${btoa(String.fromCharCode(...mac))}`,
  };
}

function fromBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}
