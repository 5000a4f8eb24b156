import { expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  attemptOf,
  decodeCommand,
  decodeResult,
  encodeCommand,
  fold,
  type RegisterCommand,
  RegisterMachine,
  unfold,
} from "./register_machine.ts";

const word = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const anyCommand = fc.record<RegisterCommand>({
  kind: fc.constantFrom("get", "put", "compareAndSet", "fold"),
  key: fc.integer({ min: 0, max: 3 }),
  value: word,
  expected: word,
  client: fc.integer({ min: 0, max: 255 }),
  sequence: word,
  attempt: word,
});

const command = (kind: RegisterCommand["kind"], value: number, expected = 0): RegisterCommand => ({
  kind,
  key: 0,
  value,
  expected,
  client: 1,
  sequence: 1,
  attempt: 1,
});

test("commands survive their bytes, and the attempt is found in any envelope", () => {
  fc.assert(
    fc.property(anyCommand, fc.integer({ min: 0, max: 50 }), (one, padding) => {
      const bytes = encodeCommand(one, padding);
      expect(decodeCommand(bytes)).toEqual(one);
      expect(attemptOf(Uint8Array.of(9, 9, 9, ...bytes))).toBe(one.attempt);
    }),
  );
});

test("unfold() undoes fold()", () => {
  fc.assert(
    fc.property(word, word, (before, value) => unfold(fold(before, value), value) === before),
  );
});

test("RegisterMachine carries out each kind, and says what is there afterwards", () => {
  const machine = new RegisterMachine();
  const run = (one: RegisterCommand, index: number) => {
    const result = machine.apply({ index, data: encodeCommand(one, 0) });
    return result.ok ? decodeResult(result.output) : undefined;
  };
  expect(run(command("put", 5), 1)).toEqual({ isApplied: true, value: 5 });
  expect(run(command("compareAndSet", 6, 4), 2)).toEqual({ isApplied: false, value: 5 });
  expect(run(command("compareAndSet", 6, 5), 3)).toEqual({ isApplied: true, value: 6 });
  expect(run(command("fold", 1), 4)).toEqual({ isApplied: true, value: 187 });
  expect(run(command("get", 0), 5)).toEqual({ isApplied: false, value: 187 });
});

function hashAfter(indexes: readonly number[], values: readonly number[]): number {
  const machine = new RegisterMachine();
  for (const [place, index] of indexes.entries()) {
    machine.apply({ index, data: encodeCommand(command("put", values[place]!), 0) });
  }
  return machine.historyHash;
}

test("the history hash tells apart other commands, another order and another index", () => {
  const hashes = [hashAfter([1, 2], [3, 4]), hashAfter([1, 2], [4, 3]), hashAfter([1, 3], [3, 4])];
  expect(new Set([...hashes, hashAfter([1], [3])]).size).toBe(4);
});

test("a snapshot restores registers and history, and nothing else is taken for one", () => {
  fc.assert(
    fc.property(fc.array(anyCommand, { maxLength: 10 }), anyCommand, (commands, next) => {
      const machine = new RegisterMachine();
      for (const [place, one] of commands.entries()) {
        machine.apply({ index: place + 1, data: encodeCommand(one, 0) });
      }
      const twin = new RegisterMachine();
      expect(twin.restore(machine.snapshot()).ok).toBe(true);
      const data = encodeCommand(next, 0);
      expect(twin.apply({ index: 99, data })).toEqual(machine.apply({ index: 99, data }));
      expect(twin.snapshot()).toEqual(machine.snapshot());
      expect(twin.restore(new Uint8Array(3)).ok).toBe(false);
      expect(twin.historyHash).toBe(machine.historyHash);
    }),
  );
});
