/**
 * Who may write, where a token is asked for: a request in, the refusal or nothing out. Reads are open to all.
 */
import { equalBytes } from "./equal_bytes.ts";
import { isRead } from "./guard.ts";
import { problem } from "./problem.ts";

export type RefuseUnauthorized = (request: Request) => Promise<Response | null>;

/** Any visible characters, which is all that a header can carry for sure. */
const TOKEN = /^[\x21-\x7e]+$/u;
const CREDENTIALS = /^Bearer +(?<token>[\x21-\x7e]+)$/iu;

/**
 * Throws `RangeError` for a token that no request could carry. An empty one is such: a token file that
 * came out empty must not open the door.
 */
export function writeTokenGuard(token: string | undefined): RefuseUnauthorized {
  if (token === undefined) return () => Promise.resolve(null);
  if (!TOKEN.test(token)) {
    throw new RangeError(
      'Cannot create the API: "writeToken" must be one or more visible ASCII characters',
    );
  }
  let expected: Promise<Uint8Array> | undefined;
  return async (request) => {
    if (isRead(request.method)) return null;
    const header = request.headers.get("authorization");
    if (header === null) return unauthorized("Writes need the header Authorization: Bearer TOKEN.");
    const given = CREDENTIALS.exec(header)?.groups?.["token"];
    if (given === undefined) {
      return unauthorized("The header must be Authorization: Bearer TOKEN, with one token.");
    }
    // Not before the first request: isolates compute nothing before that.
    expected ??= digest(token);
    const isEqual = equalBytes(await digest(given), await expected);
    return isEqual ? null : unauthorized("The token is not the one of this monitor.");
  };
}

/**
 * What is compared in the place of tokens, so that none can be found character by character: digests are of
 * one length whatever was hashed, and which bytes of a digest agree says nothing about which characters of the
 * token do.
 */
async function digest(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));
}

function unauthorized(detail: string): Response {
  return problem("unauthorized", detail, { headers: { "www-authenticate": "Bearer" } });
}
