/** Whether a scenario can be run here: what it needs of the runner and of the machine; and what its cluster is made of. */
import type { ClusterPlan, ClusterSize, RunnerKind } from "./cluster.ts";
import { fakeTimeLibrary } from "./fake_clock.ts";
import type { PreviousRelease } from "./previous_release.ts";
import type { Scenario } from "./scenario.ts";
import { whyNoMounts } from "./small_disk.ts";

export interface Means {
  readonly runner: RunnerKind;
  /** Of monitors. */
  readonly monitors: number;
  /** The release before this one; asked only where it is needed, for it may have to be built. */
  readonly previous: () => PreviousRelease;
}

/** Why it cannot; undefined if it can. */
export function whyNotPossible(
  { runners, minMonitors, setting = {} }: Scenario,
  { runner, monitors, previous }: Means,
): string | undefined {
  if (!runners.includes(runner) || monitors < minMonitors) {
    return `not possible with ${monitors} monitors as ${runner}`;
  }
  const before = setting.startsAsPrevious === true ? previous() : undefined;
  if (before?.ok === false) return `in need of the release before this one, and ${before.why}`;
  if (setting.hasFakeClocks === true && fakeTimeLibrary() === undefined) {
    return "in need of libfaketime, Debian's package of that name";
  }
  const noMounts =
    setting.hasSmallDisks === true && runner === "processes" ? whyNoMounts() : undefined;
  return noMounts === undefined ? undefined : `in need of a small disk, and here are ${noMounts}`;
}

/** What runs it where that one is wanted: what containers cannot do is done as processes. */
export function runnerFor({ runners }: Scenario, wanted: RunnerKind): RunnerKind {
  return wanted === "docker" && !runners.includes("docker") ? "processes" : wanted;
}

/** For a scenario that can be run. */
export function clusterPlan(
  { setting = {} }: Scenario,
  size: ClusterSize,
  previous: Means["previous"],
): ClusterPlan {
  const before = setting.startsAsPrevious === true ? previous() : undefined;
  return { ...size, setting, previous: before?.ok === true ? before.binary : undefined };
}
