import { beforeEach, expect, test } from "bun:test";
import { History, type RegisterInput } from "./history.ts";
import type { RegisterKind, RegisterResult } from "./register_machine.ts";

const input = (kind: RegisterKind, value = 0, expected = 0, key = 0): RegisterInput => ({
  kind,
  key,
  value,
  expected,
});
const applied = (value: number): RegisterResult => ({ isApplied: true, value });
const found = (value: number): RegisterResult => ({ isApplied: false, value });

let history: History;
beforeEach(() => {
  history = new History();
});

function call(one: RegisterInput, result?: RegisterResult, command?: string): void {
  const operation = history.invoked("client", one, command);
  if (result === undefined) history.forgotten(operation);
  else history.returned(operation, result);
}

const verdict = (effective: readonly string[] = []) =>
  history.verdict((command) => effective.includes(command), 10_000);

test("a history in which each sees what came before is linearizable", () => {
  call(input("put", 5), applied(5), "1");
  call(input("compareAndSet", 7, 5), applied(7), "2");
  call(input("fold", 1), applied(218), "3");
  call(input("get"), found(218));
  call(input("get", 0, 0, 1), found(0));
  expect(verdict()).toBe("linearizable");
});

test("a stale read, a lost write and a second effect are not", () => {
  call(input("put", 5), applied(5), "1");
  call(input("get"), found(0));
  expect(verdict()).toBe("not-linearizable");
  history = new History();
  call(input("fold", 1), applied(1), "1");
  call(input("get"), found(32));
  expect(verdict()).toBe("not-linearizable");
});

test("overlapping calls may take effect in either order", () => {
  const write = history.invoked("a", input("put", 5), "1");
  call(input("get"), found(5));
  call(input("get"), found(5));
  history.returned(write, applied(5));
  expect(verdict()).toBe("linearizable");
});

test("an operation without an answer counts if it took effect, and must not show if it did not", () => {
  call(input("put", 5), undefined, "1");
  call(input("get"), found(5));
  expect(verdict(["1"])).toBe("linearizable");
  expect(verdict([])).toBe("not-linearizable");
  expect(history.unknownOutcomes).toBe(1);
});
