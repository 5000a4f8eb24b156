import { describe, expect, test } from "bun:test";
import type { ConfigOperation, ConfigValues } from "../operation.ts";
import { lossFinding, revisionFinding } from "./revisions.ts";
import { did, FAILED, get, put, UNKNOWN, written } from "./_test_operation.ts";

const readAll = { kind: "readAll" } as const;

function all(from: number, to: number, revision: number, values: ConfigValues, monitor?: string) {
  return did(from, to, readAll, { kind: "foundAll", values, revision }, monitor);
}

function replace(from: number, to: number, ifRevision: number, revision: number): ConfigOperation {
  const call = { kind: "replaceAll", name: "whole", value: `w${revision}`, ifRevision } as const;
  return did(from, to, call, written(revision));
}

const FIRST = did(1, 2, put("a", "1"), written(1));
const SECOND = did(3, 4, put("b", "2"), written(2));

const measured = (...operations: ConfigOperation[]) => revisionFinding(operations).measured;

describe("revisionFinding()", () => {
  test("is met where revisions, time and contents agree", () => {
    const operations = [
      FIRST,
      all(2, 5, 1, { a: "1" }),
      SECOND,
      all(5, 6, 2, { a: "1", b: "2" }),
      all(7, 8, 2, { a: "1", b: "2" }),
      replace(9, 10, 2, 3),
      did(11, 12, { kind: "delete", name: "a" }, written(4)),
      all(13, 14, 4, { b: "2", whole: "w3" }),
      did(15, 16, get("b"), { kind: "found", value: "2", revision: 2 }),
    ];
    expect(revisionFinding(operations)).toEqual({
      claim: "the whole config follows the order of revisions",
      isMet: true,
      measured: "4 writes, 4 reads of the whole config",
    });
  });

  test("two writes of one revision are found", () => {
    expect(measured(FIRST, did(1, 2, put("b", "2"), written(1)))).toBe(
      "two writes were answered with revision 1",
    );
  });

  test("a write or a read that is before what had been answered is found", () => {
    const late = did(5, 6, put("a", "3"), written(1));
    expect(measured(SECOND, late)).toBe("a write of revision 1 began after 2 had been answered");
    const stale = all(5, 6, 1, { a: "1" });
    expect(measured(FIRST, SECOND, stale)).toBe(
      "a read of revision 1 began after 2 had been answered",
    );
    expect(revisionFinding([FIRST, SECOND, all(4, 6, 1, { a: "1" })]).isMet).toBe(true);
  });

  test("a replace that passed over another's write is found", () => {
    const slow = replace(1, 6, 1, 3);
    expect(measured(FIRST, SECOND, slow)).toBe("a replace of 1 as 3 passed over 2");
  });

  test("a target at another revision than its write's is found", () => {
    const read = did(5, 6, get("a"), { kind: "found", value: "1", revision: 7 });
    expect(measured(FIRST, read)).toBe("1 was written as 1 and read as 7");
  });

  test("a read that lacks a write, or has too much, is found", () => {
    expect(measured(FIRST, SECOND, all(5, 6, 2, { a: "1" }))).toBe(
      "at revision 2 b is absent instead of 2",
    );
    expect(measured(FIRST, all(5, 6, 1, { a: "1", b: "2" }))).toBe(
      "at revision 1 b is 2 instead of absent",
    );
  });

  test("what is of unknown outcome may be there, what failed must not", () => {
    const read = all(5, 6, 2, { a: "1", b: "x" });
    expect(revisionFinding([FIRST, did(3, 4, put("b", "x"), UNKNOWN), read]).isMet).toBe(true);
    expect(revisionFinding([FIRST, did(3, 4, put("b", "x"), FAILED), read]).isMet).toBe(false);
    const gone = all(5, 6, 2, {});
    const removal = did(3, 4, { kind: "delete", name: "a" }, UNKNOWN);
    expect(revisionFinding([FIRST, removal, gone]).isMet).toBe(true);
  });
});

describe("lossFinding()", () => {
  const [one, two] = ["monitor1", "monitor2"];

  test("is met when the last reads of every monitor show all accepted writes", () => {
    const values = { a: "1", b: "2" };
    const operations = [FIRST, SECOND, all(5, 6, 2, values, one), all(5, 6, 2, values, two)];
    expect(lossFinding(operations, [one, two])).toEqual({
      claim: "no accepted write was lost",
      isMet: true,
      measured: "2 are at monitor1, monitor2",
    });
  });

  test("is not met by a write that is gone, nor by a monitor that could not be read", () => {
    const whole = all(5, 6, 2, { a: "1", b: "2" }, one);
    expect(lossFinding([FIRST, SECOND, whole, all(5, 6, 2, { a: "1" }, two)], [one, two])).toEqual({
      claim: "no accepted write was lost",
      isMet: false,
      measured: "at revision 2 b is absent instead of 2",
    });
    expect(lossFinding([FIRST, SECOND, whole], [one, two])).toMatchObject({
      isMet: false,
      measured: "the config could not be read at monitor2",
    });
  });

  test("reads from before the last write do not count", () => {
    expect(lossFinding([FIRST, all(2, 3, 1, { a: "1" }, one), SECOND], [one]).isMet).toBe(false);
  });
});
