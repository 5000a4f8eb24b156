/**
 * What a run's findings come to: which of them fail it, and the count of all in words. What was not to be known
 * fails it as well, for else a monitor that always doubts itself would meet every claim; but for a machine
 * that was measurably starved, which is a reason to doubt.
 */
import type { Evidence } from "./evidence.ts";
import type { Finding } from "./judge/finding.ts";
import { isStarved } from "./pressure.ts";

export interface Judged {
  readonly evidence: Pick<Evidence, "pressure">;
  readonly findings: readonly Finding[];
}

/** What a starved machine may have broken by itself is not to be known. */
export function excuse(finding: Finding, pressure: number | null): Finding {
  const isExcused = finding.isMet === false && finding.needsProcessors === true;
  return isExcused && isStarved(pressure) ? { ...finding, isMet: null } : finding;
}

/** Empty if the run is good. */
export function failuresOf({ evidence, findings }: Judged): Finding[] {
  const isTolerant = isStarved(evidence.pressure);
  return findings.filter(({ isMet }) => isMet === false || (isMet === null && !isTolerant));
}

/** Whether nothing failed, but something was not to be known. */
export function isOpen(judged: Judged): boolean {
  return failuresOf(judged).length === 0 && judged.findings.some(({ isMet }) => isMet === null);
}

/** `11 met, 1 not to be known`; in capitals what fails the run. */
export function countClaims(judged: Judged): string {
  const { findings } = judged;
  const met = findings.filter(({ isMet }) => isMet === true).length;
  const unknown = findings.filter(({ isMet }) => isMet === null).length;
  if (met === findings.length) return `all ${met} met`;
  const isBroken = met + unknown < findings.length;
  const counts = [isBroken ? `${met} of ${findings.length} MET ONLY` : `${met} met`];
  if (unknown > 0) {
    const isTolerated = isStarved(judged.evidence.pressure);
    counts.push(`${unknown} ${isTolerated ? "not to be known" : "NOT TO BE KNOWN"}`);
  }
  return counts.join(", ");
}
