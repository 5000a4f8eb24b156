/** A run as a table for a terminal: a line for each finding, and one for each fault. */
import { countClaims } from "../conclusion.ts";
import { describeFault } from "../faults.ts";
import { type Finding, seconds } from "../judge/finding.ts";
import type { RunResult } from "../run_scenario.ts";

export function formatReport(result: RunResult): string {
  const { evidence, findings } = result;
  const { scenario, runner, size, durationMs, seed, faults, pressure } = evidence;
  const head =
    `${scenario} (${runner}, ${size.monitors} monitors, ${size.servers} servers, ` +
    `${seconds(durationMs)}, seed ${seed}): claims: ${countClaims(result)}`;
  const story = faults.map((fault) => {
    const until = fault.untilMs === null ? "the end" : seconds(fault.untilMs);
    return `  ${seconds(fault.fromMs)} to ${until}: ${describeFault(fault)}`;
  });
  const shortage =
    pressure === null
      ? []
      : [`  something waited for a processor ${percent(pressure)} of the time`];
  return [head, ...shortage, ...story, ...findings.map(formatFinding), ""].join("\n");
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

function formatFinding({ claim, isMet, measured }: Finding): string {
  const mark = isMet === null ? "?" : isMet ? "ok" : "NOT OK";
  return `  ${mark.padEnd(6)}  ${claim}: ${measured}`;
}
