/**
 * A body of JSON with one thing wrong with it, or odd: a text that no decoder should take, a member that
 * nobody knows, a value of another kind, one that is not in its range. Byte strings come out, because some of
 * these are no text in any encoding.
 */
import type { Random } from "../../world/random.ts";
import { type Fields, isFields } from "../json_value.ts";
import { utf8 } from "../mutation.ts";

export interface SpoiltJson {
  readonly text: string;
  /** Whoever takes it has a defect. If not, it may be in order in some places. */
  readonly isWrong: boolean;
}

const STRANGE_KEYS = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "",
  "\u0000",
  "a\u0000b",
  "$ref",
];
const STRANGE_VALUES: readonly unknown[] = [
  null,
  true,
  -1,
  0,
  0.5,
  1e308,
  -1e308,
  2 ** 53,
  "",
  "\u0000",
  "\ud800",
  "x".repeat(5_000),
  [],
  {},
  [[[[1]]]],
  { __proto__: null, constructor: { prototype: { polluted: true } } },
  { length: 4_294_967_296 },
];

/** None of them leads anywhere but to this machine. */
const STRANGE_URLS = [
  "",
  "http://",
  "http:// ",
  "http://169.254.169.254/latest/meta-data",
  "http://2852039166/",
  "http://0xa9fea9fe/",
  "http://10.1.0.1/",
  "http://0/",
  "http://127.1:9/",
  "http://0x7f.1:9/",
  "http://0177.0.0.1:9/",
  "http://2130706433:9/",
  "http://127.0.0.1.:9/",
  "http://%31%32%37.0.0.1:9/",
  "http://\uff11\uff12\uff17.0.0.1:9/",
  "http://[::1]:9/",
  "http://[::ffff:127.0.0.1]:9/",
  "http://[::ffff:169.254.169.254]:9/",
  "http://[64:ff9b::a9fe:a9fe]/",
  "http://[fe80::1%25lo]/",
  "http://user:pass@127.0.0.1:9/",
  "http://@127.0.0.1:9/",
  "http://127.0.0.1:9/#x",
  "http://127.0.0.1:99999/",
  "http://127.0.0.1:0/",
  "http://127.0.0.1\u0000:9/",
  "http:\\\\127.0.0.1:9\\",
  "file:///etc/passwd",
  "ftp://127.0.0.1/",
  "javascript:alert(1)",
  "push:x",
  "PUSH:",
  "push://127.0.0.1",
];
const STRANGE_ADDRESSES = [
  "",
  "0.0.0.0:9",
  "[::]:9",
  "127.0.0.1:0",
  "127.0.0.1:99999",
  "0x7f.1:9",
  "127.1:9",
  ":9",
];

type Spoil = (random: Random, value: Fields) => SpoiltJson;

const odd = (value: unknown): SpoiltJson => ({ text: utf8(JSON.stringify(value)), isWrong: false });
const wrong = (text: string): SpoiltJson => ({ text, isWrong: true });
const jsonOf = (value: unknown) => utf8(JSON.stringify(value));

const SPOILS: readonly Spoil[] = [
  // One member is not what it was.
  (random, value) => odd(withMember(random, value)),
  (random, value) => odd(withMember(random, value)),
  (random, value) => odd(withMember(random, value)),
  (random, value) => odd(withMember(random, value)),
  // One is missing, or nobody knows it.
  (random, value) => {
    const gone = random.pick([...Object.keys(value), ""]);
    return odd(Object.fromEntries(Object.entries(value).filter(([key]) => key !== gone)));
  },
  (random, value) => wrong(withStrangeKey(random, value)),
  (random, value) => wrong(withStrangeKey(random, value)),
  // A member twice: which of them counts must not be left to chance.
  (random, value) => {
    const [key, member] = random.pick(
      Object.entries({ ...value, ...(isEmpty(value) && { a: 1 }) }),
    );
    return wrong(`{${jsonOf(key)}:${jsonOf(member)},${jsonOf(value).slice(1)}`);
  },
  // No JSON.
  (_, value) => wrong(`${jsonOf(value)}}`),
  (_, value) => wrong(`${jsonOf(value)} ${jsonOf(value)}`),
  (_, value) => wrong(jsonOf(value).slice(0, -1)),
  (_, value) => wrong(`${jsonOf(value).slice(0, -1)},}`),
  (_, value) => wrong(`/**/${jsonOf(value)}`),
  (_, value) => wrong(`${jsonOf(value)}\0`),
  (_, value) => wrong(jsonOf({ name: "a", ...value }).replaceAll('"', "'")),
  () => wrong("NaN"),
  // Deeper than any stack.
  (random) => wrong("[".repeat(random.pick([100, 10_000, 200_000]))),
  (random) => wrong(nested(random.pick([100, 10_000, 200_000]))),
  (random) => wrong('{"a":'.repeat(random.pick([100, 10_000, 100_000]))),
  // No UTF-8.
  (random, value) => {
    const bad = random.pick([
      "\u00ff",
      "\u00c0\u0080",
      "\u00ed\u00a0\u0080",
      "\u00f4\u0090\u0080\u0080",
      "\u00c3",
    ]);
    return wrong(jsonOf({ ...value, comment: "HERE", name: "HERE" }).replaceAll("HERE", bad));
  },
  // Numbers that no double holds.
  (random, value) => {
    const number = random.pick([
      "1e999",
      "-1e999",
      "1".repeat(400),
      "0x10",
      "01",
      "+1",
      ".5",
      "1.",
    ]);
    const text = jsonOf({ ...value, intervalMillis: 0, sequence: 0 });
    return wrong(text.replaceAll(":0", `:${number}`));
  },
];

/** One change to `value`, an object. */
export function spoil(random: Random, value: Fields): SpoiltJson {
  return random.pick(SPOILS)(random, value);
}

const WRONG_YAML = [
  "a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]",
  "name: !!js/function 'x'\nurl: push:",
  "name: a\nname: b\nurl: push:",
  "--- {name: a, url: 'push:'}\n--- {name: b, url: 'push:'}",
  "name: a\nurl: 'push:'\n<<: {method: GET}",
  "name: 1.10\nurl: 'push:'",
  "name: *nobody\nurl: 'push:'",
  "? [a, b]\n: c",
  "name: a\n\turl: 'push:'",
  "%YAML 9.9\n---\nname: a",
  "[".repeat(5_000),
  "- ".repeat(5_000),
  `servers: &s [${"*s,".repeat(5_000)}]`,
];

/** YAML that is no config, for who takes it for one. */
export function spoilYaml(random: Random): SpoiltJson {
  return wrong(random.pick(WRONG_YAML));
}

function withMember(random: Random, value: Fields): Fields {
  const keys = Object.keys(value);
  if (keys.length === 0) return { a: random.pick(STRANGE_VALUES) };
  const key = random.pick(keys);
  const member = value[key];
  if (key === "url") return { ...value, url: random.pick(STRANGE_URLS) };
  if (key === "address") return { ...value, address: random.pick(STRANGE_ADDRESSES) };
  const inner = Array.isArray(member) ? member[0] : member;
  if (isFields(inner) && !isEmpty(inner) && random.chance(0.7)) {
    const spoilt = withMember(random, inner);
    return { ...value, [key]: Array.isArray(member) ? [spoilt, ...member.slice(1)] : spoilt };
  }
  return { ...value, [key]: random.pick(STRANGE_VALUES) };
}

/** Written out, since some of these keys do something else in an object literal. */
function withStrangeKey(random: Random, value: Fields): string {
  const rest = jsonOf(value).slice(1);
  const member = random.pick(['{"polluted":true}', "1", "null", '"x"']);
  return `{${jsonOf(random.pick(STRANGE_KEYS))}:${member}${rest === "}" ? "" : ","}${rest}`;
}

function nested(depth: number): string {
  return `${"[".repeat(depth)}${"]".repeat(depth)}`;
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}
