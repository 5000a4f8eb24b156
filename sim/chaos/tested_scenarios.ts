/** The scenarios that the tests run with a runner; what cannot be run here is said aloud, and is an error in CI. */
import type { ClusterPlan, RunnerKind } from "./cluster.ts";
import { clusterPlan, whyNotPossible } from "./possible.ts";
import { previousRelease } from "./previous_release.ts";
import type { Scenario } from "./scenario.ts";
import { SCENARIOS } from "./scenarios/mod.ts";

export const TESTED_SIZE = { monitors: 3, servers: 4 };

/**
 * As processes the tests run these only, one of each sort and what containers cannot do: all of them take six minutes, and
 * `make test-docker` runs all that containers can. `make chaos RUNNER=processes` runs all.
 */
const AS_PROCESSES = ["server-kill", "leader-kill", "monitor-pause", "clock-jump"];

export function planOf(scenario: Scenario): ClusterPlan {
  return clusterPlan(scenario, TESTED_SIZE, previousRelease);
}

/** Throws in CI if a program is missing that CI installs. */
export function testedScenarios(runner: RunnerKind): readonly Scenario[] {
  const means = { runner, monitors: TESTED_SIZE.monitors, previous: previousRelease };
  const wanted = SCENARIOS.filter(
    ({ name, runners }) =>
      runners.includes(runner) && (runner === "docker" || AS_PROCESSES.includes(name)),
  );
  return wanted.filter((scenario) => {
    const lack = whyNotPossible(scenario, means);
    if (lack === undefined) return true;
    const message = `chaos scenario ${scenario.name} is left out: it is ${lack}`;
    // A history that was not cloned is nothing that CI could install.
    const isOfHistory = scenario.setting?.startsAsPrevious === true;
    if (process.env["CI"] === "true" && !isOfHistory) throw new Error(message);
    console.warn(message);
    return false;
  });
}
