/**
 * Bytes for the API's port that are hardly requests: mutated, random, cut, too long, with lengths that do not
 * agree, one after the other. None carries the token but those that try to smuggle a write past the
 * framing, whose write would be seen by the name of its target. Byte strings, in the pieces to send.
 */
import type { Random } from "../../world/random.ts";
import { cut, mutate, randomBytes } from "../mutation.ts";

export interface RawRequest {
  readonly pieces: readonly string[];
  readonly label: string;
  /** Whoever sends it goes away at once, and reads nothing. */
  readonly isAbandoned: boolean;
}

/** No target has such a name but by a write that nobody asked for. */
export const CANARY = "smuggled";

const READS = [
  "/healthz",
  "/config",
  "/targets",
  "/metrics",
  "/badge/a.svg",
  "/openapi",
  "/cluster",
];

const EVENTS = "GET /events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

export const RAW_KINDS = [
  "raw abandoned",
  "raw mutated",
  "raw random",
  "raw cut off",
  "raw in pieces",
  "raw pipelined",
  "raw oversized",
  "raw smuggling",
] as const;

export function makeRawRequest(random: Random, valid: string, token: string): RawRequest {
  const withoutToken = valid.replace(/^Authorization: .*\r\n/imu, "");
  switch (random.below(11)) {
    case 0:
      return raw("abandoned", [random.chance(0.5) ? withoutToken : EVENTS]);
    case 1:
    case 2:
      return raw("mutated", cut(random, mutate(random, withoutToken), 5));
    case 3:
      return raw("random", cut(random, randomBytes(random, random.between(1, 600)), 4));
    case 4:
      return raw("cut off", [withoutToken.slice(0, random.below(withoutToken.length))]);
    case 5:
      return raw("in pieces", cut(random, withoutToken.slice(0, 400), 200));
    case 6:
      return raw("pipelined", [pipelined(random)]);
    case 7:
    case 8:
      return raw("oversized", [oversized(random)]);
    default: {
      const smuggling = random.pick(SMUGGLING)(innerWrite(token), `Authorization: Bearer ${token}`);
      return raw("smuggling", random.chance(0.5) ? [smuggling] : cut(random, smuggling, 4));
    }
  }
}

function raw(label: string, pieces: readonly string[]): RawRequest {
  return { pieces, label: `raw ${label}`, isAbandoned: label === "abandoned" };
}

function pipelined(random: Random): string {
  let text = "";
  for (let left = random.between(2, 30); left > 0; left--) {
    text += `GET ${random.pick(READS)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`;
  }
  return text;
}

function oversized(random: Random): string {
  const size = random.pick([8_000, 16_384, 20_000, 120_000]);
  switch (random.below(8)) {
    case 0:
      return `GET /${"a".repeat(size)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`;
    case 1:
      return `GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${"a".repeat(size)}\r\n\r\n`;
    case 2:
      return `GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n${"X: y\r\n".repeat(size / 8)}\r\n`;
    case 3:
      return `GET /config?${"name=a&".repeat(size / 8)} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`;
    case 4:
      return `${"A".repeat(size)} / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`;
    case 5:
      return promised(random.pick([8_388_609, 16_777_217, 2 ** 31, 2 ** 53]), size);
    case 6:
      // Now and then the whole of it, over what any body may be.
      return random.chance(0.05) ? promised(LARGE_BYTES, LARGE_BYTES) : promised(LARGE_BYTES, 10);
    default:
      return `POST /heartbeat/a HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: ${size}\r\n\r\n${"x".repeat(size)}`;
  }
}

const LARGE_BYTES = 9_000_000;

/** A config of so many bytes, of which so many come. */
function promised(byteCount: number, sentCount: number): string {
  const head = "POST /config HTTP/1.1\r\nHost: 127.0.0.1\r\nIf-Match: *";
  const type = `Content-Type: application/json\r\nContent-Length: ${byteCount}`;
  return `${head}\r\n${type}\r\n\r\n${"[".repeat(sentCount)}`;
}

function innerWrite(token: string): string {
  const body = `{"name":"${CANARY}","url":"push:"}`;
  return (
    `PUT /config HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer ${token}\r\n` +
    `Content-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`
  );
}

type Smuggle = (inner: string, authorization: string) => string;

const outer =
  (framing: (inner: string) => string, body: (inner: string) => string): Smuggle =>
  (inner, authorization) =>
    `POST /heartbeat/a HTTP/1.1\r\nHost: 127.0.0.1\r\n${authorization}\r\n${framing(inner)}\r\n\r\n${body(inner)}`;

const whole = (inner: string) => inner;
const behindLastChunk = (inner: string) => `0\r\n\r\n${inner}`;
const lengthOf = (inner: string) => `Content-Length: ${inner.length}`;

/** Each is a body to one reader and a second request to another; RFC 9112 has all of them refused. */
const SMUGGLING: readonly Smuggle[] = [
  outer(
    (inner) => `Content-Length: ${inner.length + 5}\r\nTransfer-Encoding: chunked`,
    behindLastChunk,
  ),
  outer(
    (inner) => `Transfer-Encoding: chunked\r\nContent-Length: ${inner.length + 5}`,
    behindLastChunk,
  ),
  outer((inner) => `${lengthOf(inner)}\r\nTransfer-Encoding: xchunked`, whole),
  outer((inner) => `${lengthOf(inner)}\r\nTransfer-Encoding: identity`, whole),
  outer((inner) => `${lengthOf(inner)}\r\nTransfer-Encoding:\u000bchunked`, behindLastChunk),
  outer((inner) => `${lengthOf(inner)}\r\nTransfer-Encoding:\r\n chunked`, behindLastChunk),
  outer((inner) => `${lengthOf(inner)}\r\nTransfer-Encoding : chunked`, behindLastChunk),
  outer((inner) => `X: a\nTransfer-Encoding: chunked\r\n${lengthOf(inner)}`, behindLastChunk),
  outer((inner) => `X: a\rTransfer-Encoding: chunked\r\n${lengthOf(inner)}`, behindLastChunk),
  outer(() => "Transfer-Encoding: chunked, identity", behindLastChunk),
  outer(() => "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity", behindLastChunk),
  outer(() => "Transfer-Encoding: gzip, chunked", behindLastChunk),
  outer((inner) => `Content-Length: 0\r\n${lengthOf(inner)}`, whole),
  outer((inner) => `${lengthOf(inner)}\r\nContent-Length: 0`, whole),
  outer((inner) => `Content-Length: +${inner.length}`, whole),
  outer((inner) => `Content-Length: ${inner.length}, 0`, whole),
  outer((inner) => `Content-Length: 0x${inner.length.toString(16)}`, whole),
  outer(() => "Content-Length:", whole),
  outer(() => "Content-Length: -1", whole),
  outer(() => "Content-Length: 18446744073709551616", whole),
  outer((inner) => `Content-Length : ${inner.length}`, whole),
  outer(
    () => "Transfer-Encoding: chunked",
    (inner) => `10000000000000000\r\n\r\n${inner}`,
  ),
  outer(
    () => "Transfer-Encoding: chunked",
    (inner) => `-1\r\n\r\n${inner}`,
  ),
  outer(
    () => "Transfer-Encoding: chunked",
    (inner) => `0\n\n${inner}`,
  ),
  outer(
    () => "Transfer-Encoding: chunked",
    (inner) => `2\r\nokay\r\n0\r\n\r\n${inner}`,
  ),
  outer(
    () => "Transfer-Encoding: chunked",
    (inner) => `1;a=\n0\r\n\r\n${inner}`,
  ),
  outer((inner) => `Connection: close\r\n${lengthOf(inner)}\r\nContent-Length: 1`, whole),
];
