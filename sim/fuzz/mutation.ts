/**
 * Spoils bytes. They are byte strings here (each character is one byte, U+0000 to U+00FF), because texts of
 * protocols are easier to cut and join than arrays are. All chance comes from the caller's generator.
 */
import type { Random } from "../world/random.ts";

/** Where parsers have been wrong before. */
const TOKENS = [
  "\r\n",
  "\r",
  "\n",
  "\0",
  " ",
  "\t",
  ":",
  ",",
  ";",
  "0",
  "-1",
  "+1",
  "0x10",
  "1e3",
  "4294967296",
  "18446744073709551616",
  "99999999999999999999999999",
  "\u00ff\u00ff\u00ff\u00ff",
  "\u00c0\u0080",
  "\u00ed\u00a0\u0080",
  "\u00f4\u0090\u0080\u0080",
  "\u00ef\u00bb\u00bf",
  "%00",
  "%2e%2e%2f",
  "../",
  "__proto__",
  "constructor",
  "Transfer-Encoding: chunked\r\n",
  "Content-Length: 0\r\n",
  "\r\n\r\n",
  "0\r\n\r\n",
] as const;

/** At most this much is copied within a text. */
const MAX_RANGE = 64;

/** One to `most` changes at random places. */
export function mutate(random: Random, text: string, most = 4): string {
  let mutated = text;
  for (let left = random.between(1, most); left > 0; left--) mutated = mutateOnce(random, mutated);
  return mutated;
}

function mutateOnce(random: Random, text: string): string {
  const at = random.below(text.length + 1);
  const end = Math.min(text.length, at + random.between(1, MAX_RANGE));
  switch (random.below(8)) {
    case 0:
      return replaced(
        text,
        at,
        at + 1,
        byteOf((text.charCodeAt(at) || 0) ^ (1 << random.below(8))),
      );
    case 1:
      return replaced(text, at, at + 1, byteOf(random.below(256)));
    case 2:
      return replaced(text, at, end, "");
    case 3:
      return replaced(text, at, at, text.slice(at, end));
    case 4:
      return replaced(text, at, at, random.pick(TOKENS));
    case 5:
      return replaced(text, at, at + 1, random.pick(TOKENS));
    case 6:
      return text.slice(0, at);
    default:
      return replaced(text, random.below(text.length + 1), at, text.slice(at, end));
  }
}

function replaced(text: string, start: number, end: number, by: string): string {
  return text.slice(0, start) + by + text.slice(Math.max(start, end));
}

function byteOf(code: number): string {
  return String.fromCharCode(code & 0xff);
}

export function randomBytes(random: Random, count: number): string {
  let text = "";
  for (let left = count; left > 0; left--) text += byteOf(random.below(256));
  return text;
}

/** The text in one to `most` pieces, none of them empty but that of an empty text. */
export function cut(random: Random, text: string, most: number): string[] {
  const cuts = Array.from({ length: random.below(most) }, () => random.below(text.length + 1));
  const edges = [...new Set([0, ...cuts, text.length])].toSorted((left, right) => left - right);
  if (edges.length < 2) return [text];
  return edges.slice(1).map((end, place) => text.slice(edges[place], end));
}

export function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  for (let place = 0; place < text.length; place++) bytes[place] = text.charCodeAt(place);
  return bytes;
}

/** The byte string of a text's UTF-8. */
export function utf8(text: string): string {
  return textOf(new TextEncoder().encode(text));
}

export function textOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byteOf(byte);
  return text;
}
