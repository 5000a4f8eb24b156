/**
 * Reads the values that histories are written in: as much of Clojure's EDN as Jepsen and its kin put
 * into a line. What is neither nil, a whole number, a text nor a collection stays what it is, a token.
 */

/** A keyword such as `:timed-out`, a fraction, a symbol. */
export interface Token {
  readonly token: string;
}

export type Edn = null | number | string | Token | readonly Edn[] | ReadonlyMap<string, Edn>;

/** `end` is where the rest of the text begins; undefined if no value stands there. */
export type EdnResult = { readonly value: Edn; readonly end: number } | undefined;

const SPACE = /[\s,]*/y;
const ATOM = /[^\s,()[\]{}";]+/y;
const TEXT = /"(?:[^"\\]|\\.)*"/y;
const CLOSING: Readonly<Record<string, string>> = { "[": "]", "(": ")", "{": "}" };
/** Deeper than anybody nests; it keeps a line of brackets from being a stack overflow. */
const MAX_DEPTH = 100;

/** Reads one value, and the spaces and commas around it. */
export function readEdn(text: string, start: number, depth = 0): EdnResult {
  const at = start + match(SPACE, text, start).length;
  const first = text[at];
  const close = first === undefined ? undefined : CLOSING[first];
  if (close !== undefined) {
    return depth < MAX_DEPTH ? readCollection(text, at, close, depth + 1) : undefined;
  }
  const word = match(first === '"' ? TEXT : ATOM, text, at);
  if (word === "") return undefined;
  const value = first === '"' ? unquote(word) : atom(word);
  return value === undefined ? undefined : { value, end: skipSpace(text, at + word.length) };
}

function readCollection(text: string, start: number, close: string, depth: number): EdnResult {
  const values: Edn[] = [];
  let at = skipSpace(text, start + 1);
  while (text[at] !== close) {
    const item = readEdn(text, at, depth);
    if (item === undefined) return undefined;
    values.push(item.value);
    at = item.end;
  }
  const value = close === "}" ? mapOf(values) : values;
  return value === undefined ? undefined : { value, end: skipSpace(text, at + 1) };
}

/** Undefined if a key has no value, or two. What stands under anything but a token is left out. */
function mapOf(values: readonly Edn[]): ReadonlyMap<string, Edn> | undefined {
  if (values.length % 2 === 1) return undefined;
  const map = new Map<string, Edn>();
  for (let index = 0; index < values.length; index += 2) {
    const key = tokenOf(values[index]);
    if (key === undefined) continue;
    if (map.has(key)) return undefined;
    map.set(key, values[index + 1]!);
  }
  return map;
}

/** `:ok` for the keyword; undefined for what is no token. */
export function tokenOf(value: Edn | undefined): string | undefined {
  const isToken = typeof value === "object" && value !== null && "token" in value;
  return isToken ? value.token : undefined;
}

function atom(word: string): Edn {
  if (word === "nil") return null;
  if (!/^-?\d+$/u.test(word)) return { token: word };
  const number = Number(word);
  // Beyond, two numbers would be one.
  return Number.isSafeInteger(number) ? number : { token: word };
}

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f" };

function unquote(word: string): string {
  return word
    .slice(1, -1)
    .replaceAll(/\\(?:u(?<hex>[0-9a-fA-F]{4})|(?<one>.))/gu, (_all, hex?: string, one?: string) =>
      hex === undefined ? (ESCAPES[one!] ?? one!) : String.fromCharCode(Number.parseInt(hex, 16)),
    );
}

function skipSpace(text: string, at: number): number {
  return at + match(SPACE, text, at).length;
}

function match(pattern: RegExp, text: string, at: number): string {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? "";
}
