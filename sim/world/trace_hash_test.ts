import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { hashOf, hashOfText, TraceHash } from "./trace_hash.ts";

function digestOf(values: readonly number[]): string {
  const trace = new TraceHash();
  for (const value of values) trace.add(value);
  return trace.digest();
}

test("TraceHash tells apart runs that differ in one number, or in their order", () => {
  const number = fc.maxSafeInteger();
  fc.assert(
    fc.property(fc.array(number), fc.array(number), number, number, (before, after, one, two) => {
      fc.pre(one !== two);
      expect(digestOf([...before, one, ...after])).not.toBe(digestOf([...before, two, ...after]));
      expect(digestOf([one, two, ...after])).not.toBe(digestOf([two, one, ...after]));
    }),
  );
  expect(digestOf([])).not.toBe(digestOf([0]));
  expect(digestOf([1, 2])).toMatch(/^[0-9a-f]{16}$/u);
});

test("hashOf() and hashOfText() depend on each byte and its place", () => {
  expect(hashOf(Uint8Array.of(1, 2))).not.toBe(hashOf(Uint8Array.of(2, 1)));
  expect(hashOfText("ab")).not.toBe(hashOfText("ba"));
  expect(hashOfText("ab")).toBe(hashOfText("ab"));
  expect(hashOfText("ab", 1)).not.toBe(hashOfText("ab", 2));
});
