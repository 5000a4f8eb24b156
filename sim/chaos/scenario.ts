/**
 * What a scenario is: a name, what it wants, what it does, and the limits it is held to. What it can do
 * it does through its stage, which keeps the ground truth on the side.
 */
import type { RunnerKind, Setting } from "./cluster.ts";
import type { Finding } from "./judge/finding.ts";
import type { Stage } from "./stage.ts";

export interface Limits {
  /** Milliseconds from the failure of a server to "down" at every monitor that could see it. */
  readonly detectionMs: number;
  /** Milliseconds after a server is back in which "down" may still be said. */
  readonly recoveryMs: number;
  /** Milliseconds without an accepted write, while there is a majority. */
  readonly writeGapMs: number;
  /** So many operations of the clients have to have an answer. */
  readonly operations: number;
}

export interface Scenario {
  /** As `make chaos NAME=` takes it. */
  readonly name: string;
  /** One sentence: what is done. */
  readonly summary: string;
  readonly runners: readonly RunnerKind[];
  /** With fewer monitors there is nothing to see. */
  readonly minMonitors: number;
  readonly limits: Limits;
  /** What it needs beside monitors and servers, if anything. */
  readonly setting?: Setting;
  /** Does it; what it gives is judged on top of what every scenario is judged by. */
  act(stage: Stage): Promise<readonly Finding[]>;
}

/**
 * Servers are asked every half second with half of the usual spread, so a dead one is down after some
 * 2.3 s of silence; the rest is for a machine that is busy with other things.
 */
export const USUAL_LIMITS: Limits = {
  detectionMs: 5_000,
  recoveryMs: 6_000,
  writeGapMs: 5_000,
  operations: 1_000,
};
