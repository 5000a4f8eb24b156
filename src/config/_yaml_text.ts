/**
 * A YAML text in; its value out, with a way to say where a path is. The `yaml` package parses; the walk from its
 * nodes to plain values is our own, because three things depend on it: a name keeps the text that it was
 * written in (`010` is not 10), keys that stand twice are found in linear time, and aliases are counted
 * while they are resolved, so that a few lines cannot unfold into gigabytes.
 */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  parseDocument,
  type Alias,
  type Document,
  type Scalar,
} from "yaml";
import { DUPLICATE_KEY, type ParsedText } from "./json_text.ts";
import { LineIndex, type LinePosition } from "./_source_text.ts";
import { show } from "./_say.ts";
import { MAX_ERRORS, type ConfigPath, type Fault } from "./errors.ts";

const MAX_DEPTH = 32;
const MAX_ALIASES = 10_000;

export function parseYamlText(text: string): ParsedText {
  try {
    return parse(text);
  } catch (error) {
    // A text that nests thousands deep exhausts the stack of the parser.
    if (!(error instanceof RangeError)) throw error;
    return refuse(text, "is nested too deeply", 0);
  }
}

function parse(text: string): ParsedText {
  const document = parseDocument(text, {
    version: "1.2",
    schema: "core",
    prettyErrors: false,
    uniqueKeys: false,
    logLevel: "error",
  });
  const error = document.errors[0] ?? document.warnings[0];
  if (error !== undefined)
    return refuse(text, yamlMessage(error.code, error.message), error.pos[0]);
  if (document.directives?.yaml.explicit && document.directives.yaml.version !== "1.2") {
    return refuse(text, "must be YAML 1.2; remove the %YAML line", 0);
  }
  const reader = new NodeReader();
  const value = reader.read(document.contents, 0);
  if (reader.excess !== undefined) return refuse(text, reader.excess.message, reader.excess.offset);
  return {
    ok: true,
    value,
    faults: reader.faults,
    locate: (paths) => locate(text, document, paths),
  };
}

function yamlMessage(code: string, message: string): string {
  if (code === "MULTIPLE_DOCS") return "holds more than one YAML document (---); keep one";
  if (code === "RESOURCE_EXHAUSTION") return "is nested too deeply";
  return `is not valid YAML: ${message}`;
}

function refuse(text: string, message: string, offset: number): ParsedText {
  return { ok: false, message, position: new LineIndex(text).at(offset) };
}

class NodeReader {
  readonly faults: Fault[] = [];
  /** Set once the text is more than anybody would write by hand; what was read then means nothing. */
  excess: { readonly message: string; readonly offset: number } | undefined;
  readonly #path: (string | number)[] = [];
  /** What each anchor stands for so far; a later anchor of the same name takes over. */
  readonly #anchors = new Map<string, unknown>();
  #aliasCount = 0;

  read(node: unknown, depth: number): unknown {
    if (depth > MAX_DEPTH) return this.#exceed(`is nested more than ${MAX_DEPTH} deep`, node);
    if (isAlias(node)) return this.#alias(node);
    let value: unknown;
    if (isScalar(node)) value = this.#isName() ? this.#name(node) : node.value;
    else if (isMap(node)) value = this.#map(node.items, depth);
    else if (isSeq(node)) value = this.#list(node.items, depth);
    else return null;
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, value);
    return value;
  }

  #alias(node: Alias): unknown {
    this.#aliasCount++;
    if (this.#aliasCount > MAX_ALIASES) {
      return this.#exceed(`has more than ${MAX_ALIASES} aliases; write some of them out`, node);
    }
    if (this.#anchors.has(node.source)) return this.#anchors.get(node.source);
    return this.#fault(`is an alias of &${node.source}, which is not defined before it`);
  }

  #exceed(message: string, node: unknown): null {
    this.excess ??= { message, offset: startOf(node) ?? 0 };
    return null;
  }

  #map(pairs: readonly { key: unknown; value: unknown }[], depth: number): Record<string, unknown> {
    const map: Record<string, unknown> = {};
    for (const pair of pairs) {
      const key = keyText(pair.key);
      if (key === undefined) {
        this.#fault("holds a key that is not plain text");
        continue;
      }
      this.#path.push(key);
      if (Object.hasOwn(map, key)) this.#fault(DUPLICATE_KEY);
      const value = this.read(pair.value, depth + 1);
      this.#path.pop();
      // An assignment to __proto__ would set the prototype.
      Object.defineProperty(map, key, {
        value,
        writable: true,
        enumerable: true,
        configurable: true,
      });
    }
    return map;
  }

  #list(items: readonly unknown[], depth: number): unknown[] {
    return items.map((item, index) => {
      this.#path.push(index);
      const value = this.read(item, depth + 1);
      this.#path.pop();
      return value;
    });
  }

  /** Of a target in a config, or of one that is the whole text. */
  #isName(): boolean {
    const path = this.#path;
    if (path.at(-1) !== "name") return false;
    return path.length === 1 || (path.length === 3 && path[0] === "servers");
  }

  /** A name is its source text, unless YAML might read that as something else than a whole number. */
  #name({ value, source, type }: Scalar): unknown {
    if (type !== "PLAIN" || source === undefined) return value;
    if (typeof value === "string" && !DATE.test(value)) return value;
    if (typeof value === "number" && WHOLE_NUMBER.test(source)) return source;
    if (source === "") return this.#fault("is missing, and has no default");
    const kind =
      typeof value === "string"
        ? "a date"
        : value === null
          ? "null"
          : `the ${typeof value} ${show(value)}`;
    return this.#fault(`is read by YAML as ${kind}; put it in quotes: ${JSON.stringify(source)}`);
  }

  #fault(message: string): null {
    if (this.faults.length < MAX_ERRORS) this.faults.push({ path: [...this.#path], message });
    return null;
  }
}

/** A key is what stands there: `010` is not 10, and `no` is not false. */
function keyText(node: unknown): string | undefined {
  if (!isScalar(node)) return undefined;
  return node.source !== undefined && node.type === "PLAIN" ? node.source : String(node.value);
}

const WHOLE_NUMBER = /^(?:[-+]?\d+|0x[0-9a-fA-F]+|0o[0-7]+)$/;
/** YAML 1.1 has dates, and so have many who read the same file. */
const DATE = /^\d{4}-\d\d?-\d\d?(?:$|[Tt ])/;

function locate(text: string, document: Document, paths: readonly ConfigPath[]): LinePosition[] {
  const lines = new LineIndex(text);
  return paths.map((path) => lines.at(offsetOf(document.contents, path)));
}

/** Of a member's key, or of the nearest thing around it that the text has; an alias is not looked into. */
function offsetOf(root: unknown, path: ConfigPath): number {
  let offset = startOf(root) ?? 0;
  let node = root;
  for (const step of path) {
    if (isSeq(node) && typeof step === "number") {
      node = node.items[step];
      offset = startOf(node) ?? offset;
    } else if (isMap(node)) {
      // The last of two equal keys is the one too many.
      const pair = node.items.findLast(({ key }) => keyText(key) === step);
      if (pair === undefined) return offset;
      offset = startOf(pair.key) ?? offset;
      node = pair.value;
    } else return offset;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  if (isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)) return node.range?.[0];
  return undefined;
}
