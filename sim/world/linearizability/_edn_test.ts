import { describe, expect, test } from "bun:test";
import { readEdn } from "./_edn.ts";

/** The whole text as one value. */
function read(text: string): unknown {
  const result = readEdn(text, 0);
  return result?.end === text.length ? result.value : undefined;
}

describe("readEdn()", () => {
  test("reads nil, whole numbers, texts and tokens", () => {
    expect(read("nil")).toBeNull();
    expect([read("0"), read("-12"), read(" 7 ")]).toEqual([0, -12, 7]);
    expect(read('"x 0 0 y"')).toBe("x 0 0 y");
    expect(read(":timed-out")).toEqual({ token: ":timed-out" });
    expect(read("1.5")).toEqual({ token: "1.5" });
  });

  test("a number that is not exact stays a token, so that no two become one", () => {
    expect(read("9007199254740993")).toEqual({ token: "9007199254740993" });
  });

  test("reads what is escaped in a text", () => {
    expect(read(String.raw`"a\"b\\c\n\tA"`)).toBe('a"b\\c\n\tA');
    expect(read('""')).toBe("");
    expect(read('"[},;"')).toBe("[},;");
  });

  test("reads lists and maps, with commas or without", () => {
    expect(read("[3 0]")).toEqual([3, 0]);
    expect(read("[3, [nil]]")).toEqual([3, [null]]);
    expect(read("()")).toEqual([]);
    expect(read('{:f :read, :value nil "x" {:a 1}}')).toEqual(
      new Map<string, unknown>([
        [":f", { token: ":read" }],
        [":value", null],
      ]),
    );
  });

  test("says where the value ends", () => {
    expect(readEdn("[1 2]  :x", 0)).toEqual({ value: [1, 2], end: 7 });
    expect(readEdn("[1 2]  :x", 7)).toEqual({ value: { token: ":x" }, end: 9 });
  });

  test("there is no value in what is cut off, or was never one", () => {
    const wrong = ["", "  ", '"x', '"x\\"', "[1", "[1}", "{:a}", "{:a 1 :a 2}", "{:a 1", "]", ";x"];
    for (const text of wrong)
      expect({ text, value: read(text) }).toEqual({ text, value: undefined });
    expect(read("[".repeat(100_000))).toBeUndefined();
  });
});
