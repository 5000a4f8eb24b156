/**
 * The rules of single fields that a schema cannot say. Each takes a value whose shape is right already,
 * and returns what is wrong with it, or nothing. None of them repeats what might be a secret.
 */
import { hasNestedRepetition } from "./_nested_repetition.ts";
import { show } from "./_say.ts";
import { PUSH_URL } from "./target.ts";

const NAME = /^[A-Za-z0-9._:-]{1,128}$/;

export function isTargetName(text: string): boolean {
  return NAME.test(text) && text !== "." && text !== "..";
}

export function checkName(name: string | number): string | undefined {
  if (typeof name === "number") {
    if (Number.isSafeInteger(name)) return undefined;
    return "is a number too large to be taken exactly (2^53); put it in quotes";
  }
  if (isTargetName(name)) return undefined;
  return `must be 1 to 128 of A-Z a-z 0-9 . _ : - and not "." or "..", received ${show(name)}`;
}

const USER_INFO = /^(?:[A-Za-z][A-Za-z0-9+.-]*:)?[/\\]*[^/?#\\]*@/;
// Control characters, the space and the backslash, which URL parsers silently drop or turn.
const UNWRITABLE = /[\p{Cc} \\]/u;

/** What stands before an @ may be a password, even in a URL that is not one. */
export function showUrl(url: string): string {
  return url.includes("@") ? "text with an @ in it" : show(url);
}

export function checkUrl(url: string): string | undefined {
  if (url === PUSH_URL) return undefined;
  if (USER_INFO.test(url)) {
    return "must not hold a user or a password; use basicAuth: {user, passwordFile}";
  }
  if (UNWRITABLE.test(url) || !url.isWellFormed()) {
    return `must hold no spaces, control characters or backslashes, received ${showUrl(url)}`;
  }
  if (!/^https?:\/\/[^/?#]/i.test(url)) {
    return `must start with http:// or https:// and a host, or be exactly "push:", received ${showUrl(url)}`;
  }
  if (url.includes("#")) return `must have no fragment (#...), received ${showUrl(url)}`;
  const parsed = URL.parse(url);
  if (parsed === null) {
    return `must have a valid host and a port from 1 to 65535, received ${showUrl(url)}`;
  }
  if (parsed.port === "0") return `must have a port from 1 to 65535, received ${showUrl(url)}`;
  return undefined;
}

const METHOD = /^[A-Z0-9!#$%&'*+.^_`|~-]+$/;

export function checkMethod(method: string): string | undefined {
  if (method === "CONNECT") return "must not be CONNECT: that opens a tunnel, it asks nothing";
  if (METHOD.test(method)) return undefined;
  return `must be an HTTP method in capitals, such as GET, received ${show(method)}`;
}

const HEADER_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/;
const HEADER_VALUE = /^$|^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/;
/** Fields that say how the message itself is sent: they are the prober's. */
const PROBER_HEADERS = new Set([
  "connection",
  "content-length",
  "expect",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
const SECRET_HEADERS = new Set(["authorization", "proxy-authorization"]);

/** One header field; `value` is never repeated. */
export function checkHeader(name: string, value: string): string | undefined {
  if (!HEADER_NAME.test(name)) return "is not a valid name for a header field";
  const folded = name.toLowerCase();
  if (PROBER_HEADERS.has(folded)) return "is set by the prober; remove it";
  if (SECRET_HEADERS.has(folded)) {
    return "would be shown by the API; use bearerTokenFile, or basicAuth: {user, passwordFile}";
  }
  if (HEADER_VALUE.test(value)) return undefined;
  return "must be printable ASCII without line breaks, and without spaces at either end";
}

const LABEL_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/;
const RESERVED_LABELS = new Set(["target", "url", "observer"]);

export function checkLabel(name: string, value: string): string | undefined {
  if (!LABEL_NAME.test(name)) return "is not a valid label name: A-Z a-z 0-9 _ , no digit first";
  if (name.startsWith("__")) return "must not start with __, which Prometheus keeps for itself";
  if (RESERVED_LABELS.has(name)) return "is set by phi itself; choose another name";
  return value.isWellFormed() ? undefined : "must be well-formed Unicode";
}

export function checkStatus(status: number | string): string | undefined {
  if (typeof status === "number") return undefined;
  const range = /^([1-5]\d\d)-([1-5]\d\d)$/.exec(status);
  if (range !== null && range[1]! <= range[2]!) return undefined;
  const advice = /^[1-5]\d\d$/.test(status) ? "; write it without quotes" : "";
  return `must be a status code such as 204 or a range such as 200-299, received ${show(status)}${advice}`;
}

export function checkRegExp(source: string): string | undefined {
  try {
    // Compiled only to see whether it can be.
    if (!new RegExp(source, "u").unicode) return "must be a regular expression";
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return `must be a regular expression (ECMAScript, flag u), received ${show(source)}: ${why}`;
  }
  if (!hasNestedRepetition(source)) return undefined;
  return (
    `must not repeat what itself repeats, as (a+)* does: a body could hold the monitor up; ` +
    `write it with one repetition, received ${show(source)}`
  );
}

/** Paths and names that end up in system calls and in handshakes. */
export function checkPlainText(text: string): string | undefined {
  if (!/\p{Cc}/u.test(text) && text.isWellFormed()) return undefined;
  return `must hold no control characters, received ${show(text)}`;
}

export function checkUser(user: string): string | undefined {
  if (user.includes(":")) return "must not hold a colon (RFC 7617)";
  return checkPlainText(user);
}
