/**
 * Bytes that somebody sent in, text out, or why not; and which line an offset of that text is on. Only
 * UTF-8 is text here, and nothing above the size limit is looked into.
 */
import { MAX_CONFIG_BYTES } from "./target.ts";

/** `any`: for a command, which keeps nobody waiting but who has called it. */
export type SourceSize = "limited" | "any";

export type SourceTextResult =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly message: string; readonly position: LinePosition | undefined };

/** Takes a byte-order mark off; refuses what is too long, not UTF-8, or holds NUL. */
export function readSourceText(
  source: string | Uint8Array,
  size: SourceSize = "limited",
): SourceTextResult {
  if (size === "limited" && isTooLong(source)) {
    return fail(`must be at most ${MAX_CONFIG_BYTES} bytes (8 MiB); split it up`);
  }
  return typeof source === "string" ? checkText(source.replace(/^\uFEFF/, "")) : decode(source);
}

function decode(bytes: Uint8Array): SourceTextResult {
  const text = decodeUtf8(bytes);
  if (text !== undefined) return checkText(text);
  const lossy = new TextDecoder().decode(bytes);
  return fail("is not UTF-8; save it as UTF-8", lossy, lossy.indexOf("\uFFFD"));
}

function checkText(text: string): SourceTextResult {
  const nul = text.indexOf("\0");
  if (nul >= 0) return fail("holds a NUL character, so it is no text file; remove it", text, nul);
  return { ok: true, text };
}

/** A UTF-16 unit is at least a byte of UTF-8, so a long text need not be encoded to be refused. */
function isTooLong(source: string | Uint8Array): boolean {
  return source.length > MAX_CONFIG_BYTES || byteLength(source) > MAX_CONFIG_BYTES;
}

function byteLength(source: string | Uint8Array): number {
  if (typeof source !== "string") return source.length;
  return source.length * 3 <= MAX_CONFIG_BYTES ? 0 : new TextEncoder().encode(source).length;
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function fail(message: string, text = "", offset = -1): SourceTextResult {
  return { ok: false, message, position: offset < 0 ? undefined : new LineIndex(text).at(offset) };
}

export interface LinePosition {
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 units. */
  readonly column: number;
}

/** Where the lines of a text begin; made only once something is wrong. */
export class LineIndex {
  readonly #starts: number[] = [0];

  constructor(text: string) {
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) {
      this.#starts.push(at + 1);
    }
  }

  at(offset: number): LinePosition {
    let low = 0;
    let high = this.#starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#starts[middle]! <= offset) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: offset - this.#starts[low]! + 1 };
  }
}
