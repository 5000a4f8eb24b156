/**
 * Reading pieces of HTTP straight from bytes: none of these makes a string. All take a range, from
 * `start` up to and without `end`, and but for `startsWith` none reads outside of it.
 */

export const LF = 0x0a;
const CR = 0x0d;
const HT = 0x09;
const SP = 0x20;
const COMMA = 0x2c;

/** 1 for each byte that may stand in a header's name (RFC 9110 §5.6.2). */
export const IS_TOKEN_BYTE = Uint8Array.from({ length: 256 }, (_, byte) =>
  /[!#$%&'*+.^_`|~0-9A-Za-z-]/.test(String.fromCharCode(byte)) ? 1 : 0,
);

/** Where a line ends that may end in CR. */
export function withoutCarriageReturn(bytes: Uint8Array, start: number, end: number): number {
  return end > start && bytes[end - 1] === CR ? end - 1 : end;
}

export function skipBlanks(bytes: Uint8Array, start: number, end: number): number {
  let at = start;
  while (at < end && isBlank(bytes[at]!)) at++;
  return at;
}

export function skipBlanksBackwards(bytes: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start && isBlank(bytes[at - 1]!)) at--;
  return at;
}

export function isBlank(byte: number): boolean {
  return byte === SP || byte === HT;
}

/** Compares byte for byte. The caller knows that there are as many bytes as characters. */
export function startsWith(bytes: Uint8Array, start: number, text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (bytes[start + index] !== text.charCodeAt(index)) return false;
  }
  return true;
}

/** Compares without regard to the case of ASCII letters. */
export function equalsIgnoringCase(
  bytes: Uint8Array,
  start: number,
  end: number,
  lowerCase: string,
): boolean {
  if (end - start !== lowerCase.length) return false;
  for (let index = 0; index < lowerCase.length; index++) {
    const byte = bytes[start + index]!;
    const isUpper = byte >= 0x41 && byte <= 0x5a;
    if ((isUpper ? byte + 0x20 : byte) !== lowerCase.charCodeAt(index)) return false;
  }
  return true;
}

/** Whether a comma-separated list has this member. */
export function listHas(bytes: Uint8Array, start: number, end: number, lowerCase: string): boolean {
  let memberStart = start;
  for (let at = start; at <= end; at++) {
    if (at < end && bytes[at] !== COMMA) continue;
    const from = skipBlanks(bytes, memberStart, at);
    const to = skipBlanksBackwards(bytes, from, at);
    if (equalsIgnoringCase(bytes, from, to, lowerCase)) return true;
    memberStart = at + 1;
  }
  return false;
}

/**
 * A whole number of decimal digits and nothing else, or -1. Too many digits give a number that is
 * too large rather than a wrong one, and at most Infinity.
 */
export function parseDecimal(bytes: Uint8Array, start: number, end: number): number {
  if (start === end) return -1;
  let value = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value;
}

/** The value of a hexadecimal digit, or -1. */
export function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  if (byte >= 0x41 && byte <= 0x46) return byte - 0x37;
  if (byte >= 0x61 && byte <= 0x66) return byte - 0x57;
  return -1;
}
