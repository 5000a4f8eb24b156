/**
 * Answers of HTTP/1.1, from lawful to spiteful: mostly what servers send, put together from parts that are
 * each a little odd now and then, and often spoilt afterwards. Byte strings.
 */
import type { Random } from "../../world/random.ts";
import { mutate, randomBytes } from "../mutation.ts";

export interface GeneratedAnswer {
  readonly text: string;
  /** The server closes the connection behind it. */
  readonly hasEnded: boolean;
}

const STATUSES = [200, 200, 200, 201, 204, 206, 301, 302, 304, 404, 500, 503, 101, 99, 0, 600, 999];
const REASONS = [" OK", "", " ", " \u00ff\u0000", ` ${"x".repeat(300)}`];
const VERSIONS = [
  "HTTP/1.1",
  "HTTP/1.1",
  "HTTP/1.1",
  "HTTP/1.0",
  "HTTP/1.9",
  "HTTP/2.0",
  "http/1.1",
];
const FIELDS = [
  "Server: nginx",
  "Date: Mon, 23 Nov 2026 13:00:00 GMT",
  "Content-Encoding: gzip",
  "Set-Cookie: a=b; Path=/",
  "X-Empty:",
  "X-High: \u00e4\u00ff",
  "Connection: close",
  "Connection: keep-alive",
  "connection: upgrade, CLOSE",
  "Upgrade: h2c",
  "Location: http://169.254.169.254/",
  " folded: y",
  "\tfolded",
  "No-Colon",
  ": nameless",
  "Blank : before",
  "Null\u0000: y",
  "__proto__: y",
  "Transfer-Encoding: gzip",
  "Transfer-Encoding: chunked, chunked",
  "Transfer-Encoding:\tchunked\t",
  "Content-Length: 3, 3",
  "Content-Length: 007",
  "Content-Length: 18446744073709551616",
  "Content-Length: -1",
  "Content-Length: 0x3",
  "Trailer: expires",
];

/** One of them, from the generator alone. */
export function generateAnswer(random: Random): GeneratedAnswer {
  const hasEnded = random.chance(0.5);
  const choice = random.below(20);
  if (choice === 0) return { text: randomBytes(random, random.below(400)), hasEnded };
  if (choice === 1) return { text: flood(random), hasEnded };
  const text = answer(random);
  return { text: choice < 10 ? mutate(random, text) : text, hasEnded };
}

function answer(random: Random): string {
  const newline = random.chance(0.9) ? "\r\n" : "\n";
  const start = interims(random, newline);
  const body = bodyOf(random);
  const isOrdinary = random.chance(0.6);
  const status = isOrdinary ? 200 : random.pick(STATUSES);
  const version = isOrdinary ? "HTTP/1.1" : random.pick(VERSIONS);
  const lines = [
    `${version} ${statusText(status)}${random.chance(0.9) ? " OK" : random.pick(REASONS)}`,
  ];
  for (let left = random.below(4); left > 0; left--) {
    lines.push(isOrdinary ? FIELDS[random.below(8)]! : random.pick(FIELDS));
  }
  const framing = random.below(3);
  if (framing === 0) lines.push(`Content-Length: ${body.length + offBy(random)}`);
  if (framing === 1) lines.push("Transfer-Encoding: chunked");
  const head = `${start}${lines.join(newline)}${newline}${newline}`;
  const rest = random.chance(0.1)
    ? random.pick(["x", "\r\n", "HTTP/1.1 200 OK\r\n\r\n", "\0"])
    : "";
  return `${head}${framing === 1 ? chunked(random, body, newline) : body}${rest}`;
}

/** Their headers, like those of an answer, mean nothing for what follows. */
function interims(random: Random, newline: string): string {
  if (!random.chance(0.15)) return "";
  const fields = random.chance(0.5) ? "" : `${random.pick(FIELDS)}${newline}`;
  const one = `HTTP/1.1 ${random.pick([100, 102, 103])} x${newline}${fields}${newline}`;
  return one.repeat(random.below(11));
}

/** Of three digits, or of two where it is below. */
function statusText(status: number): string {
  return String(status).padStart(2, "0");
}

function offBy(random: Random): number {
  return random.chance(0.85) ? 0 : random.between(-1, 2);
}

function bodyOf(random: Random): string {
  const alphabet = random.chance(0.8) ? "ok a{}" : "\u0000\u00c3\u00a9\r\n\u00ff";
  let body = "";
  const length = random.chance(0.9) ? random.below(40) : random.below(300);
  while (body.length < length) body += alphabet[random.below(alphabet.length)];
  return body;
}

function chunked(random: Random, body: string, newline: string): string {
  let text = "";
  for (let at = 0; at < body.length;) {
    const end = Math.min(body.length, at + random.between(1, 20));
    const size = (end - at + (random.chance(0.97) ? 0 : 1)).toString(16);
    const extension = random.chance(0.8) ? "" : random.pick([";a=b", " ", " ;x", " x", ";\u0000"]);
    text += `${size}${extension}${newline}${body.slice(at, end)}${newline}`;
    at = end;
  }
  const trailers = random.chance(0.8) ? "" : `${random.pick(FIELDS)}${newline}`;
  return `${text}${random.pick(["0", "0", "0", "000", "-0", ""])}${newline}${trailers}${newline}`;
}

/** What goes on for longer than anybody should listen. */
function flood(random: Random): string {
  const start = "HTTP/1.1 200 OK\r\n";
  const chunkedStart = `${start}Transfer-Encoding: chunked\r\n\r\n`;
  switch (random.below(7)) {
    case 0:
      return `${start}a: ${"x".repeat(random.between(16_300, 16_500))}\r\n\r\n`;
    case 1:
      return `${start}${"a: b\r\n".repeat(random.between(98, 103))}\r\n`;
    case 2:
      return `HTTP/1.1 100 x\r\n\r\n`.repeat(random.between(7, 2_000));
    case 3:
      return `${chunkedStart}${"1\r\nx\r\n".repeat(random.between(1, 400))}0\r\n\r\n`;
    case 4:
      return `${chunkedStart}1;${"x".repeat(random.between(1_000, 1_040))}\r\nx\r\n0\r\n\r\n`;
    case 5:
      return `${chunkedStart}0\r\n${"a: b\r\n".repeat(random.between(90, 110))}\r\n`;
    default:
      return `${start}\r\n${"x".repeat(random.between(1, 2_000))}`;
  }
}
