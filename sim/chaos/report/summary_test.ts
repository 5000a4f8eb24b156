import { expect, test } from "bun:test";
import { makeRun } from "./_test_run.ts";
import { summaryOf } from "./summary.ts";
import type { RunResult } from "../run_scenario.ts";

const runWith = (pressure: number | null, isMet: boolean): RunResult => {
  const { evidence } = makeRun();
  return {
    evidence: { ...evidence, pressure },
    findings: [{ claim: "something", isMet, measured: "" }],
  };
};

test("summaryOf() names what was left out and what was run twice, and says how short of processors the machine was", () => {
  expect(
    summaryOf([
      { scenario: "server-kill", result: runWith(0.312, true) },
      { scenario: "all-slow", result: runWith(0.48, true), isSecondRun: true },
      { scenario: "disk-full", result: runWith(null, false) },
      { scenario: "clock-jump", why: "no libfaketime", isLeftOut: true },
      { scenario: "leader-kill", why: "did not get to its end", isLeftOut: false },
    ]),
  ).toBe(
    "3 of 5 scenarios run, 2 good; 1 left out: clock-jump; run twice: all-slow; " +
      "short of processors for 31 to 48 % of the time",
  );
});

test("summaryOf() says nothing of what was not", () => {
  expect(summaryOf([{ scenario: "server-kill", result: runWith(null, true) }])).toBe(
    "1 of 1 scenarios run, 1 good",
  );
});
