import { expect, test } from "bun:test";
import { hasNestedRepetition } from "./_nested_repetition.ts";

test.each([
  "^(a+)+$",
  "(a*)*",
  "((ab)+c)*",
  "(?:x|y+)+",
  "(\\d{2,}-)*",
  "(?<name>a+){3,}",
  "([)]+)+",
  "((a+))+",
])("hasNestedRepetition() finds it in %p", (source) => {
  expect(new RegExp(source, "u")).toBeInstanceOf(RegExp);
  expect(hasNestedRepetition(source)).toBe(true);
});

// Some of them are slow all the same: docs/proof.md says which, and why they pass.
test.each([
  "^ok\\s+$",
  "(a+)b",
  "(abc)+",
  "(a{1,5})+",
  "^(\\d{1,3}\\.?)+$",
  "(\\w+\\s?){30}",
  "a*a*a*b",
  "(a+){2}",
  "(a+)?",
  "[(+]+",
  "\\(a+\\)+",
  '"status":\\s*"up"',
  "(a)+(b)+",
  "(\\+)+",
  "([*+])*",
])("hasNestedRepetition() lets %p pass", (source) => {
  expect(new RegExp(source, "u")).toBeInstanceOf(RegExp);
  expect(hasNestedRepetition(source)).toBe(false);
});
