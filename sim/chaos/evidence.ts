/** All that is known of a run once it is over: what was done, what was seen, and what to make of it. */
import { excuse } from "./conclusion.ts";
import type { ClusterSize, RunnerKind } from "./cluster.ts";
import type { Fault } from "./faults.ts";
import { availabilityFinding, type WritingTime } from "./judge/availability.ts";
import { detectionFindings, falseDownFinding, falseTogetherFinding } from "./judge/detection.ts";
import { doubtEndFinding } from "./judge/doubt.ts";
import type { Finding } from "./judge/finding.ts";
import { leadershipFinding } from "./judge/leadership.ts";
import { enoughOperationsFinding, linearizabilityFinding } from "./judge/linearizability.ts";
import { lossFinding, revisionFinding } from "./judge/revisions.ts";
import type { ConfigOperation } from "./operation.ts";
import type { Recording } from "./recording.ts";
import type { Limits } from "./scenario.ts";

/** Times are milliseconds since the run began. */
export interface Evidence {
  readonly scenario: string;
  readonly summary: string;
  readonly runner: RunnerKind;
  readonly size: ClusterSize;
  readonly seed: number;
  readonly limits: Limits;
  /** All that there were, in the order in which they came. */
  readonly monitors: readonly string[];
  /** Those that were members in the end. */
  readonly members: readonly string[];
  /** The targets that are judged. */
  readonly targets: readonly string[];
  /** When it began, for people. */
  readonly beganWallMs: number;
  readonly durationMs: number;
  /** The share of the time in which something waited for a processor, 0 to 1; null where nobody counts it. */
  readonly pressure: number | null;
  readonly faults: readonly Fault[];
  readonly recording: Recording;
  readonly operations: readonly ConfigOperation[];
  /** While the clients were at work. */
  readonly writing: WritingTime;
}

/** What the scenario found itself, and what every scenario is judged by. */
export function judge(evidence: Evidence, own: readonly Finding[]): Finding[] {
  const { faults, operations, limits, writing } = evidence;
  const findings = [
    ...own,
    ...detectionFindings(evidence, limits),
    falseDownFinding(evidence, limits),
    falseTogetherFinding(evidence, limits),
    doubtEndFinding(evidence),
    availabilityFinding(operations, faults, writing, limits.writeGapMs),
    leadershipFinding(evidence.recording),
    lossFinding(operations, evidence.members),
    enoughOperationsFinding(operations, limits.operations),
    linearizabilityFinding(operations),
    revisionFinding(operations),
  ];
  return findings.map((finding) => excuse(finding, evidence.pressure));
}
