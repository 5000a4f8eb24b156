/**
 * Reads the plain values that JSON.parse gives, believing nothing of them. What is not as it must be
 * leaves `readWire` as a value, never as a throw. A field that is not known means that a later version
 * wrote it, which is another thing than damage: it may be read after an upgrade.
 */

export type WireResult<Value> =
  | { readonly ok: true; readonly value: Value }
  /** `isLater`: a later version of phi wrote it. `detail` is for people. */
  | { readonly ok: false; readonly isLater: boolean; readonly detail: string };

/** Thrown and caught in this file only. */
class WireError extends Error {
  override readonly name = "WireError";
  readonly isLater: boolean;

  constructor(detail: string, isLater: boolean) {
    super(detail);
    this.isLater = isLater;
  }
}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** A format version (1..255) as one byte, and the value as JSON after it. */
export function writeWire(version: number, value: unknown): Uint8Array {
  // A character of one byte, so that all of it is encoded in one go.
  const bytes = encoder.encode(` ${JSON.stringify(value)}`);
  bytes[0] = version;
  return bytes;
}

/** What `read` makes of the value in `bytes`, which must be of one of these format versions; the latest is the last. */
export function readWire<Value>(
  bytes: Uint8Array,
  versions: number | readonly number[],
  read: (value: unknown, version: number) => Value,
): WireResult<Value> {
  try {
    const [found = 0] = bytes;
    const known = typeof versions === "number" ? [versions] : versions;
    const latest = known.at(-1)!;
    if (found > latest) {
      later(`it is of format version ${found}, and at most ${latest} can be read here`);
    }
    // One in between is of another part of the state, which is not this reader's to judge.
    if (!known.includes(found) && found > known[0]!) {
      later(`it is of format version ${found}, which is not read here`);
    }
    if (!known.includes(found)) malformed(`there is no format version ${found}`);
    return { ok: true, value: read(parse(bytes.subarray(1)), found) };
  } catch (error) {
    if (!(error instanceof WireError)) throw error;
    return { ok: false, isLater: error.isLater, detail: error.message };
  }
}

function parse(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decoder.decode(bytes));
  } catch {
    return malformed("it is not JSON");
  }
}

export function malformed(detail: string): never {
  throw new WireError(detail, false);
}

export function later(detail: string): never {
  throw new WireError(detail, true);
}

type Fields = Readonly<Record<string, unknown>>;

/** An object that has no other fields than the known ones. */
export function fieldsOf(value: unknown, known: ReadonlySet<string>, what: string): Fields {
  const fields = objectOf(value, what);
  for (const key of Object.keys(fields)) {
    if (!known.has(key)) later(`${what} has the unknown field "${key}"`);
  }
  return fields;
}

export function objectOf(value: unknown, what: string): Fields {
  return isObject(value) ? value : malformed(`${what} is not an object`);
}

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function listOf(value: unknown, what: string): readonly unknown[] {
  return Array.isArray(value) ? value : malformed(`${what} is not a list`);
}

export function textOf(value: unknown, what: string): string {
  return typeof value === "string" ? value : malformed(`${what} is not a text`);
}

/** JSON has no number that is not finite. */
export function numberOf(value: unknown, what: string): number {
  return typeof value === "number" ? value : malformed(`${what} is not a number`);
}

export function wholeNumberOf(value: unknown, least: number, what: string): number {
  const number = numberOf(value, what);
  if (Number.isSafeInteger(number) && number >= least) return number;
  return malformed(`${what} is not a whole number >= ${least}`);
}

export function flagOf(value: unknown, what: string): boolean {
  return typeof value === "boolean" ? value : malformed(`${what} is neither true nor false`);
}

/** A text for each name; `value` itself, not a copy. */
export function textByNameOf(value: unknown, what: string): Readonly<Record<string, string>> {
  return isTextByName(value) ? value : malformed(`${what} are not texts by name`);
}

function isTextByName(value: unknown): value is Readonly<Record<string, string>> {
  return isObject(value) && Object.values(value).every((text) => typeof text === "string");
}
