/** Whether a scenario can be run here: what it needs of the runner, of the machine and of whoever calls it. */
import type { RunnerKind } from "./cluster.ts";
import { fakeTimeLibrary } from "./fake_clock.ts";
import type { Scenario } from "./scenario.ts";

export interface Means {
  readonly runner: RunnerKind;
  /** Of monitors. */
  readonly monitors: number;
  /** The binary of an earlier version, if there is one. */
  readonly previous: string | undefined;
}

/** Why it cannot; undefined if it can. */
export function whyNotPossible(
  { runners, minMonitors, setting = {} }: Scenario,
  { runner, monitors, previous }: Means,
): string | undefined {
  if (!runners.includes(runner) || monitors < minMonitors) {
    return `not possible with ${monitors} monitors as ${runner}`;
  }
  if (setting.startsAsPrevious === true && previous === undefined) {
    return "in need of the binary of an earlier version (--previous PATH or PHI_PREVIOUS)";
  }
  if (setting.hasFakeClocks === true && fakeTimeLibrary() === undefined) {
    return "in need of libfaketime, Debian's package of that name";
  }
  if (setting.hasSmallDisks === true && runner === "processes" && Bun.which("unshare") === null) {
    return "in need of unshare, to mount a small disk";
  }
  return undefined;
}
