import { expect, test } from "bun:test";
import { lettersOf, type MatrixAnswer } from "./answers.ts";

test("lettersOf() knows what was told, and nothing of what an object has by itself", () => {
  const matrix: MatrixAnswer = JSON.parse('{"observers":["m1"],"targets":{"a":"u"}}');
  expect(lettersOf(matrix, "a")).toBe("u");
  for (const name of ["b", "constructor", "toString", "__proto__"]) {
    expect([name, lettersOf(matrix, name)]).toEqual([name, undefined]);
  }
  const told: MatrixAnswer = JSON.parse('{"observers":["m1"],"targets":{"__proto__":"d"}}');
  expect(lettersOf(told, "__proto__")).toBe("d");
  expect(lettersOf(null, "a")).toBeUndefined();
});
