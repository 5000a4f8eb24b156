/** The scenarios that the tests run with a runner; what cannot be run here is said aloud, and is an error in CI. */
import type { RunnerKind } from "./cluster.ts";
import { whyNotPossible } from "./possible.ts";
import type { Scenario } from "./scenario.ts";
import { SCENARIOS } from "./scenarios/mod.ts";

export const TESTED_SIZE = { monitors: 3, servers: 4 };

/** The binary of an earlier version, which nobody can make out of this tree. */
export const PREVIOUS = process.env["PHI_PREVIOUS"];

/** Throws in CI if a program is missing that CI installs. */
export function testedScenarios(runner: RunnerKind): readonly Scenario[] {
  const means = { runner, monitors: TESTED_SIZE.monitors, previous: PREVIOUS };
  return SCENARIOS.filter(({ runners }) => runners.includes(runner)).filter((scenario) => {
    const lack = whyNotPossible(scenario, means);
    if (lack === undefined) return true;
    const message = `chaos scenario ${scenario.name} is left out: it is ${lack}`;
    const isCallersAffair = scenario.setting?.startsAsPrevious === true;
    if (process.env["CI"] === "true" && !isCallersAffair) throw new Error(message);
    console.warn(message);
    return false;
  });
}
