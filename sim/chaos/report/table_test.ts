import { describe, expect, test } from "bun:test";
import { makeRun } from "./_test_run.ts";
import { formatTable } from "./table.ts";

const cells = (table: string) =>
  table
    .trim()
    .split("\n")
    .map((line) =>
      line
        .slice(2, -2)
        .split(" | ")
        .map((cell) => cell.trim()),
    );

describe("formatTable()", () => {
  test("has what was done beside what each monitor and all together said", () => {
    const { evidence, findings } = makeRun();
    const [kill, pause] = evidence.faults;
    // In this run it stays dead.
    const result = {
      evidence: { ...evidence, faults: [{ ...kill!, untilMs: null }, pause!] },
      findings,
    };
    const [head, , ...rows] = cells(formatTable([{ scenario: "server-kill", result }]));
    expect([head, ...rows]).toEqual([
      [
        "scenario",
        "as",
        "done, to whom",
        "from",
        "to",
        "monitor1",
        "monitor2",
        "together",
        "claims",
      ],
      [
        "server-kill",
        "processes",
        "server2 killed",
        "3.00 s",
        "the end",
        "down 3.00 s",
        // Stopped while it was to see it.
        "away",
        "down 3.00 s",
        "1 of 2 MET ONLY",
      ],
      ["", "", "monitor2 paused", "5.00 s", "the end", "no down", "away", "no down", ""],
    ]);
  });

  test("its lines are of one length", () => {
    const lines = formatTable([{ scenario: "a", result: makeRun() }])
      .trim()
      .split("\n");
    expect(new Set(lines.map((line) => line.length)).size).toBe(1);
  });

  test("names what was said without a cause", () => {
    const { evidence, findings } = makeRun();
    const [, pause] = evidence.faults;
    const result = { evidence: { ...evidence, faults: [pause!] }, findings };
    const [, , row] = cells(formatTable([{ scenario: "a", result }]));
    expect(row!.slice(5, 8)).toEqual(["FALSE: server2 down", "away", "FALSE: server2 down"]);
  });

  test("an outage that nobody saw is not passed over", () => {
    const { evidence, findings } = makeRun();
    const [kill] = evidence.faults;
    const recording = { samples: [], silences: [], notes: [] };
    const result = { evidence: { ...evidence, faults: [kill!], recording }, findings };
    const [, , row] = cells(formatTable([{ scenario: "a", result }]));
    expect(row!.slice(5, 8)).toEqual(["NOT SEEN", "NOT SEEN", "NOT SEEN"]);
  });

  test("without a majority nothing was to be held together", () => {
    const { evidence, findings } = makeRun();
    const [kill, pause] = evidence.faults;
    const faults = [kill!, { ...pause!, blocksWrites: true }];
    const recording = { samples: [], silences: [], notes: [] };
    const result = { evidence: { ...evidence, faults, recording }, findings };
    const [, , row] = cells(formatTable([{ scenario: "a", result }]));
    expect(row!.slice(5, 8)).toEqual(["NOT SEEN", "away", "no majority"]);
  });

  test("says what was left out, and what failed, and why", () => {
    const table = formatTable([
      { scenario: "a", result: makeRun() },
      { scenario: "b", why: "in need of c", isLeftOut: true },
      { scenario: "d", why: "did not get to its end: e", isLeftOut: false },
    ]);
    const rows = cells(table).slice(-2);
    expect(rows.map((row) => [row[0], row[2], row.at(-1)])).toEqual([
      ["b", "in need of c", "left out"],
      ["d", "did not get to its end: e", "FAILED"],
    ]);
  });
});
