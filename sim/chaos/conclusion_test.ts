import { describe, expect, test } from "bun:test";
import { countClaims, excuse, failuresOf, isOpen } from "./conclusion.ts";
import { STARVED_SHARE } from "./pressure.ts";

const IDLE = STARVED_SHARE - 0.01;
const MET = { claim: "a", isMet: true, measured: "" };
const UNMET = { claim: "b", isMet: false, measured: "" };
const UNKNOWN = { claim: "c", isMet: null, measured: "" };

const judged = (pressure: number | null, ...findings: (typeof MET | typeof UNKNOWN)[]) => ({
  evidence: { pressure },
  findings,
});

describe("failuresOf()", () => {
  test("has what was not to be known, but for a machine that was starved", () => {
    expect(failuresOf(judged(IDLE, MET, UNKNOWN))).toEqual([UNKNOWN]);
    expect(failuresOf(judged(STARVED_SHARE, MET, UNKNOWN))).toEqual([]);
    // Where nobody counted it there is no excuse.
    expect(failuresOf(judged(null, MET, UNKNOWN))).toEqual([UNKNOWN]);
  });

  test("has what is not met on any machine", () => {
    expect(failuresOf(judged(1, MET, UNMET, UNKNOWN))).toEqual([UNMET]);
    expect(failuresOf(judged(IDLE, MET))).toEqual([]);
  });
});

test("excuse() leaves open what a starved machine may have broken, and nothing else", () => {
  const needing = { ...UNMET, needsProcessors: true };
  expect(excuse(needing, 1).isMet).toBeNull();
  expect(excuse(needing, IDLE)).toEqual(needing);
  expect(excuse(UNMET, 1)).toEqual(UNMET);
  expect(excuse({ ...needing, isMet: true }, 1).isMet).toBe(true);
});

test("isOpen() is a run that did not fail, and did not show all", () => {
  expect(isOpen(judged(1, MET, UNKNOWN))).toBe(true);
  expect(isOpen(judged(IDLE, MET, UNKNOWN))).toBe(false);
  expect(isOpen(judged(1, UNMET, UNKNOWN))).toBe(false);
  expect(isOpen(judged(1, MET))).toBe(false);
});

test("countClaims() counts what is open apart, in capitals where it fails the run", () => {
  const words = [
    judged(1, MET, MET),
    judged(1, MET, UNKNOWN),
    judged(IDLE, MET, UNKNOWN),
    judged(1, MET, UNMET),
    judged(1, MET, UNMET, UNKNOWN),
  ].map(countClaims);
  expect(words).toEqual([
    "all 2 met",
    "1 met, 1 not to be known",
    "1 met, 1 NOT TO BE KNOWN",
    "1 of 2 MET ONLY",
    "1 of 3 MET ONLY, 1 not to be known",
  ]);
});
