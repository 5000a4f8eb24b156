/** The campaigns as one table, for people. */
import type { CampaignResult } from "./campaign.ts";

const MEBIBYTE = 1024 * 1024;
const HEADINGS = [
  "target",
  "cases",
  "seconds",
  "resident",
  "grew by",
  "allowed",
  "sockets",
  "findings",
];

export function tableOf(results: readonly CampaignResult[]): string {
  const rows = [HEADINGS, ...results.map(rowOf)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd(),
  );
  const tallies = results.map(({ target, tally }) => `${target}: ${tally}`);
  return [...lines, "", ...tallies].join("\n");
}

function rowOf(result: CampaignResult): readonly string[] {
  const { target, unit, cases, seconds, residentBytes, grownBytes, allowedBytes } = result;
  return [
    target,
    `${cases} ${unit}`,
    seconds.toFixed(0),
    mebibytes(residentBytes),
    grownBytes === undefined ? "(too short)" : mebibytes(grownBytes),
    mebibytes(allowedBytes),
    `${result.descriptorsBefore} -> ${result.descriptorsAfter}`,
    result.findings.length === 0 ? "none" : String(result.findings.length),
  ];
}

function mebibytes(bytes: number): string {
  return `${(bytes / MEBIBYTE).toFixed(1)} MiB`;
}
