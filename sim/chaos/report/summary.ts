/** All runs in one line: how many there were, what was left out, and how much of it the machine may have to answer for. */
import { failuresOf } from "../conclusion.ts";
import type { TableEntry } from "./table.ts";

/** `15 of 17 scenarios run, 14 good; 2 left out: a, b; run twice: c; short of processors for 31 to 48 % of the time`. */
export function summaryOf(entries: readonly TableEntry[]): string {
  const runs = entries.filter((entry) => "result" in entry);
  const good = runs.filter(({ result }) => failuresOf(result).length === 0);
  const leftOut = entries.filter((entry) => "isLeftOut" in entry && entry.isLeftOut);
  const repeated = entries.filter(({ isSecondRun }) => isSecondRun === true);
  const parts = [`${runs.length} of ${entries.length} scenarios run, ${good.length} good`];
  if (leftOut.length > 0) parts.push(`${leftOut.length} left out: ${namesOf(leftOut)}`);
  if (repeated.length > 0) parts.push(`run twice: ${namesOf(repeated)}`);
  const pressures = runs.flatMap(({ result }) => result.evidence.pressure ?? []);
  if (pressures.length > 0) {
    const [least, most] = [Math.min(...pressures), Math.max(...pressures)].map((share) =>
      Math.round(share * 100),
    );
    parts.push(`short of processors for ${least} to ${most} % of the time`);
  }
  return parts.join("; ");
}

function namesOf(entries: readonly TableEntry[]): string {
  return entries.map(({ scenario }) => scenario).join(", ");
}
