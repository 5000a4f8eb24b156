/**
 * All runs as one table: a line for each thing that was done (the ground truth) beside what each monitor said
 * of it, and all of them together; and for each scenario whether its claims are met.
 */
import { countClaims } from "../conclusion.ts";
import { describeFault, type Fault, isAbsence, isOutage } from "../faults.ts";
import type { Evidence } from "../evidence.ts";
import { ableMonitors, falseDowns, slowest } from "../judge/detection.ts";
import { hidingDoubts } from "../judge/doubt.ts";
import { seconds } from "../judge/finding.ts";
import { downsIn, type Scope } from "../recording.ts";
import type { RunResult } from "../run_scenario.ts";

/** A scenario, and what came of it: a run, maybe after one that left something open, or why there is none. */
export type TableEntry = RunEntry | FailedEntry;

interface RunEntry {
  readonly scenario: string;
  readonly result: RunResult;
  readonly isSecondRun?: boolean;
}

interface FailedEntry {
  readonly scenario: string;
  readonly why: string;
  readonly isLeftOut: boolean;
  readonly isSecondRun?: boolean;
}

/** In Markdown, with its columns in line, so that it can be read as it is. */
export function formatTable(entries: readonly TableEntry[]): string {
  const monitors = monitorsOf(entries);
  const head = ["scenario", "as", "done, to whom", "from", "to", ...monitors, "together", "claims"];
  const rows = entries.flatMap((entry) =>
    "result" in entry
      ? runRows(entry, monitors)
      : [
          padded(
            [entry.scenario, "", entry.why],
            head.length,
            entry.isLeftOut ? "left out" : "FAILED",
          ),
        ],
  );
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [line(head), rule, ...rows.map(line), ""].join("\n");
}

function padded(first: readonly string[], count: number, last: string): string[] {
  return [...first, ...Array.from({ length: count - first.length - 1 }, () => ""), last];
}

/** As many columns as the run with the most of them needs. */
function monitorsOf(entries: readonly TableEntry[]): readonly string[] {
  const all = entries.map((entry) => ("result" in entry ? entry.result.evidence.monitors : []));
  return all.toSorted((a, b) => b.length - a.length)[0] ?? [];
}

function runRows(
  { scenario, result, isSecondRun = false }: RunEntry,
  monitors: readonly string[],
): string[][] {
  const { evidence } = result;
  return evidence.faults.map((fault, index) => [
    index === 0 ? scenario : "",
    index === 0 ? evidence.runner : "",
    describeFault(fault),
    seconds(fault.fromMs),
    fault.untilMs === null ? "the end" : seconds(fault.untilMs),
    ...monitors.map((monitor) => verdictCell(fault, evidence, [monitor], "own")),
    verdictCell(fault, evidence, evidence.monitors, "together"),
    index === 0 ? `${countClaims(result)}${isSecondRun ? " (second run)" : ""}` : "",
  ]);
}

/** What these said of the fault while it lasted; of all together it is the last of them that counts. */
function verdictCell(
  fault: Fault,
  evidence: Evidence,
  monitors: readonly string[],
  scope: Scope,
): string {
  if (!monitors.some((monitor) => evidence.monitors.includes(monitor))) return "";
  const wrong = falseDowns(evidence, evidence.limits, scope).filter(
    ({ monitor, atMs }) =>
      monitors.includes(monitor) && atMs >= fault.fromMs && atMs <= (fault.untilMs ?? Infinity),
  );
  if (wrong.length > 0) {
    return `FALSE: ${[...new Set(wrong.map(({ target }) => target))].join(", ")} down`;
  }
  if (!isOutage(fault)) {
    const isAway = isAbsence(fault) && monitors.every((name) => fault.members.includes(name));
    return isAway ? "away" : "no down";
  }
  const able = ableMonitors(fault, evidence, evidence.limits, scope);
  const held = monitors.filter((monitor) => able.includes(monitor));
  const downs = downsIn(evidence.recording, scope);
  // One that had no part in it may have seen it all the same, later.
  const tookMs = slowest(downs, held.length > 0 ? held : monitors, fault);
  if (held.length === 0) {
    const why = scope === "own" ? "away" : "no majority";
    return tookMs === null ? why : `${why}; down ${seconds(tookMs)}`;
  }
  if (tookMs !== null) return `down ${seconds(tookMs)}`;
  const { detectionMs } = evidence.limits;
  const hiding =
    scope === "together" ? hidingDoubts(evidence, held, fault, detectionMs) : undefined;
  return hiding === undefined ? "NOT SEEN" : "unknown: in doubt";
}
