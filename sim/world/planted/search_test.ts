import { expect, test } from "bun:test";
import { judgeTest } from "./search.ts";

const NAME = "a frame > is sealed";

test("a bug is found where its test fails, and only there", () => {
  const failed = `error: expect(received).toBe(expected)\n(fail) ${NAME}, always [12.00ms]\n`;
  expect(judgeTest({ exitCode: 1, text: failed }, NAME)).toEqual({
    by: `${NAME}, always`,
    isExpected: true,
  });
  expect(judgeTest({ exitCode: 0, text: "1 pass" }, NAME)).toEqual({
    by: undefined,
    isExpected: false,
  });
});

test.each([
  ["another test", "(fail) another test [1.00ms]", "another test"],
  ["a file that cannot be loaded", "(fail) (unnamed)", "(unnamed)"],
  [
    "a name that is gone from the product",
    `ReferenceError: log is not defined\n(fail) ${NAME} [1.00ms]`,
    "ReferenceError: log is not defined",
  ],
  [
    "a slow machine",
    `(fail) ${NAME} [60000.11ms]\n  ^ this test timed out after 60000ms.`,
    "^ this test timed out after 60000ms.",
  ],
  ["no test at all", "it matched 0 tests", "exit code 1: it matched 0 tests"],
])("%s finds nothing", (_, text, by) => {
  expect(judgeTest({ exitCode: 1, text }, NAME)).toEqual({ by, isExpected: false });
});
