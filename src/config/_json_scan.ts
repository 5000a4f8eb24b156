/**
 * Walks a JSON text without building its value, for what JSON.parse does not tell: where the text stops
 * being JSON, which keys stand twice, and where in the text a path of the value is. As strict as JSON.parse (a
 * property test holds the two together), but for a bound on the depth.
 */
import { MAX_ERRORS, type ConfigPath } from "./errors.ts";

export type JsonScan =
  | { readonly ok: true; readonly duplicates: readonly ConfigPath[] }
  | { readonly ok: false; readonly offset: number; readonly message: string };

/** Paths to look for, as a tree of steps; the walk notes the offset of every node that it meets. */
export interface WantedPaths {
  offset: number;
  readonly steps: Map<string | number, WantedPaths>;
}

const MAX_DEPTH = 64;

/** Also fills in the offsets of `wanted`; of a member its key's, and of a key that stands twice the last. */
export function scanJson(text: string, wanted?: WantedPaths): JsonScan {
  const scanner = new JsonScanner(text);
  try {
    scanner.document(wanted);
  } catch (error) {
    if (error instanceof JsonFault)
      return { ok: false, offset: error.offset, message: error.message };
    throw error;
  }
  return { ok: true, duplicates: scanner.duplicates };
}

class JsonFault extends Error {
  readonly offset: number;
  constructor(offset: number, message: string) {
    super(message);
    this.offset = offset;
  }
}

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;
const SPACE = 32;
const QUOTE = 34;
const COMMA = 44;
const COLON = 58;
const OPEN_LIST = 91;
const BACKSLASH = 92;
const CLOSE_LIST = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;

class JsonScanner {
  readonly duplicates: ConfigPath[] = [];
  readonly #text: string;
  readonly #path: (string | number)[] = [];
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  document(wanted: WantedPaths | undefined): void {
    this.#value(wanted);
    if (this.#skipSpace() < this.#text.length) this.#fail("the text should end here");
  }

  #value(wanted: WantedPaths | undefined): void {
    const offset = this.#skipSpace();
    if (wanted !== undefined && wanted.offset < 0) wanted.offset = offset;
    switch (this.#text.charCodeAt(offset)) {
      case OPEN_OBJECT:
        return this.#object(wanted);
      case OPEN_LIST:
        return this.#list(wanted);
      case QUOTE:
        this.#string();
        return;
      default:
        this.#plain();
    }
  }

  #object(wanted: WantedPaths | undefined): void {
    this.#enter();
    const keys = new Set<string>();
    if (this.#skipIf(CLOSE_OBJECT)) return;
    do {
      const keyOffset = this.#skipSpace();
      const key = this.#string();
      const isDuplicate = keys.size === keys.add(key).size;
      const wantedValue = wanted?.steps.get(key);
      if (wantedValue !== undefined) wantedValue.offset = keyOffset;
      this.#expect(COLON, "a colon");
      this.#path.push(key);
      if (isDuplicate && this.duplicates.length < MAX_ERRORS) {
        this.duplicates.push([...this.#path]);
      }
      this.#value(wantedValue);
      this.#path.pop();
    } while (this.#skipIf(COMMA));
    this.#expect(CLOSE_OBJECT, "a comma or }");
  }

  #list(wanted: WantedPaths | undefined): void {
    this.#enter();
    if (this.#skipIf(CLOSE_LIST)) return;
    let index = 0;
    do {
      this.#path.push(index);
      this.#value(wanted?.steps.get(index));
      this.#path.pop();
      index++;
    } while (this.#skipIf(COMMA));
    this.#expect(CLOSE_LIST, "a comma or ]");
  }

  #string(): string {
    const start = this.#at;
    if (this.#text.charCodeAt(start) !== QUOTE) this.#fail("expected a key in double quotes");
    this.#at++;
    let isEscaped = false;
    for (;;) {
      const code = this.#skipPlainText();
      if (code === QUOTE) break;
      if (!this.#skipMatch(ESCAPE))
        this.#fail("this string does not end, or holds a bad character");
      isEscaped = true;
    }
    this.#at++;
    const quoted = this.#text.slice(start, this.#at);
    return isEscaped ? String(JSON.parse(quoted)) : quoted.slice(1, -1);
  }

  /** To the next quote, backslash or control character, which is what it returns; NaN at the end. */
  #skipPlainText(): number {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code === QUOTE || code === BACKSLASH || !(code >= SPACE)) return code;
      this.#at++;
    }
  }

  #plain(): void {
    for (const word of ["true", "false", "null"]) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length;
        return;
      }
    }
    if (this.#skipMatch(NUMBER)) return;
    this.#fail(this.#at >= this.#text.length ? "the text ends too early" : "expected a value");
  }

  /** Past the bracket; a text that nests deeper than any config would only cost stack. */
  #enter(): void {
    if (this.#path.length >= MAX_DEPTH) this.#fail(`nested more than ${MAX_DEPTH} deep`);
    this.#at++;
  }

  #skipSpace(): number {
    for (;;) {
      const code = this.#text.charCodeAt(this.#at);
      if (code !== SPACE && code !== 10 && code !== 13 && code !== 9) return this.#at;
      this.#at++;
    }
  }

  #skipIf(code: number): boolean {
    if (this.#text.charCodeAt(this.#skipSpace()) !== code) return false;
    this.#at++;
    return true;
  }

  #expect(code: number, name: string): void {
    if (!this.#skipIf(code)) this.#fail(`expected ${name}`);
  }

  #skipMatch(pattern: RegExp): boolean {
    pattern.lastIndex = this.#at;
    if (!pattern.test(this.#text)) return false;
    this.#at = pattern.lastIndex;
    return true;
  }

  #fail(message: string): never {
    throw new JsonFault(this.#at, message);
  }
}
