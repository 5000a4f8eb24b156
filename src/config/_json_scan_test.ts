import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { scanJson, type WantedPaths } from "./_json_scan.ts";

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

const EDITS = '{}[],:"\\ \n\t0-.eE+truefalsn\u0001é'.split("");

/** JSON with a few characters taken out, put in or swapped: mostly not JSON any more, but nearly. */
const almostJson = fc
  .tuple(
    fc.json({ depthSize: "small" }),
    fc.array(fc.tuple(fc.nat(), fc.nat(2), fc.constantFrom(...EDITS)), {
      maxLength: 3,
    }),
  )
  .map(([json, edits]) =>
    edits.reduce((text, [position, removed, inserted]) => {
      const at = position % (text.length + 1);
      return text.slice(0, at) + inserted + text.slice(at + removed);
    }, json),
  );

const node = (...steps: [string | number, WantedPaths][]): WantedPaths => ({
  offset: -1,
  steps: new Map(steps),
});

describe("scanJson()", () => {
  test("accepts exactly what JSON.parse accepts", () => {
    fc.assert(
      fc.property(fc.oneof(almostJson, fc.json(), fc.string()), (text) => {
        expect(scanJson(text).ok).toBe(isJson(text));
      }),
      { numRuns: 5_000 },
    );
  });

  test("accepts exactly what JSON.parse accepts, at the edges of the grammar", () => {
    const texts = [
      "",
      " ",
      "-",
      "-0",
      "00",
      "01",
      "1.",
      ".1",
      "1e",
      "1e+5",
      "+1",
      "tru",
      "truex",
      "nul",
    ];
    texts.push(
      '"',
      '"\\"',
      '"\\u12"',
      '"\\u12fF"',
      '"\\x"',
      '"\t"',
      '"\u007f"',
      "[1,]",
      "[,1]",
      "{,}",
    );
    texts.push(
      "[]]",
      "{}{}",
      '{"a"}',
      '{"a":}',
      "{a:1}",
      "'a'",
      "\u00a01",
      "\uFEFF1",
      "1 // x",
      "NaN",
      "Infinity",
    );
    for (const text of texts) expect([text, scanJson(text).ok]).toEqual([text, isJson(text)]);
  });

  test("names keys that stand twice in one object, escaped or not, and no others", () => {
    const text = '{"a": [{"b": 1, "\\u0062": 2, "c": {"b": 3}}], "d": {"a": 1}}';
    expect(scanJson(text)).toEqual({ ok: true, duplicates: [["a", 0, "b"]] });
    fc.assert(
      fc.property(fc.json(), (json) => {
        expect(scanJson(json)).toEqual({ ok: true, duplicates: [] });
      }),
      { numRuns: 300 },
    );
  });

  test("says where the text stops being JSON", () => {
    expect(scanJson('{"a": 1 "b": 2}')).toMatchObject({ ok: false, offset: 8 });
    expect(scanJson('[1, "x')).toMatchObject({ ok: false, offset: 6 });
  });

  test("refuses a text that nests too deep, whatever its size", () => {
    const text = "[".repeat(1_000_000);
    expect(scanJson(text)).toEqual({ ok: false, offset: 64, message: "nested more than 64 deep" });
    expect(scanJson("[".repeat(64) + "]".repeat(64)).ok).toBe(true);
  });

  test("finds wanted paths at their key, at their element, and not at all", () => {
    const second = node();
    const missing = node();
    const b = node(["c", missing]);
    const text = '{"a": [10, 20], "b": {}}';
    scanJson(text, node(["a", node([1, second])], ["b", b]));
    expect([second.offset, b.offset, missing.offset]).toEqual([11, 16, -1]);
  });
});
