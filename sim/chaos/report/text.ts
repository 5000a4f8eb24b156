/** A run as a table for a terminal: a line for each finding, and one for each fault. */
import { describeFault } from "../faults.ts";
import { type Finding, seconds } from "../judge/finding.ts";
import type { RunResult } from "../run_scenario.ts";

export function formatReport({ evidence, findings }: RunResult): string {
  const { scenario, runner, size, durationMs, seed, faults, pressure } = evidence;
  const failed = findings.filter(({ isMet }) => !isMet).length;
  const verdict =
    failed === 0 ? "all claims are met" : `${failed} of ${findings.length} claims are not met`;
  const head =
    `${scenario} (${runner}, ${size.monitors} monitors, ${size.servers} servers, ` +
    `${seconds(durationMs)}, seed ${seed}): ${verdict}`;
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
  return `  ${isMet ? "ok    " : "NOT OK"}  ${claim}: ${measured}`;
}
