import { describe, expect, test } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import * as fc from "fast-check";
import { anyTargetInput } from "../../test/kit/arbitrary_target.ts";
import { decodeTarget, decodeTargetText } from "./decode_target.ts";
import { formatConfigError } from "./errors.ts";
import { TargetInputSchema } from "./target_input.ts";
import { DEFAULTS, TargetSchema, type Target } from "./target.ts";

const URL_1 = "http://10.1.0.101:8080/heartbeat";

function decoded(input: unknown): Target {
  const result = decodeTarget(input);
  if (!result.ok) throw new Error(result.errors.map(formatConfigError).join("\n"));
  return result.target;
}

/** `field: message` of every error. */
function errorsOf(input: unknown): string[] {
  const result = decodeTarget(input);
  return result.ok ? [] : result.errors.map(formatConfigError);
}

describe("decodeTarget()", () => {
  test("fills in the defaults", () => {
    expect(decoded({ name: "server1", url: URL_1 })).toEqual({
      name: "server1",
      url: URL_1,
      intervalMillis: 1_000,
      timeoutMillis: 5_000,
      method: "GET",
      headers: {},
      expect: { status: ["200-299"], maxBodyBytes: 65_536 },
      tls: { insecureSkipVerify: false },
      connection: "reuse",
      labels: {},
      monitor: {
        model: "akka",
        threshold: 16,
        suspectRatio: 0.5,
        upAfterHeartbeats: 2,
        maxSampleSize: 200,
        minStdDeviationMillis: 500,
        acceptableHeartbeatPauseMillis: 0,
        firstHeartbeatEstimateMillis: 1_000,
        mistakeMaxMillis: 60_000,
      },
    });
  });

  test("takes the interval as the first estimate", () => {
    const { monitor } = decoded({ name: "a", url: URL_1, intervalMillis: 250 });
    expect(monitor.firstHeartbeatEstimateMillis).toBe(250);
  });

  test("publishes the defaults that it fills in", () => {
    const { properties } = TargetSchema;
    const published: unknown = {
      intervalMillis: properties.intervalMillis.default,
      timeoutMillis: properties.timeoutMillis.default,
      connection: properties.connection.default,
      method: TargetInputSchema.properties.method.default,
      expect: defaultsOf(properties.expect.properties),
      tls: defaultsOf(properties.tls.properties),
      monitor: defaultsOf(properties.monitor.properties),
    };
    expect(published).toEqual(structuredClone(DEFAULTS));
  });

  test("shares the defaults between targets, and equal monitor settings", () => {
    const a = decoded({ name: "a", url: URL_1, monitor: { threshold: 8 } });
    const b = decoded({
      name: "b",
      url: URL_1,
      monitor: { threshold: 8 },
      headers: {},
      expect: {},
    });
    for (const key of ["headers", "expect", "tls", "labels", "monitor"] as const) {
      expect(b[key]).toBe(a[key]);
      expect(Object.isFrozen(a[key])).toBe(true);
    }
    expect(decoded({ name: "c", url: URL_1, monitor: { threshold: 9 } }).monitor).not.toBe(
      a.monitor,
    );
  });

  test("is not changed by what happens to its input afterwards", () => {
    const input = { name: "a", url: URL_1, headers: { X: "1" }, expect: { status: [200] } };
    const target = decoded(input);
    input.headers.X = "\r\n";
    input.expect.status[0] = -1;
    expect([target.headers, target.expect.status]).toEqual([{ X: "1" }, [200]]);
  });

  test("accepts the walk-through's target, and its whole number as a name", () => {
    const body = `{"name":10,"url":"http://10.1.0.110:8080/heartbeat","monitor":{"threshold":16.0,
      "maxSampleSize":200,"minStdDeviationMillis":500,"acceptableHeartbeatPauseMillis":0,
      "firstHeartbeatEstimateMillis":500}}`;
    const result = decodeTargetText(new TextEncoder().encode(body));
    expect(result.ok && result.target.name).toBe("10");
  });

  test.each([
    [0, "0"],
    [-5, "-5"],
    [2 ** 53 - 1, "9007199254740991"],
    ["a.b_c:d-e", "a.b_c:d-e"],
    ["...", "..."],
    ["a".repeat(128), "a".repeat(128)],
  ])("takes %p as a name", (name, text) => {
    expect(decoded({ name, url: "push:" }).name).toBe(text);
  });

  test.each([
    2 ** 53,
    1.5,
    Number.NaN,
    Infinity,
    "",
    ".",
    "..",
    "a b",
    "a/b",
    "ä",
    "a\n",
    "a".repeat(129),
    null,
    true,
    {},
  ])("refuses %p as a name", (name) => {
    expect(errorsOf({ name, url: "push:" })).toHaveLength(1);
  });

  test.each([
    "http://a",
    "https://a.b:8443/x?y=z",
    "HTTP://A/",
    "http://[::1]:80/",
    "http://1.2.3.4/@",
    "http://h/?user@host",
    "http://bücher.example/",
  ])("takes %p as a url", (url) => {
    expect(decoded({ name: "a", url }).url).toBe(url);
  });

  test.each([
    "",
    "push",
    "push:x",
    "PUSH:",
    "ftp://a/",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "http:a",
    "http:/a",
    "//a",
    "http://",
    "http://?",
    "http://u@h/",
    "http://u:p@h/",
    "http://:p@h/",
    "http://@h/",
    "http:\\\\u:p@h/",
    "http:///u:p@h/",
    "ht\ttp://h/",
    " http://h/",
    "http://h/\n",
    "http://h/#",
    "http://h:0/",
    "http://h:65536/",
    "http://h:-1/",
    "http://[::1/",
    "http://[fe80::1%25eth0]/",
    "http://1.2.3.256/",
    "http://a b/",
    "http://h/\ud800",
    `http://h/${"x".repeat(2_048)}`,
  ])("refuses %p as a url", (url) => {
    expect(errorsOf({ name: "a", url })).toHaveLength(1);
  });

  test("never repeats what could be a secret", () => {
    const secret = "hunter2";
    const inputs = [
      { url: `http://user:${secret}@host/` },
      { url: `http:user:${secret}@host/` },
      { url: `https://x ${secret}@host/` },
      { url: `http://user:${secret}@host/${"x".repeat(3_000)}` },
      { url: `ftp://user:${secret}@host/` },
      { url: URL_1, headers: { Authorization: `Bearer ${secret}` } },
      { url: URL_1, headers: { "X-Key": `${secret}\n` } },
      { url: URL_1, headers: { "X-Key": [secret] } },
      { url: URL_1, headers: secret },
      { url: URL_1, basicAuth: { user: "u", password: secret } },
      { url: URL_1, basicAuth: secret },
    ];
    for (const input of inputs) {
      const errors = errorsOf({ name: "a", ...input });
      expect(errors).not.toEqual([]);
      expect(errors.join("\n")).not.toContain(secret);
    }
  });

  test("names the place of every fault at once, as a field and as a JSON Pointer", () => {
    const result = decodeTarget({
      name: "a b",
      url: URL_1,
      headers: { "a/b~c d": "x" },
      expect: { status: [200, "x"] },
      monitor: { threshold: -1 },
    });
    expect(result.ok ? [] : result.errors.map(({ field, pointer }) => [field, pointer])).toEqual([
      ["monitor.threshold", "/monitor/threshold"],
      ["name", "/name"],
      ["expect.status[1]", "/expect/status/1"],
      ['headers["a/b~c d"]', "/headers/a~1b~0c d"],
    ]);
  });

  test("refuses what cannot be made a text, wherever it is", () => {
    for (const field of ALL_FIELDS) {
      const [key = "", member] = field.split(".");
      const value = { toString: 0, valueOf: 0 };
      const input = {
        name: "a",
        url: URL_1,
        [key]: member === undefined ? value : { [member]: value },
      };
      expect(errorsOf(input)).not.toEqual([]);
    }
  });

  test("takes __proto__ as a key like any other", () => {
    const input: unknown = JSON.parse(
      `{"name":"a","url":"${URL_1}","headers":{"__proto__":"x"},"__proto__":{"method":"POST"}}`,
    );
    expect(errorsOf(input)).toEqual([expect.stringMatching(/^__proto__: unknown key/)]);
    const { headers } = decoded(
      JSON.parse(`{"name":"a","url":"${URL_1}","headers":{"__proto__":"x"}}`),
    );
    expect(Object.entries(headers)).toEqual([["__proto__", "x"]]);
    expect(
      errorsOf(JSON.parse(`{"name":"a","url":"push:","labels":{"__proto__":"x"}}`)),
    ).toHaveLength(1);
  });

  test("never throws, and says what is wrong whenever it refuses", () => {
    const inputs = fc.oneof(
      fc.anything({ withNullPrototype: true, withBigInt: true, withDate: true, withMap: true }),
      // Valid ones with one field replaced by anything, at any depth.
      fc
        .tuple(anyTargetInput, fc.constantFrom(...ALL_FIELDS), fc.anything())
        .map(([input, path, value]) => {
          const [key = "", member] = path.split(".");
          const old: unknown = (input as Record<string, unknown>)[key];
          const replaced = member === undefined ? value : { ...Object(old ?? {}), [member]: value };
          return { ...input, [key]: replaced };
        }),
    );
    fc.assert(
      fc.property(inputs, (input) => {
        const result = decodeTarget(input);
        if (result.ok) expect(Value.Check(TargetSchema, result.target)).toBe(true);
        else expect(result.errors.every(({ message }) => message.length > 5)).toBe(true);
        expect(result.ok || result.errors.length > 0).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });
});

const ALL_FIELDS = [
  ...Object.keys(TargetInputSchema.properties),
  ...Object.keys(TargetSchema.properties.expect.properties).map((key) => `expect.${key}`),
  ...Object.keys(TargetSchema.properties.tls.properties).map((key) => `tls.${key}`),
  ...Object.keys(TargetSchema.properties.monitor.properties).map((key) => `monitor.${key}`),
  "basicAuth.user",
  "basicAuth.passwordFile",
  "headers.X-A",
  "labels.team",
];

function defaultsOf(properties: Record<string, { default?: unknown }>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(properties)
      .filter(([, schema]) => schema.default !== undefined)
      .map(([key, schema]) => [key, schema.default]),
  );
}

describe("decodeTargetText()", () => {
  test("says on which line, besides which field", () => {
    const result = decodeTargetText(
      '{"name": "a",\n "url": "push:",\n "monitor": {"threshold": 0}}',
    );
    expect(result.ok ? [] : result.errors).toEqual([
      {
        line: 3,
        column: 14,
        field: "monitor.threshold",
        pointer: "/monitor/threshold",
        message: "must be a number > 0 and at most 1000, received 0",
      },
    ]);
  });

  test("reads YAML if it is told to, names as they are written", () => {
    const result = decodeTargetText("name: 010\nurl: 'push:'\n", "yaml");
    expect(result.ok && result.target.name).toBe("010");
    const fraction = decodeTargetText("name: 1.10\nurl: 'push:'\n", "yaml");
    expect(fraction.ok ? [] : fraction.errors.map(formatConfigError)).toEqual([
      'line 1: name: is read by YAML as the number 1.1; put it in quotes: "1.10"',
    ]);
  });

  test("refuses keys that stand twice", () => {
    const result = decodeTargetText('{"name": "a", "url": "push:", "name": "b"}');
    expect(result.ok ? [] : result.errors.map(formatConfigError)).toEqual([
      "line 1: name: stands twice in the same object; remove one",
    ]);
  });

  test.each(["", "null", "[]", "5", "{", "nope", "\0", "{}", '{"name":"a"}'])(
    "refuses %j",
    (text) => {
      const result = decodeTargetText(text);
      expect(result.ok || result.errors.length).toBeGreaterThan(0);
      expect(result.ok).toBe(false);
    },
  );

  test("takes a byte-order mark, and refuses bytes that are not UTF-8", () => {
    const body = new TextEncoder().encode('\uFEFF{"name":"a","url":"push:"}');
    expect(decodeTargetText(body).ok).toBe(true);
    body[body.length - 3] = 0xff;
    expect(decodeTargetText(body)).toMatchObject({ ok: false, errors: [{ line: 1, pointer: "" }] });
  });
});
