import { describe, expect, test } from "bun:test";
import { judgeHistory } from "./check.ts";
import { keyValueModel } from "./key_value.ts";
import { withoutHints } from "./_test_twin.ts";

const get = (key: string, value: string, moment: number) => ({
  process: 0,
  input: { kind: "get", key } as const,
  output: { value },
  invokedAt: moment,
  returnedAt: moment,
});

describe("judgeHistory()", () => {
  test("keys are judged each for itself, and the culprit is named", () => {
    const [right, wrong] = [get("a", "", 1), get("b", "x", 2)];
    expect(judgeHistory(keyValueModel, [right, wrong])).toMatchObject({
      verdict: "not-linearizable",
      culprit: [wrong],
    });
    expect(judgeHistory(keyValueModel, [right]).culprit).toBeUndefined();
  });

  test("a key that is too hard does not hide another that is wrong", () => {
    const appends = Array.from({ length: 30 }, (_, index) => ({
      process: index,
      input: { kind: "append", key: "hard", value: `${index % 7}` } as const,
      output: { isApplied: true } as const,
      invokedAt: index,
      returnedAt: 100 + index,
    }));
    const hard = [...appends, get("hard", "0".repeat(30), 200)];
    const options = { maxSteps: 5_000 };
    const model: typeof keyValueModel = {
      ...withoutHints(keyValueModel),
      partition: (history) => keyValueModel.partition!(history),
    };
    expect(judgeHistory(model, hard, options).verdict).toBe("unknown");
    for (const history of [
      [...hard, get("b", "x", 2)],
      [get("b", "x", 2), ...hard],
    ]) {
      expect(judgeHistory(model, history, options).verdict).toBe("not-linearizable");
    }
  });
});
