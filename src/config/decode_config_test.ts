import { describe, expect, spyOn, test } from "bun:test";
import * as fc from "fast-check";
import { anyServers } from "../../test/kit/arbitrary_target.ts";
import { decodeConfig, decodeConfigText } from "./decode_config.ts";
import { encodeConfigJson, encodeConfigYaml } from "./encode.ts";
import { formatConfigError } from "./errors.ts";
import { MAX_CONFIG_BYTES, MAX_TARGETS } from "./target.ts";

/** The lines that a text earns. */
function linesOf(source: string | Uint8Array, file = "f.yml"): string[] {
  const result = decodeConfigText(source, file);
  return result.ok ? [] : result.errors.map(formatConfigError);
}

const TARGET = { name: "a", url: "push:" };

describe("decodeConfigText()", () => {
  test("goes by the file's name, else by the text, unless it is told", () => {
    const json = '{"servers": [{"name": 1.10, "url": "push:"}]}';
    const asJson = expect.stringContaining("must be text or a whole number, received 1.1");
    const asYaml = expect.stringContaining('put it in quotes: "1.10"');
    expect(linesOf(json, "f.json")).toEqual([asJson]);
    expect(linesOf(json, "f.JSON")).toEqual([asJson]);
    expect(linesOf(json, "f.yaml")).toEqual([asYaml]);
    expect(linesOf(json, "f")).toEqual([asJson]);
    expect(linesOf("servers: [{name: 1.10, url: 'push:'}]", "f")).toEqual([asYaml]);
    expect(linesOf("{servers: [{name: 1.10, url: 'push:'}]}", "f")).toEqual([asYaml]);
    const told = decodeConfigText(json, "f.yml", "json");
    expect(told.ok ? [] : told.errors.map(formatConfigError)).toEqual([asJson]);
  });

  test("leaves out of an error what it does not know", () => {
    expect(decodeConfigText("")).toEqual({
      ok: false,
      errors: [
        expect.objectContaining({ field: "", pointer: "", line: 1, message: expect.any(String) }),
      ],
    });
    const byValue = decodeConfig({ servers: [{ ...TARGET, url: "x" }] });
    expect(byValue.ok ? [] : Object.keys(byValue.errors[0]!)).toEqual([
      "field",
      "pointer",
      "message",
    ]);
  });

  test("points at the line of the fault, through all that is written around it", () => {
    fc.assert(
      fc.property(anyServers, fc.nat(), fc.boolean(), (inputs, nth, asJson) => {
        fc.pre(inputs.length > 0);
        const decoded = decodeConfig({ servers: inputs });
        if (!decoded.ok) throw new Error("an arbitrary config is not valid");
        const text = asJson ? encodeConfigJson(decoded.targets) : encodeConfigYaml(decoded.targets);
        const starts = [...text.matchAll(asJson ? /^\{"name":/gm : /^ {2}- name:/gm)];
        const start = starts[nth % starts.length]!.index;
        const wrong = asJson ? '{"retries":1,' : "  - retries: 1\n    ";
        const bad = text.slice(0, start) + wrong + text.slice(start + (asJson ? 1 : 4));
        const line = text.slice(0, start).split("\n").length;
        expect(linesOf(bad, asJson ? "f.json" : "f.yml")).toEqual([
          expect.stringContaining(`:${line}: servers[${nth % starts.length}].retries: unknown key`),
        ]);
      }),
      { numRuns: 200 },
    );
  });

  test("never throws on a text, however it is mangled", () => {
    const mangled = fc
      .tuple(
        anyServers,
        fc.boolean(),
        fc.array(fc.tuple(fc.nat(), fc.nat(4), fc.string({ unit: "binary", maxLength: 3 })), {
          minLength: 1,
          maxLength: 4,
        }),
      )
      .map(([inputs, asJson, edits]) => {
        const decoded = decodeConfig({ servers: inputs });
        const targets = decoded.ok ? decoded.targets : [];
        const text = asJson ? encodeConfigJson(targets) : encodeConfigYaml(targets);
        return edits.reduce((before, [position, removed, inserted]) => {
          const at = position % (before.length + 1);
          return before.slice(0, at) + inserted + before.slice(at + removed);
        }, text);
      });
    fc.assert(
      fc.property(
        fc.oneof(mangled, fc.string({ unit: "binary" })),
        fc.constantFrom("f.yml", "f.json", "f"),
        (text, file) => {
          const result = decodeConfigText(text, file);
          expect(result.ok || result.errors.length > 0).toBe(true);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  test("never throws on bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(decodeConfigText(bytes).ok).toBe(false);
      }),
      { numRuns: 500 },
    );
  });

  test("takes Windows line ends, a byte-order mark and text without a last line end", () => {
    const text = "\uFEFFservers:\r\n  - name: a\r\n    url: 'push:'";
    expect(linesOf(new TextEncoder().encode(text))).toEqual([]);
    expect(linesOf(text)).toEqual([]);
  });
});

describe("limits", () => {
  test("8 MiB is read, a byte more is not", () => {
    const body = new Uint8Array(MAX_CONFIG_BYTES).fill(0x20);
    body.set(new TextEncoder().encode('{"servers":[]}'));
    expect(linesOf(body, "f.json")).toEqual([]);
    const text = new TextDecoder().decode(body);
    const tooLong = [expect.stringContaining("at most 8388608 bytes")];
    expect(linesOf(`${text} `, "f.json")).toEqual(tooLong);
    expect(linesOf(text.replace(/ $/, "é"), "f.json")).toEqual(tooLong);
    expect(linesOf(new Uint8Array(MAX_CONFIG_BYTES + 1), "f.json")).toEqual(tooLong);
  });

  test("100,000 targets are taken, one more is not", () => {
    const servers = Array.from({ length: MAX_TARGETS + 1 }, (_, i) => ({ name: i, url: "push:" }));
    expect(decodeConfig({ servers: servers.slice(1) }).ok).toBe(true);
    const result = decodeConfig({ servers });
    expect(result.ok ? [] : result.errors.map(formatConfigError)).toEqual([
      "servers: must be at most 100000 targets, received 100001",
    ]);
  });

  test("a hundred faults are shown, however many there are", () => {
    const servers = Array.from({ length: 1_000 }, () => ({ x: 1 }));
    expect(linesOf(JSON.stringify({ servers }), "f.json")).toHaveLength(100);
    const keys = Array.from({ length: 1_000 }, (_, i) => [`k${i}`, 1]);
    expect(linesOf(JSON.stringify({ servers: [Object.fromEntries(keys)] }), "f.json")).toHaveLength(
      100,
    );
    expect(linesOf(`servers: [{${"a, ".repeat(1_000)}}]`).length).toBeLessThanOrEqual(100);
  });

  test("of unknown keys no more are looked at than are shown", () => {
    const keys = Array.from({ length: 10_000 }, (_, i) => [`a${i}`, 0]);
    // What each was meant to be is looked for in lower case.
    const folding = spyOn(String.prototype, "toLowerCase");
    const result = decodeConfig(Object.fromEntries([...keys, ["servers", []]]));
    const foldedCount = folding.mock.calls.length;
    folding.mockRestore();
    expect(result.ok ? [] : result.errors).toHaveLength(100);
    expect(foldedCount).toBeWithin(100, 1_000);
  });

  test("aliases unfold in proportion to the text", () => {
    const laughs = "bcdefghij".split("").map((key, index) => {
      const alias = `*${"abcdefghi"[index]}`;
      return `${key}: &${key} [${Array(10).fill(alias).join(", ")}]`;
    });
    const bomb = `a: &a [lol]\n${laughs.join("\n")}\nservers: *j\n`;
    expect(linesOf(bomb)).toContainEqual(expect.stringContaining("servers[0]: must be an object"));
    const many = `x: &x 1\nservers: [${"*x, ".repeat(10_001)}]`;
    expect(linesOf(many)).toEqual([expect.stringContaining("more than 10000 aliases")]);
    expect(linesOf("servers: &s [*s]")).toEqual([expect.stringContaining("alias of &s")]);
  });

  test.each([
    ["[", 100_000],
    ["{a: ", 20_000],
    ["- ", 100_000],
    ["? ", 100_000],
    ["a: [", 20_000],
    ['{"servers":', 100_000],
  ])("%j a great many times is refused", (opening, times) => {
    for (const file of ["f.yml", "f.json", "f"]) {
      expect(linesOf(opening.repeat(times), file)).toHaveLength(1);
    }
  });
});

describe("formatConfigError()", () => {
  test("is file:line: field: message, of what is known", () => {
    const error = { field: "servers[0].url", pointer: "/servers/0/url", message: "is wrong" };
    expect(formatConfigError({ ...error, file: "f.yml", line: 3 })).toBe(
      "f.yml:3: servers[0].url: is wrong",
    );
    expect(formatConfigError({ ...error, file: "f.yml" })).toBe("f.yml: servers[0].url: is wrong");
    expect(formatConfigError({ ...error, line: 3 })).toBe("line 3: servers[0].url: is wrong");
    expect(formatConfigError(error)).toBe("servers[0].url: is wrong");
    expect(formatConfigError({ ...error, field: "" })).toBe("is wrong");
  });
});
