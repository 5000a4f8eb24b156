/**
 * Requests made from the OpenAPI document that the monitor serves: an operation, parameters and a body that its
 * schemas take; of about half of them one thing is then spoilt. What is known of the answer beforehand goes
 * with each: which statuses the document lists, and that what is wrong, or carries no token, must change nothing.
 */
import type { Random } from "../../world/random.ts";
import { type Fields, fieldsOf, isFields, parseJson } from "../json_value.ts";
import { utf8 } from "../mutation.ts";
import type { Write } from "./config_model.ts";
import { type Schema, SchemaValues, TARGET_NAMES } from "./schema_values.ts";
import { type SpoiltJson, spoil, spoilYaml } from "./spoilt_json.ts";

interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly schema?: Schema;
}

interface DocumentedOperation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly required?: boolean;
    readonly content: Readonly<Record<string, { readonly schema: Schema }>>;
  };
  readonly responses: Readonly<Record<string, unknown>>;
}

export interface OpenapiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

export interface FuzzRequest {
  /** A byte string, the whole request. */
  readonly text: string;
  readonly method: string;
  /** As the document has it: `PUT /config`. */
  readonly operation: string;
  /** Something is wrong with it, or odd. */
  readonly isSpoilt: boolean;
  /** What it does to the config if it is answered with 200. */
  readonly write: Write | undefined;
  /** It must be refused. */
  readonly isWrong: boolean;
  /** An answer with another status is one that nobody is told of; undefined where the path may be any other's. */
  readonly statuses: ReadonlySet<number> | undefined;
  /** A second one with the same Idempotency-Key has to get the same answer, and to change nothing. */
  readonly isRepeatable: boolean;
}

export function isDocument(value: unknown): value is OpenapiDocument {
  const { paths, components } = fieldsOf(value);
  return isFields(paths) && isFields(fieldsOf(components)["schemas"]);
}

interface Operation extends DocumentedOperation {
  readonly method: string;
  readonly path: string;
}

/** Streams never end by themselves, and the assets of the viewer are large and all the same. */
const LEFT_OUT = new Set(["/events"]);
const WEIGHTS: Readonly<Record<string, number>> = {
  "PUT /config": 24,
  "POST /config": 8,
  "DELETE /config/{name}": 8,
  "POST /heartbeat/{name}": 8,
  "POST /silences": 5,
  // What these do takes as long as a handshake may.
  "POST /cluster/join": 1,
};
const USUAL_WEIGHT = 2;

/** So few that a silence is asked for again, and removed: its id follows from the key. */
const SILENCE_KEYS = ["quiet-1", "quiet-2"];
/** Of members, one of which is this monitor itself, and of silences. */
const IDS = ["attacked", "joiner", "x.y", ...SILENCE_KEYS.map(silenceId)];
const WRONG_PATHS = [
  "..",
  "%2e%2e",
  "%00",
  "a%2Fb",
  "%ff",
  "%",
  "%zz",
  "a".repeat(5_000),
  "\u00e4",
  "__proto__",
  "",
];
const WRONG_QUERIES = [
  "stale=maybe",
  "verdict=x",
  "verdict[]=up",
  "name=",
  "name=%00",
  "from=-1",
  "to=x",
  "sequence=1e3",
  "a=b&".repeat(500),
];
const WRONG_HEADERS: readonly (readonly [string, string])[] = [
  ["Accept", "*/*;q=0, text/html;q=abc"],
  ["Accept", "a/b,".repeat(1_000)],
  ["Accept-Encoding", "gzip;q=0, br, *;q=1e9"],
  ["If-None-Match", '"1", W/"2", *'],
  ["If-None-Match", '"'.repeat(2_000)],
  ["If-Match", '"99999999999999999999"'],
  ["If-Match", 'W/"1"'],
  ["If-Match", '"1'],
  ["Idempotency-Key", "a b"],
  ["Idempotency-Key", "x".repeat(129)],
  ["Last-Event-ID", "-1"],
  ["Range", "bytes=0-1,5-"],
  ["X-HTTP-Method-Override", "DELETE"],
  ["Host", "evil.test"],
  ["Origin", "https://evil.test"],
  ["Sec-Fetch-Site", "cross-site"],
  ["Expect", "200-maybe"],
  ["Content-Encoding", "gzip"],
  ["Content-Type", "text/plain"],
  ["Content-Type", "application/json; charset=utf-16"],
  ["Content-Type", "multipart/form-data; boundary=x"],
  ["Cookie", "a=b; ".repeat(500)],
];
/** With one of these no write may come through. */
const REFUSED_WRITES = new Set([
  "text/plain",
  "cross-site",
  "https://evil.test",
  "evil.test",
  "gzip",
]);

/** Looked at before any route is: for another host, or from another site's page. The document has no such answers. */
const GUARDED = new Set(["Host", "Origin", "Sec-Fetch-Site"]);
const GUARDS_STATUSES = [403, 421];

export class RequestMaker {
  readonly #operations: readonly Operation[];
  readonly #schemas: Readonly<Record<string, Schema>>;
  readonly #token: string;

  constructor({ paths, components }: OpenapiDocument, token: string) {
    this.#schemas = components.schemas;
    this.#token = token;
    this.#operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, operation]) => {
        if (LEFT_OUT.has(path)) return [];
        const one = { ...operation, method: method.toUpperCase(), path };
        const weight = WEIGHTS[`${one.method} ${path}`] ?? USUAL_WEIGHT;
        return Array.from({ length: weight }, () => one);
      }),
    );
  }

  make(random: Random): FuzzRequest {
    const operation = random.pick(this.#operations);
    const draft = new Draft(random, operation, this.#schemas);
    const isRead = operation.method === "GET";
    let isWrong = false;
    if (random.chance(0.5)) isWrong = draft.spoilOne();
    const credentials = isRead && random.chance(0.8) ? 0 : random.below(12);
    if (credentials >= 2) draft.headers.push(["Authorization", `Bearer ${this.#token}`]);
    if (credentials === 1) {
      const header = random.pick(wrongCredentials(this.#token));
      draft.headers.push(["Authorization", header]);
    }
    if (credentials < 2 && !isRead) isWrong = true;
    return draft.finish(isWrong);
  }
}

function wrongCredentials(token: string): readonly string[] {
  return [
    "Bearer",
    "Bearer x",
    `Bearer ${token}x`,
    `Bearer ${token.slice(0, -1)}`,
    `Bearer ${token.slice(0, -1)}\u00ff`,
    `Basic ${token}`,
    token,
    `Bearer ${token}, Bearer ${token}`,
    `Bearer ${"x".repeat(10_000)}`,
  ];
}

/** One request on its way. */
class Draft {
  readonly #random: Random;
  readonly #operation: Operation;
  readonly headers: [string, string][] = [];
  readonly #pathParts: Record<string, string> = {};
  #query = "";
  #body: string | undefined;
  #value: Fields | undefined;
  #statuses: Set<number> | undefined;
  #isSpoilt = false;

  constructor(random: Random, operation: Operation, schemas: Readonly<Record<string, Schema>>) {
    this.#random = random;
    this.#operation = operation;
    this.#statuses = new Set(Object.keys(operation.responses).map(Number));
    const values = new SchemaValues(random, schemas);
    for (const parameter of operation.parameters ?? []) this.#setParameter(parameter, values);
    const { requestBody } = operation;
    if (requestBody === undefined || (requestBody.required !== true && random.chance(0.3))) return;
    const types = Object.keys(requestBody.content);
    // YAML is slow, on purpose never much of it.
    const type = types.length > 1 && random.chance(0.9) ? types[0]! : random.pick(types);
    this.headers.push(["Content-Type", type]);
    const value = fieldsOf(values.of(requestBody.content[type]!.schema));
    this.#value = value;
    this.#body = utf8(JSON.stringify(value));
  }

  /** Whether it must be refused now. */
  spoilOne(): boolean {
    const random = this.#random;
    this.#isSpoilt = true;
    const choice = random.below(10);
    if (choice < 6 && this.#value !== undefined) {
      // What is no JSON may be YAML: that has texts of its own that nobody should take.
      return this.#spoilBody(this.#isYaml ? spoilYaml(random) : spoil(random, this.#value));
    }
    if (choice < 7) {
      if (Object.keys(this.#pathParts).length > 0) this.#statuses = undefined;
      for (const name of Object.keys(this.#pathParts))
        this.#pathParts[name] = random.pick(WRONG_PATHS);
      return false;
    }
    if (choice < 8) {
      this.#query = random.pick(WRONG_QUERIES);
      return false;
    }
    const [name, value] = random.pick(WRONG_HEADERS);
    if (GUARDED.has(name)) for (const status of GUARDS_STATUSES) this.#statuses?.add(status);
    const isType = name === "Content-Type";
    if (isType) this.#dropHeader(name);
    if (!this.headers.some(([other]) => other === name)) this.headers.push([name, value]);
    const isBody = isType || name === "Content-Encoding";
    const isWrite = this.#operation.method !== "GET" && (!isBody || this.#needsType);
    return isWrite && REFUSED_WRITES.has(value) && name !== "Host";
  }

  finish(isWrong: boolean): FuzzRequest {
    const { method, path } = this.#operation;
    const isHead = method === "GET" && this.#random.chance(0.1);
    const sentMethod = isHead ? "HEAD" : method;
    const target = path.replaceAll(/\{(\w+)\}/gu, (_, name: string) => this.#pathParts[name] ?? "");
    const query = this.#query === "" ? "" : `?${this.#query}`;
    const lines = this.headers.some(([name]) => name === "Host") ? [] : ["Host: 127.0.0.1"];
    lines.push(...this.headers.map(([name, value]) => `${name}: ${value}`));
    if (this.#body !== undefined) lines.push(`Content-Length: ${this.#body.length}`);
    const head = `${sentMethod} ${utf8(target)}${query} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
    return {
      text: head + (this.#body ?? ""),
      method: sentMethod,
      operation: `${method} ${path}`,
      isSpoilt: this.#isSpoilt,
      write: this.#write(),
      isWrong,
      statuses: this.#statuses,
      isRepeatable: this.headers.some(([name]) => name === "Idempotency-Key"),
    };
  }

  get #needsType(): boolean {
    return this.#operation.path !== "/heartbeat/{name}" && this.#body !== undefined;
  }

  #spoilBody({ text, isWrong }: SpoiltJson): boolean {
    this.#body = text;
    const value = parseJson(text);
    this.#value = isFields(value) ? value : undefined;
    return isWrong;
  }

  get #isYaml(): boolean {
    return this.headers.some(([, value]) => value.includes("yaml"));
  }

  #dropHeader(dropped: string): void {
    const place = this.headers.findIndex(([name]) => name === dropped);
    if (place >= 0) this.headers.splice(place, 1);
  }

  #setParameter({ name, in: where, schema = {} }: Parameter, values: SchemaValues): void {
    const random = this.#random;
    if (where === "path") {
      const text = name === "id" ? random.pick(IDS) : random.pick(TARGET_NAMES);
      this.#pathParts[name] = encodeURIComponent(text) + (name === "file" ? ".svg" : "");
    } else if (where === "query" && random.chance(0.4)) {
      const value = [values.of(schema, name)].flat().map(String);
      this.#query = value.map((one) => `${name}=${encodeURIComponent(one)}`).join("&");
    } else if (where === "header" && random.chance(this.#conditionShare(name))) {
      this.#setCondition(name);
    }
  }

  /** The config is replaced only with a condition. */
  #conditionShare(name: string): number {
    const { method, path } = this.#operation;
    return name === "If-Match" && method === "POST" && path === "/config" ? 0.75 : 0.25;
  }

  #setCondition(name: string): void {
    const random = this.#random;
    if (name === "Idempotency-Key") {
      const isSilence = this.#operation.path === "/silences";
      const fresh = random.bits().toString(36) + random.bits().toString(36);
      this.headers.push([name, isSilence ? random.pick(SILENCE_KEYS) : fresh]);
      return;
    }
    const others = this.headers.some(([other]) => other.startsWith("If-"));
    const tag = random.pick(["*", "*", "*", '"1"', '"2", "3"', '"7-yaml"', 'W/"1"']);
    if (!others) this.headers.push([name, tag]);
  }

  #write(): Write | undefined {
    const { method, path } = this.#operation;
    const value = this.#value;
    if (method === "PUT") return { kind: "put", target: value };
    if (method === "POST" && path === "/config") return { kind: "replace", config: value };
    if (method !== "DELETE" || path !== "/config/{name}") return undefined;
    return { kind: "delete", name: decoded(this.#pathParts["name"] ?? "") };
  }
}

/** As the API makes it of the key. Were it another, no silence would ever be removed, which `MINIMA` sees. */
function silenceId(key: string): string {
  return new Bun.CryptoHasher("sha256").update(key).digest("hex").slice(0, 16);
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
