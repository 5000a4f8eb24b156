import { describe, expect, test } from "bun:test";
import {
  registerModel,
  type RegisterInput,
  type RegisterOutput,
  type RegisterValue,
} from "./register.ts";
import { expectTrueHints } from "./_test_hints.ts";

const values: readonly RegisterValue[] = [null, 0, 1, "1", "null"];
const outputs: readonly RegisterOutput[] = [
  ...values.map((value) => ({ value })),
  { isApplied: true },
  { isApplied: false },
];
const inputs: readonly RegisterInput[] = [
  { kind: "read" },
  ...values.map((value) => ({ kind: "write", value }) as const),
  ...values.flatMap((expected) =>
    values.map((replacement) => ({ kind: "compareAndSet", expected, replacement }) as const),
  ),
];

describe("registerModel", () => {
  test("begins with nothing", () => {
    expect(registerModel.initial).toBeNull();
  });

  test("reads what it holds, and nothing else", () => {
    expect(registerModel.step(1, { kind: "read" }, { value: 1 })).toBe(1);
    expect(registerModel.step(1, { kind: "read" }, { value: "1" })).toBeUndefined();
    expect(registerModel.step(1, { kind: "read" }, { isApplied: true })).toBeUndefined();
    expect(registerModel.step(1, { kind: "read" }, undefined)).toBe(1);
  });

  test("writes whatever it held", () => {
    expect(registerModel.step(1, { kind: "write", value: 2 }, { isApplied: true })).toBe(2);
    expect(
      registerModel.step(1, { kind: "write", value: 2 }, { isApplied: false }),
    ).toBeUndefined();
    expect(registerModel.step(1, { kind: "write", value: null }, undefined)).toBeNull();
  });

  test("compares before it sets", () => {
    const input = { kind: "compareAndSet", expected: 1, replacement: 2 } as const;
    expect(registerModel.step(1, input, { isApplied: true })).toBe(2);
    expect(registerModel.step(1, input, { isApplied: false })).toBeUndefined();
    expect(registerModel.step(3, input, { isApplied: true })).toBeUndefined();
    expect(registerModel.step(3, input, { isApplied: false })).toBe(3);
    expect(registerModel.step(1, input, undefined)).toBe(2);
    expect(registerModel.step(3, input, undefined)).toBe(3);
  });

  test("its hints are true", () => {
    expectTrueHints(registerModel, { states: values, inputs, outputs });
  });

  test("a hint that is not would be found", () => {
    const world = { states: values, inputs, outputs };
    const holds = (hint: Partial<typeof registerModel>) => () =>
      expectTrueHints({ ...registerModel, ...hint }, world);
    expect(holds({ isReadOnly: () => true })).toThrow("isReadOnly");
    expect(holds({ tells: () => undefined })).toThrow("tells");
    expect(holds({ needs: () => 0 })).toThrow("needs");
    expect(holds({ leaves: () => undefined })).toThrow("leaves or leads");
    expect(holds({ inputKey: () => 0 })).toThrow("inputKey");
  });
});
