import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { smallestFailingPrefix } from "./failing_prefix.ts";
import { isOutcomeUnknown, type Operation } from "./operation.ts";
import { registerModel, type RegisterInput, type RegisterOutput } from "./register.ts";
import { registerHistory, spoiled } from "./_test_histories.ts";
import { isLinearizableByTrial } from "./_test_twin.ts";

type RegisterOperation = Operation<RegisterInput, RegisterOutput>;

const write = (value: number, invokedAt: number, returnedAt: number): RegisterOperation => ({
  process: 0,
  input: { kind: "write", value },
  output: { isApplied: true },
  invokedAt,
  returnedAt,
});
const read = (value: number, invokedAt: number, returnedAt: number): RegisterOperation => ({
  process: 1,
  input: { kind: "read" },
  output: { value },
  invokedAt,
  returnedAt,
});

describe("smallestFailingPrefix()", () => {
  test("ends with the first return that does not fit, and leaves out what came after", () => {
    const [first, second, stale] = [write(1, 1, 2), write(2, 3, 9), read(3, 4, 6)];
    const history = [first, second, stale, read(2, 7, 8), write(4, 10, 11)];
    expect(smallestFailingPrefix(registerModel, history)).toEqual({
      operations: [first, { ...second, output: undefined, returnedAt: Infinity }, stale],
      last: stale,
    });
  });

  test("there is none where nothing is known to be wrong", () => {
    expect(smallestFailingPrefix(registerModel, [write(1, 1, 2), read(1, 3, 4)])).toBeUndefined();
    const wrong = [write(1, 1, 2), read(2, 3, 4), read(1, 5, 6)];
    expect(smallestFailingPrefix(registerModel, wrong)).toBeDefined();
  });

  test("it fails, and one return less does not", () => {
    fc.assert(
      fc.property(spoiled(registerHistory(8)), (history) => {
        const found = smallestFailingPrefix(registerModel, history);
        expect(found === undefined).toBe(isLinearizableByTrial(registerModel, history));
        if (found === undefined) return;
        const { operations, last } = found;
        expect(isLinearizableByTrial(registerModel, operations)).toBe(false);
        expect(last.returnedAt).toBe(
          Math.max(
            ...operations.filter((each) => !isOutcomeUnknown(each)).map((each) => each.returnedAt),
          ),
        );
        const before = operations.map((operation) =>
          operation.returnedAt < last.returnedAt
            ? operation
            : { ...operation, output: undefined, returnedAt: Infinity },
        );
        expect(isLinearizableByTrial(registerModel, before)).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });
});
