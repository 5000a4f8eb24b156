import { describe, expect, test } from "bun:test";
import type { ConfigCall, ConfigOperation } from "../operation.ts";
import {
  enoughOperationsFinding,
  linearizabilityFinding,
  registerHistories,
} from "./linearizability.ts";
import { did, FAILED, get, put, UNKNOWN, written } from "./_test_operation.ts";

const found = (value: string) => ({ kind: "found", value, revision: 1 }) as const;
const ABSENT = { kind: "absent" } as const;
const CONFLICT = { kind: "conflict" } as const;
const remove = (name: string): ConfigCall => ({ kind: "delete", name });

function swap(expected: string, value: string): ConfigCall {
  return { kind: "compareAndSet", name: "a", value, expected, ifRevision: 1 };
}

const holds = (...operations: ConfigOperation[]) => linearizabilityFinding(operations).isMet;

describe("linearizabilityFinding()", () => {
  test("is met by one copy's answers, in order and overlapping", () => {
    const operations = [
      did(1, 2, get("a"), ABSENT),
      did(3, 8, put("a", "1"), written(1)),
      did(4, 5, get("a"), ABSENT),
      did(6, 7, get("a"), found("1")),
      did(9, 10, swap("1", "2"), written(2)),
      did(11, 12, swap("1", "3"), CONFLICT),
      did(13, 14, remove("a"), written(3)),
      did(15, 16, remove("a"), ABSENT),
      did(17, 18, get("a"), ABSENT),
    ];
    expect(linearizabilityFinding(operations)).toEqual({
      claim: "what the clients saw of each target is linearizable",
      isMet: true,
      measured: "linearizable; 9 operations on 1 targets",
    });
  });

  test("a read of what was overwritten before it began is found", () => {
    const before = [did(1, 2, put("a", "1"), written(1)), did(3, 4, put("a", "2"), written(2))];
    expect(holds(...before, did(5, 6, get("a"), found("1")))).toBe(false);
    expect(holds(...before, did(5, 6, get("b"), found("1")))).toBe(false);
    expect(holds(...before, did(3, 6, get("a"), found("1")))).toBe(true);
  });

  test("an accepted write that is gone is found, and so is a deleted one that is back", () => {
    const written1 = did(1, 2, put("a", "1"), written(1));
    expect(holds(written1, did(3, 4, get("a"), ABSENT))).toBe(false);
    const deleted = did(3, 4, remove("a"), written(2));
    expect(holds(written1, deleted, did(5, 6, get("a"), found("1")))).toBe(false);
    expect(holds(written1, did(3, 4, remove("a"), ABSENT))).toBe(false);
  });

  test("a write of unknown outcome may show, at any time, or never", () => {
    const start = [did(1, 2, put("a", "1"), written(1)), did(3, 4, put("a", "2"), UNKNOWN)];
    expect(holds(...start, did(5, 6, get("a"), found("1")))).toBe(true);
    const late = [did(5, 6, get("a"), found("1")), did(7, 8, get("a"), found("2"))];
    expect(holds(...start, ...late)).toBe(true);
    expect(holds(...start, ...late, did(9, 10, get("a"), found("1")))).toBe(false);
  });

  test("a write that failed must not show", () => {
    const failed = did(1, 2, put("a", "1"), FAILED);
    expect(holds(failed, did(3, 4, get("a"), ABSENT))).toBe(true);
    expect(holds(failed, did(3, 4, get("a"), found("1")))).toBe(false);
  });

  test("a precondition that held when it should not have is found, and the other way round", () => {
    const start = [did(1, 2, put("a", "1"), written(1)), did(3, 4, put("a", "2"), written(2))];
    expect(holds(...start, did(5, 6, swap("1", "3"), written(3)))).toBe(false);
    expect(holds(...start, did(5, 6, swap("2", "3"), CONFLICT))).toBe(false);
  });
});

test("registerHistories() leaves out what tells nothing, and the whole config", () => {
  const histories = registerHistories([
    did(1, 2, get("a"), FAILED),
    did(1, 2, get("a"), UNKNOWN),
    did(1, 2, put("a", "1"), FAILED),
    did(1, 2, { kind: "readAll" }, { kind: "foundAll", values: {}, revision: 1 }),
    did(1, 2, { kind: "replaceAll", name: "a", value: "2", ifRevision: 1 }, written(2)),
    did(1, 2, put("b", "3"), UNKNOWN),
  ]);
  expect([...histories.keys()]).toEqual(["b"]);
  expect(histories.get("b")).toMatchObject([{ output: undefined, returnedAt: Infinity }]);
});

test("enoughOperationsFinding() counts those with an answer", () => {
  const operations = [
    did(1, 2, put("a", "1"), written(1)),
    did(1, 2, get("a"), ABSENT),
    did(1, 2, put("a", "2"), FAILED),
    did(1, 2, put("a", "3"), UNKNOWN),
  ];
  expect(enoughOperationsFinding(operations, 2)).toMatchObject({ isMet: true, measured: "2 of 4" });
  expect(enoughOperationsFinding(operations, 3).isMet).toBe(false);
});
