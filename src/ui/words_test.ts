import { expect, test } from "bun:test";
import { COMBINED_VERDICTS } from "../verdict/mod.ts";
import {
  BADNESS,
  cellOf,
  describeCell,
  formatLevel,
  formatPhi,
  formatSpan,
  isCombinedVerdict,
  listInWords,
  SIGNS,
  WORST_FIRST,
} from "./words.ts";

test.each([
  [-5, "0.0 s"],
  [0, "0.0 s"],
  [9_949, "9.9 s"],
  [9_950, "10 s"],
  [59_499, "59 s"],
  [59_500, "1 min 0 s"],
  [3_599_000, "59 min 59 s"],
  [3_600_000, "1 h 0 min"],
  [86_400_000, "1 d 0 h"],
  [1e12, "11574 d 1 h"],
])("formatSpan(%p) is %p", (ms, text) => {
  expect(formatSpan(ms)).toBe(text);
});

test("formatLevel() keeps what was written, and shortens what was computed", () => {
  const levels = [16, 0.5, 16.25, 0.001, 2.152409677688434, 1_000, 123.4];
  expect(levels.map(formatLevel)).toEqual(["16", "0.5", "16.25", "0.001", "2.152", "1000", "123"]);
});

test("formatPhi() keeps huge numbers short", () => {
  expect([0, 2.345, 99.99, 7_363.58, 6.02e15].map(formatPhi)).toEqual([
    "0.00",
    "2.35",
    "99.99",
    "7364",
    "6.0e+15",
  ]);
});

test("every verdict has a place in the order and a shape of its own", () => {
  expect([...WORST_FIRST].toSorted()).toEqual([...COMBINED_VERDICTS].toSorted());
  expect(WORST_FIRST.map((verdict) => BADNESS[verdict])).toEqual([0, 1, 2, 3, 4]);
  expect(new Set(Object.values(SIGNS)).size).toBe(COMBINED_VERDICTS.length);
  expect(["partial", "worse", 1, null].map(isCombinedVerdict)).toEqual([true, false, false, false]);
});

test("cellOf() reads the letters of the matrix, and takes what it does not know for silence", () => {
  expect("usdnUSDN-?".split("").map((letter) => describeCell(cellOf(letter)))).toEqual([
    "up",
    "suspect",
    "down",
    "unknown",
    "up (in doubt)",
    "suspect (in doubt)",
    "down (in doubt)",
    "unknown (in doubt)",
    "not heard",
    "not heard",
  ]);
  expect(describeCell(cellOf(undefined))).toBe("not heard");
});

test("listInWords() joins as people do", () => {
  expect([[], ["a"], ["a", "b"], ["a", "b", "c"]].map(listInWords)).toEqual([
    "",
    "a",
    "a and b",
    "a, b and c",
  ]);
});
