import { expect, test } from "bun:test";
import { makeRun } from "./_test_run.ts";
import { jsonReport } from "./json.ts";
import { formatReport } from "./text.ts";

test("formatReport() tells what was done and what came of it", () => {
  expect(formatReport(makeRun())).toBe(
    `server-kill (processes, 2 monitors, 2 servers, 20.00 s, seed 7): claims: 1 of 2 MET ONLY
  something waited for a processor 13 % of the time
  3.00 s to 12.00 s: server2 killed
  5.00 s to the end: monitor2 paused
  ok      server2 is down: 2.52 s
  NOT OK  nothing else is: server1 by monitor2
`,
  );
});

test("formatReport() has a mark of its own for what was not to be known", () => {
  const findings = [{ claim: "server2 is down together", isMet: null, measured: "never" }];
  const lines = formatReport(makeRun({ findings })).split("\n");
  expect(lines[0]).toEndWith("claims: 0 met, 1 NOT TO BE KNOWN");
  expect(lines).toContain("  ?       server2 is down together: never");
});

test("jsonReport() holds the findings and all that they were made of", () => {
  const run = makeRun();
  const report = JSON.parse(jsonReport(run)) as Record<string, unknown>;
  expect(report).toMatchObject({ scenario: "server-kill", isGood: false, findings: run.findings });
  const { recording, operations } = run.evidence;
  expect(report["operations"]).toEqual(JSON.parse(JSON.stringify(operations)));
  const { samples } = report["recording"] as { samples: unknown[] };
  expect(samples).toHaveLength(recording.samples.length);
});
