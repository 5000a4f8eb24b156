/** A run as JSON: the findings, and all that they were made of, so that they can be made again. */
import { failuresOf } from "../conclusion.ts";
import type { RunResult } from "../run_scenario.ts";

/** Times in milliseconds since the run began, to a thousandth. */
export function jsonReport({ evidence, findings }: RunResult): string {
  const { recording, ...rest } = evidence;
  const { samples, silences, notes } = recording;
  const document = {
    ...rest,
    isGood: failuresOf({ evidence, findings }).length === 0,
    findings,
    recording: { samples, silences, notes },
  };
  return `${JSON.stringify(document, round, 1)}\n`;
}

function round(_key: string, value: unknown): unknown {
  return typeof value === "number" ? Math.round(value * 1_000) / 1_000 : value;
}
