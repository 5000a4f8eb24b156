/**
 * Values that a JSON schema takes, for the part of JSON Schema that the monitor's OpenAPI document uses. What
 * a schema cannot say of a field (that it is a URL, the path of a file) is said by the field's name; and no
 * value leads to a look-up of a name, or to another machine.
 */
import type { Random } from "../../world/random.ts";

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly format?: string;
}

export const TARGET_NAMES = ["a", "b", "c.d", "e:f", "-", "0", "7", "A_1", "a.svg", "constructor"];

const BY_NAME: Readonly<Record<string, readonly unknown[]>> = {
  name: [...TARGET_NAMES, 7, 0],
  url: [
    "push:",
    "push:",
    "push:",
    "http://127.0.0.1:9/heartbeat",
    "https://127.0.0.1:9/?a=1&b=~",
    "http://127.0.0.1:9/\u00e4",
    "http://localhost:9/",
  ],
  method: ["GET", "HEAD", "POST", "OPTIONS", "M-SEARCH"],
  bearerTokenFile: ["/nonexistent/token"],
  passwordFile: ["/nonexistent/password"],
  caFile: ["/nonexistent/ca.pem"],
  serverName: ["a.test", "127.0.0.1"],
  bodyMatches: ["ok", "^\\p{L}+$", "a|b"],
  // Nobody but this machine is asked to prove anything.
  address: ["127.0.0.1:9", "127.0.0.2:9"],
  id: ["joiner", "attacked", "x.y"],
  matchers: [["target=a"], ["verdict!=down", "team=p*"], ["target=*"]],
};

/** Names and values of `headers` and `labels`. */
const MAP_KEYS = ["x-a", "team", "toString", "constructor", "valueOf"];
const STRINGS = ["x", "\u00e4\u{1f600}", '"', "\\", "<script>", "${x}", "%s%n", "a".repeat(100)];

export class SchemaValues {
  readonly #random: Random;
  readonly #named: Readonly<Record<string, Schema>>;

  /** `named` are the document's own schemas, which others refer to. */
  constructor(random: Random, named: Readonly<Record<string, Schema>>) {
    this.#random = random;
    this.#named = named;
  }

  of(schema: Schema, field = ""): unknown {
    const random = this.#random;
    const known = BY_NAME[field];
    if (known !== undefined) return random.pick(known);
    if (schema.$ref !== undefined) return this.of(this.#named[schema.$ref.split("/").at(-1)!]!);
    if (schema.const !== undefined) return schema.const;
    if (schema.enum !== undefined) return random.pick(schema.enum);
    if (schema.anyOf !== undefined) return this.of(random.pick(schema.anyOf));
    switch (schema.type) {
      case "object":
        return this.#object(schema);
      case "array":
        return this.#array(schema);
      case "string":
        return this.#string(schema);
      case "integer":
        return this.#integer(schema);
      case "number":
        return this.#number(schema);
      case "boolean":
        return random.chance(0.5);
      case undefined:
      default:
        return null;
    }
  }

  #object({ properties = {}, required = [], additionalProperties }: Schema): unknown {
    const random = this.#random;
    const members: [string, unknown][] = [];
    for (const [name, schema] of Object.entries(properties)) {
      if (required.includes(name) || random.chance(0.2))
        members.push([name, this.of(schema, name)]);
    }
    if (typeof additionalProperties === "object") {
      for (let left = random.below(3); left > 0; left--) {
        members.push([random.pick(MAP_KEYS), this.of(additionalProperties)]);
      }
    }
    return Object.fromEntries(random.shuffled(members));
  }

  #array({ items = {}, minItems = 0, maxItems = 5 }: Schema): unknown {
    const count = this.#random.between(minItems, Math.min(maxItems, minItems + 3));
    return Array.from({ length: count }, () => this.of(items));
  }

  #string({ format, minLength = 0, maxLength = 200 }: Schema): string {
    if (format === "date-time") return "2030-01-31T23:59:00Z";
    // A range of status codes is the one short string.
    if (maxLength === 7) return this.#random.pick(["200-299", "100-599", "204-204"]);
    return this.#random.pick(STRINGS).slice(0, maxLength).padEnd(minLength, "x");
  }

  #integer({ minimum = 0, maximum = 2 ** 53 - 1 }: Schema): number {
    const random = this.#random;
    if (random.chance(0.2)) return random.pick([minimum, maximum]);
    return random.between(minimum, Math.min(maximum, minimum + 10_000));
  }

  #number({ minimum, exclusiveMinimum, maximum = 1e9 }: Schema): number {
    const random = this.#random;
    const least = minimum ?? exclusiveMinimum ?? 0;
    if (random.chance(0.1)) return maximum;
    return least + (Math.min(maximum, 5_000) - least) * (1 - random.fraction());
  }
}
