/**
 * The header Idempotency-Key: a write in, the client's name for it and a digest of what it asks for out.
 * The store remembers both, so that a write which is repeated because its answer got lost is applied
 * once, and so that a name used for two different writes is noticed.
 */
import type { Idempotency } from "../store/mod.ts";
import { problem } from "./problem.ts";
import { sha256Hex } from "./sha256_hex.ts";

export type IdempotencyResult =
  /** Undefined where the client names nothing. */
  | { readonly ok: true; readonly idempotency: Idempotency | undefined }
  | { readonly ok: false; readonly response: Response };

const KEY = /^[\x21-\x7e]{1,128}$/u;

/** `body` is what was read of it. A header that came twice has a blank in it, and is refused. */
export async function readIdempotency(
  request: Request,
  body: Uint8Array,
): Promise<IdempotencyResult> {
  const key = request.headers.get("idempotency-key");
  if (key === null) return { ok: true, idempotency: undefined };
  if (!KEY.test(key)) {
    const detail = '"Idempotency-Key" must be 1 to 128 visible ASCII characters, given once.';
    return { ok: false, response: problem("invalid_header", detail) };
  }
  return { ok: true, idempotency: { key, digest: await digest(request, body) } };
}

/** The head is one line of JSON, so that nothing in it can pass for the body. */
async function digest({ method, url, headers }: Request, body: Uint8Array): Promise<string> {
  const conditions = [headers.get("if-match"), headers.get("if-none-match")];
  const head = `${JSON.stringify([method, new URL(url).pathname, ...conditions])}\n`;
  const encodedHead = new TextEncoder().encode(head);
  const all = new Uint8Array(encodedHead.length + body.length);
  all.set(encodedHead);
  all.set(body, encodedHead.length);
  return await sha256Hex(all);
}
