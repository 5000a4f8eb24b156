/**
 * Reads a request's body, but never more of it than is allowed: a declared length over the limit is
 * refused unread, and a body that turns out longer is cut off there. What kind of body it is, is told
 * by its Content-Type alone.
 */
import { problem } from "./problem.ts";

export type BodyFormat = "json" | "yaml";

/**
 * YAML takes the event loop about half a second a megabyte, and ten times that where somebody means
 * harm; the probes of every target wait for as long. A larger config comes as JSON, which is quick.
 */
export const MAX_YAML_BYTES = 64 * 1024;

export type BodyResult =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly response: Response };

/** A body of JSON and nothing else. */
export async function readJsonRequest(request: Request, limitBytes: number): Promise<BodyResult> {
  const type = bodyFormat(request);
  if (!type.ok) return type;
  if (type.format === "json") return await readBody(request, limitBytes);
  return unsupported("The body must be application/json.", "application/json");
}

export async function readBody(request: Request, limitBytes: number): Promise<BodyResult> {
  const declaredBytes = declaredLength(request);
  if (declaredBytes > limitBytes) return tooLarge(limitBytes);
  try {
    // Its length is known: what serves HTTP sees to it that no more comes, and a stream costs far more.
    if (declaredBytes <= MAX_WHOLE_BYTES) return await readWhole(request, limitBytes);
    return await readStream(request, limitBytes);
  } catch {
    // Nobody is left to read this, but the handler needs an end.
    return { ok: false, response: problem("invalid_body", "The body broke off.") };
  }
}

/** More than this is counted as it comes, whatever was said of it. */
const MAX_WHOLE_BYTES = 64 * 1024;

/** NaN, which is neither more nor less than anything, where it is not said or is something odd. */
function declaredLength({ headers }: Request): number {
  const declared = headers.get("content-length");
  return declared === null ? Number.NaN : Number(declared);
}

async function readWhole(request: Request, limitBytes: number): Promise<BodyResult> {
  const bytes = new Uint8Array(await request.arrayBuffer());
  return bytes.length > limitBytes ? tooLarge(limitBytes) : { ok: true, bytes };
}

async function readStream({ body }: Request, limitBytes: number): Promise<BodyResult> {
  if (body === null) return { ok: true, bytes: new Uint8Array(0) };
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let totalBytes = 0;
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    totalBytes += next.value.byteLength;
    if (totalBytes > limitBytes) {
      await reader.cancel();
      return tooLarge(limitBytes);
    }
    chunks.push(next.value);
  }
  return { ok: true, bytes: concatenate(chunks, totalBytes) };
}

function concatenate(chunks: readonly Uint8Array[], totalBytes: number): Uint8Array {
  const [first] = chunks;
  if (chunks.length === 1 && first !== undefined) return first;
  const bytes = new Uint8Array(totalBytes);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return bytes;
}

function tooLarge(limitBytes: number): BodyResult {
  const remedy = limitBytes === MAX_YAML_BYTES ? " as YAML; a larger one comes as JSON" : "";
  const detail = `The body must be at most ${limitBytes} bytes${remedy}.`;
  return { ok: false, response: problem("too_large", detail) };
}

export type FormatResult =
  | { readonly ok: true; readonly format: BodyFormat }
  | { readonly ok: false; readonly response: Response };

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json$/;
const YAML_TYPE = /^(?:application|text)\/(?:[\w.+-]+\+|x-)?yaml$/;

/** A body without a type, or with the one that curl's `-d` gives it, is refused with the remedy. */
export function bodyFormat(request: Request): FormatResult {
  const encoding = request.headers.get("content-encoding");
  if (encoding !== null && encoding.trim().toLowerCase() !== "identity") {
    return unsupported(
      `The body must not be compressed, received "Content-Encoding: ${encoding}".`,
    );
  }
  const header = request.headers.get("content-type");
  const [type = "", ...parameters] = (header ?? "").toLowerCase().split(";");
  const charset = parameters.map((text) => text.trim()).find((text) => text.startsWith("charset="));
  if (charset !== undefined && !/^charset="?utf-?8"?$/.test(charset)) {
    return unsupported(`The body must be UTF-8, received "Content-Type: ${header}".`);
  }
  if (JSON_TYPE.test(type.trim())) return { ok: true, format: "json" };
  if (YAML_TYPE.test(type.trim())) return { ok: true, format: "yaml" };
  const received = header === null ? "received none" : `received "${header}"`;
  return unsupported(
    'Add the header "Content-Type: application/json" (curl: --json, or -H with that header) ' +
      `or, for YAML, "Content-Type: application/yaml"; ${received}.`,
  );
}

function unsupported(detail: string, accept = "application/json, application/yaml") {
  const headers = { accept };
  return { ok: false, response: problem("unsupported_media_type", detail, { headers }) } as const;
}
