/**
 * The bytes of a probe's question. In come a target's URL, method and headers; out go the place to
 * connect to and the request's head, built once and sent at every probe. A request is a "byte
 * string": a string whose characters are the bytes, because a socket takes such a string without
 * encoding it again, and it is smaller than a `Uint8Array`. Nothing here can be made to smuggle a
 * second request: header names are tokens, and values hold no control characters.
 */

/** RFC 9110 §5.6.2: what methods and header names are made of. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** RFC 9110 §5.5: what a header value may not hold. HT is allowed. */
// oxlint-disable-next-line no-control-regex
const CONTROL_CHARACTER = /[\u0000-\u0008\u000a-\u001f\u007f]/;
/** They frame the message, and framing is the prober's. */
const FRAMING_HEADERS = ["connection", "content-length", "transfer-encoding", "upgrade"];
const METHODS_WITH_CONTENT = ["POST", "PUT", "PATCH"];

/** Where a URL leads. */
export interface HttpEndpoint {
  readonly isTls: boolean;
  /** A name, or an address without brackets. */
  readonly hostName: string;
  readonly port: number;
}

export interface HttpRequestParts {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether the server is asked to keep the connection. */
  readonly keepsAlive: boolean;
}

/** Throws a `TypeError` unless the URL is http or https and carries no user or password. */
export function parseEndpoint(url: string): HttpEndpoint {
  const { protocol, hostname, port, username, password } = parseUrl(url);
  if (protocol !== "http:" && protocol !== "https:") {
    throw new TypeError(
      `Cannot create HttpProber: "url" must be http or https, received ${protocol}`,
    );
  }
  if (username !== "" || password !== "") {
    throw new TypeError('Cannot create HttpProber: "url" must not carry a user or a password');
  }
  const isTls = protocol === "https:";
  const defaultPort = isTls ? 443 : 80;
  return {
    isTls,
    hostName: withoutBrackets(hostname),
    port: port === "" ? defaultPort : Number(port),
  };
}

/** An IPv6 address as it stands in a URL, without the brackets; anything else as it is. */
export function withoutBrackets(hostName: string): string {
  return hostName.startsWith("[") ? hostName.slice(1, -1) : hostName;
}

/** Whether no look-up is needed. `URL` has written every IPv4 form as four decimal numbers. */
export function isAddressLiteral(hostName: string): boolean {
  return hostName.includes(":") || /^[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+$/.test(hostName);
}

/**
 * The request as a byte string, up to and without the empty line that ends it, so that an
 * authorization header can follow. Throws a `TypeError` on a method or header that cannot be sent.
 */
export function encodeRequestHead(parts: HttpRequestParts): string {
  const url = parseUrl(parts.url);
  if (!TOKEN.test(parts.method)) {
    throw new TypeError(
      `Cannot create HttpProber: "method" must be a token, received ${JSON.stringify(parts.method)}`,
    );
  }
  const fields = new Map([
    ["host", url.host],
    ["user-agent", "phi"],
    ["accept", "*/*"],
    ["accept-encoding", "identity"],
  ]);
  for (const [name, value] of Object.entries(parts.headers)) {
    const problem = describeHeaderProblem(name, value);
    if (problem !== undefined) throw new TypeError(`Cannot create HttpProber: ${problem}`);
    fields.set(name.toLowerCase(), value);
  }
  if (!parts.keepsAlive) fields.set("connection", "close");
  if (METHODS_WITH_CONTENT.includes(parts.method)) fields.set("content-length", "0");
  const lines = [`${parts.method} ${url.pathname}${url.search} HTTP/1.1`];
  for (const [name, value] of fields) lines.push(`${name}: ${value.trim()}`);
  return toByteString(`${lines.join("\r\n")}\r\n`);
}

/** Why a header cannot be sent, or undefined. The value is never repeated: it may be a secret. */
export function describeHeaderProblem(name: string, value: string): string | undefined {
  if (!TOKEN.test(name)) return `header name ${JSON.stringify(name)} must be a token`;
  if (FRAMING_HEADERS.includes(name.toLowerCase())) return `header "${name}" is the prober's own`;
  if (CONTROL_CHARACTER.test(value)) return `header "${name}" must hold no control characters`;
  return undefined;
}

/** Takes the newline off that editors leave at the end of a secret's file. */
export function trimSecret(text: string): string {
  return text.replace(/[\r\n]+$/, "");
}

/** An authorization header line; undefined if the secret is empty or cannot stand in a header. */
export function encodeBearer(secret: string): string | undefined {
  if (secret === "" || CONTROL_CHARACTER.test(secret)) return undefined;
  return toByteString(`authorization: Bearer ${secret}\r\n`);
}

/** As `encodeBearer`, for RFC 7617. An empty password is one. */
export function encodeBasic(user: string, password: string): string | undefined {
  if (CONTROL_CHARACTER.test(user) || CONTROL_CHARACTER.test(password)) return undefined;
  return `authorization: Basic ${btoa(toByteString(`${user}:${password}`))}\r\n`;
}

function parseUrl(url: string): URL {
  const parsed = URL.parse(url);
  if (parsed === null) {
    throw new TypeError(
      `Cannot create HttpProber: "url" must be a URL, received ${JSON.stringify(url)}`,
    );
  }
  return parsed;
}

/** UTF-8, one character for each byte. */
function toByteString(text: string): string {
  if (/^[\t\r\n -~]*$/.test(text)) return text;
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join("");
}
