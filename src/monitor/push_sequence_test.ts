import { expect, test } from "bun:test";
import { PushSequence } from "./push_sequence.ts";

test("PushSequence lets each number count once, and never one that is not above the last", () => {
  const sequence = new PushSequence();
  expect([0, 2, 2, 1, 3].map((number) => sequence.take(number, false))).toEqual([
    "heard",
    "heard",
    "stale",
    "stale",
    "heard",
  ]);
});

test("PushSequence knows what another monitor has handed on, and takes it for no mistake", () => {
  const sequence = new PushSequence();
  expect(sequence.take(5, true)).toBe("heard");
  expect(sequence.take(5, false)).toBe("known");
  expect(sequence.take(4, false)).toBe("stale");
  expect(sequence.take(6, false)).toBe("heard");
  // That which came here first, and then by way of another.
  expect(sequence.take(6, true)).toBe("stale");
});

test("PushSequence lets beats without a number count always", () => {
  const sequence = new PushSequence();
  sequence.take(7, false);
  expect([sequence.take(undefined, false), sequence.take(undefined, true)]).toEqual([
    "heard",
    "heard",
  ]);
  expect(sequence.take(7, false)).toBe("stale");
});
