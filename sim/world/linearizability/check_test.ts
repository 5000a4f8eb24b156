import { describe, expect, test } from "bun:test";
import { checkLinearizability, judgeHistory } from "./check.ts";
import type { Operation } from "./operation.ts";
import {
  registerModel,
  type RegisterInput,
  type RegisterOutput,
  type RegisterValue,
} from "./register.ts";
import { withoutHints } from "./_test_twin.ts";

type RegisterOperation = Operation<RegisterInput, RegisterOutput>;

/** Who called is of no matter here. */
function operation(
  input: RegisterInput,
  output: RegisterOutput | undefined,
  invokedAt: number,
  returnedAt: number,
): RegisterOperation {
  return { process: 0, input, output, invokedAt, returnedAt };
}

const read = (value: RegisterValue, invokedAt: number, returnedAt: number) =>
  operation({ kind: "read" }, { value }, invokedAt, returnedAt);
const write = (value: RegisterValue, invokedAt: number, returnedAt: number) =>
  operation({ kind: "write", value }, { isApplied: true }, invokedAt, returnedAt);
const lostWrite = (value: RegisterValue, invokedAt: number) =>
  operation({ kind: "write", value }, undefined, invokedAt, Infinity);
const compareAndSet = (
  [expected, replacement]: readonly [RegisterValue, RegisterValue],
  isApplied: boolean,
  invokedAt: number,
  returnedAt: number,
) =>
  operation({ kind: "compareAndSet", expected, replacement }, { isApplied }, invokedAt, returnedAt);
const lostCompareAndSet = (
  expected: RegisterValue,
  replacement: RegisterValue,
  invokedAt: number,
) => operation({ kind: "compareAndSet", expected, replacement }, undefined, invokedAt, Infinity);

const check = (...history: RegisterOperation[]) => checkLinearizability(registerModel, history);

describe("checkLinearizability()", () => {
  test("an empty history is linearizable", () => {
    expect(check()).toBe("linearizable");
  });

  test("a read finds what was written before it, and nothing older", () => {
    expect(check(write(1, 1, 2), read(1, 3, 4))).toBe("linearizable");
    expect(check(write(1, 1, 2), read(null, 3, 4))).toBe("not-linearizable");
    expect(check(write(1, 1, 2), write(2, 3, 4), read(1, 5, 6))).toBe("not-linearizable");
  });

  test("what overlaps takes effect in either order", () => {
    expect(check(write(1, 1, 4), read(null, 2, 3))).toBe("linearizable");
    expect(check(write(1, 1, 4), read(1, 2, 3))).toBe("linearizable");
    expect(check(write(1, 1, 9), read(1, 2, 3), read(null, 4, 5))).toBe("not-linearizable");
  });

  test("a call at the moment of a return overlaps with it", () => {
    expect(check(write(1, 1, 2), read(null, 2, 3))).toBe("linearizable");
    expect(check(write(1, 1, 1), read(null, 1, 1))).toBe("linearizable");
    expect(check(write(1, 1, 2), read(null, 2.5, 3))).toBe("not-linearizable");
  });

  test("the order in which the operations are listed is of no matter", () => {
    expect(check(read(1, 3, 4), write(1, 1, 2))).toBe("linearizable");
    expect(check(read(null, 3, 4), write(1, 1, 2))).toBe("not-linearizable");
  });

  test("a compare-and-set is refused by anything but what it expects", () => {
    expect(check(compareAndSet([null, 1], true, 1, 2), read(1, 3, 4))).toBe("linearizable");
    expect(check(compareAndSet([null, 1], false, 1, 2))).toBe("not-linearizable");
    expect(check(compareAndSet([7, 1], false, 1, 2), read(null, 3, 4))).toBe("linearizable");
    expect(check(compareAndSet([null, 1], true, 1, 5), compareAndSet([null, 2], true, 2, 6))).toBe(
      "not-linearizable",
    );
  });

  test("a write of unknown outcome takes effect at any time after its call, once, or never", () => {
    expect(check(lostWrite(1, 1), read(null, 2, 3))).toBe("linearizable");
    expect(check(lostWrite(1, 1), read(null, 2, 3), read(1, 4, 5))).toBe("linearizable");
    expect(check(read(1, 1, 2), lostWrite(1, 3))).toBe("not-linearizable");
    expect(check(lostWrite(1, 1), read(1, 2, 3), write(2, 4, 5), read(1, 6, 7))).toBe(
      "not-linearizable",
    );
  });

  test("an outcome is unknown where there is no output or no return", () => {
    const { input } = lostWrite(1, 1);
    const isLater = [read(null, 3, 4), read(1, 5, 6)];
    expect(check(operation(input, undefined, 1, 2), ...isLater)).toBe("linearizable");
    expect(check(operation(input, { isApplied: true }, 1, Infinity), ...isLater)).toBe(
      "linearizable",
    );
    expect(check(read(7, 1, Infinity))).toBe("linearizable");
  });

  test("what nobody reads may have come between, for a compare-and-set to be refused", () => {
    const refused = compareAndSet([1, 3], false, 3, 4);
    expect(check(write(1, 1, 2), refused)).toBe("not-linearizable");
    expect(check(write(1, 1, 2), lostWrite(9, 1), refused)).toBe("linearizable");
    expect(check(write(1, 1, 2), lostCompareAndSet(1, 9, 1), refused)).toBe("linearizable");
    expect(check(write(1, 1, 2), lostWrite(9, 1), refused, read(1, 5, 6))).toBe("not-linearizable");
  });

  test("lost compare-and-sets make a chain", () => {
    const chain = [lostCompareAndSet(2, 3, 1), lostCompareAndSet(1, 2, 1), lostWrite(1, 1)];
    expect(check(...chain, read(3, 2, 3))).toBe("linearizable");
    expect(check(...chain, read(3, 2, 3), read(1, 4, 5))).toBe("not-linearizable");
  });

  test("dozens of lost writes of values of their own are no search of all their subsets", () => {
    const lost = Array.from({ length: 300 }, (_, index) => lostWrite(index, index));
    const found = Array.from({ length: 40 }, (_, index) =>
      read(index * 7, 400 + index, 400.5 + index),
    );
    expect(check(...lost, ...found)).toBe("linearizable");
    // Each was written once, so none can be found again after another.
    expect(check(...lost, ...found, read(7, 500, 501))).toBe("not-linearizable");
  });

  test("dozens of lost writes of few values are no search of all their subsets", () => {
    const lost = Array.from({ length: 60 }, (_, index) =>
      index % 2 === 0 ? lostWrite(index % 3, 1) : lostCompareAndSet(index % 3, (index + 1) % 3, 1),
    );
    const found = Array.from({ length: 60 }, (_, index) =>
      read(index % 3, 2 * index + 2, 2 * index + 3),
    );
    expect(check(...lost, ...found)).toBe("linearizable");
    expect(
      check(
        ...lost,
        ...found,
        ...found.map(({ input, output }, index) =>
          operation(input, output, 200 + 2 * index, 201 + 2 * index),
        ),
      ),
    ).toBe("not-linearizable");
  });

  test("gives up, and says so, when it would take more than maxSteps", () => {
    const writes = Array.from({ length: 40 }, (_, index) => write(index, index, 100 + index));
    const history = [
      ...writes,
      ...[3, 5, 3].map((value, index) => read(value, 200 + 2 * index, 201 + 2 * index)),
    ];
    expect(checkLinearizability(registerModel, history, { maxSteps: 10 })).toBe("unknown");
    expect(checkLinearizability(registerModel, history, { maxSteps: Infinity })).toBe(
      "not-linearizable",
    );
    expect(
      judgeHistory(withoutHints(registerModel), history, { maxSteps: 1_000 }).steps,
    ).toBeLessThan(1_100);
  });

  test("refuses operations and options that cannot be", () => {
    expect(() => check(read(null, 2, 1))).toThrow(
      new RangeError(
        'Cannot judge a history: "returnedAt" must be >= "invokedAt", which must be finite, received 1 and 2',
      ),
    );
    expect(() => check(read(null, NaN, 1))).toThrow(RangeError);
    expect(() => check(read(null, -Infinity, 1))).toThrow(RangeError);
    expect(() => checkLinearizability(registerModel, [], { maxSteps: -1 })).toThrow(
      new RangeError('Cannot judge a history: "maxSteps" must be >= 0, received -1'),
    );
  });
});
