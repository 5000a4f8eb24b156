import { describe, expect, test } from "bun:test";
import { keyValueModel, type KeyValueInput, type KeyValueOutput } from "./key_value.ts";
import { expectTrueHints } from "./_test_hints.ts";

const key = "k";
const get = { kind: "get", key } as const;

const operation = (name: string, at: number) => ({
  process: 0,
  input: { kind: "get", key: name } as const,
  output: { value: "" },
  invokedAt: at,
  returnedAt: at,
});

describe("keyValueModel", () => {
  test("begins with the empty text", () => {
    expect(keyValueModel.initial).toBe("");
  });

  test("gets what is there, and nothing else", () => {
    expect(keyValueModel.step("a", get, { value: "a" })).toBe("a");
    expect(keyValueModel.step("a", get, { value: "" })).toBeUndefined();
    expect(keyValueModel.step("a", get, { isApplied: true })).toBeUndefined();
    expect(keyValueModel.step("a", get, undefined)).toBe("a");
  });

  test("puts in place of what is there, and appends behind it", () => {
    const put = { kind: "put", key, value: "b" } as const;
    const append = { kind: "append", key, value: "b" } as const;
    expect(keyValueModel.step("a", put, { isApplied: true })).toBe("b");
    expect(keyValueModel.step("a", append, { isApplied: true })).toBe("ab");
    expect(keyValueModel.step("a", append, undefined)).toBe("ab");
    expect(keyValueModel.step("a", append, { value: "ab" })).toBeUndefined();
  });

  test("keys have nothing to do with each other", () => {
    const history = [operation("a", 1), operation("b", 2), operation("a", 3)];
    expect([...keyValueModel.partition!(history)]).toEqual([
      [history[0]!, history[2]!],
      [history[1]!],
    ]);
  });

  test("its hints are true", () => {
    const short = ["", "a", "b"];
    const states = short.flatMap((a) => short.flatMap((b) => short.map((c) => a + b + c)));
    const texts = ["", "a", "b", "ab", "ba"];
    const inputs: KeyValueInput[] = [
      get,
      ...texts.map((value) => ({ kind: "put", key, value }) as const),
      ...texts.map((value) => ({ kind: "append", key, value }) as const),
    ];
    const outputs: KeyValueOutput[] = [...states.map((value) => ({ value })), { isApplied: true }];
    const distinct = [...new Set(states)];
    expectTrueHints(keyValueModel, {
      states: distinct,
      inputs,
      outputs: outputs.filter(
        (output, index) =>
          index === outputs.findIndex((other) => JSON.stringify(other) === JSON.stringify(output)),
      ),
    });
  });
});
