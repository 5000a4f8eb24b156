/**
 * Judges the verdicts: was what failed called down in time by everybody who could see it, and was nothing
 * else? A monitor that was itself killed or stopped meanwhile is not held to the time.
 */
import { describeFault, type Fault, isOfServers } from "../faults.ts";
import { downsIn, type Recording } from "../recording.ts";
import { type Finding, seconds, some, within } from "./finding.ts";

export interface DetectionLimits {
  /** From the moment a server fails to the verdict "down". > 0. */
  readonly detectionMs: number;
  /** After a server is back, "down" may still be said for so long. >= 0. */
  readonly recoveryMs: number;
}

export interface DetectionEvidence {
  readonly recording: Recording;
  readonly faults: readonly Fault[];
  readonly monitors: readonly string[];
  /** Targets that are judged, which have the names of the servers that they watch. */
  readonly targets: readonly string[];
}

/** A finding for each fault of a server: the slowest of the monitors that could see it. */
export function detectionFindings(evidence: DetectionEvidence, limits: DetectionLimits): Finding[] {
  return evidence.faults.filter(isOfServers).flatMap((fault) => {
    const able = evidence.monitors.filter((monitor) => canSee(monitor, fault, evidence, limits));
    return fault.members.map((target) => {
      const claim = `${describeFault({ ...fault, members: [target] })}: down at ${able.join(", ")}`;
      const times = able.map((monitor) => detectionMs(evidence.recording, monitor, target, fault));
      return within(claim, slowest(times), limits.detectionMs);
    });
  });
}

/** Nothing was called down that did not fail, by anybody, at any time. */
export function falseDownFinding(
  { recording, faults, targets }: DetectionEvidence,
  limits: DetectionLimits,
): Finding {
  const wrong = downsIn(recording).filter(
    ({ target, atMs }) =>
      targets.includes(target) && !faults.some((fault) => explains(fault, target, atMs, limits)),
  );
  const said = wrong.map(
    ({ monitor, target, atMs }) => `${target} by ${monitor} at ${seconds(atMs)}`,
  );
  return {
    claim: "nothing was called down that did not fail",
    isMet: wrong.length === 0,
    measured: wrong.length === 0 ? "none" : some([...new Set(said)]),
  };
}

/** Milliseconds from the fault to the first "down"; null if that never came. */
export function detectionMs(
  recording: Recording,
  monitor: string,
  target: string,
  fault: Fault,
): number | null {
  const down = downsIn(recording).find(
    (note) => note.monitor === monitor && note.target === target && note.atMs >= fault.fromMs,
  );
  const isInTime = down !== undefined && (fault.untilMs === null || down.atMs <= fault.untilMs);
  return isInTime ? down.atMs - fault.fromMs : null;
}

function slowest(times: readonly (number | null)[]): number | null {
  const known = times.filter((time) => time !== null);
  return known.length === 0 || known.length < times.length ? null : Math.max(...known);
}

function canSee(
  monitor: string,
  { fromMs }: Fault,
  { faults }: DetectionEvidence,
  { detectionMs: windowMs }: DetectionLimits,
): boolean {
  return !faults.some(
    (fault) =>
      (fault.kind === "monitor-kill" || fault.kind === "monitor-pause") &&
      fault.members.includes(monitor) &&
      fault.fromMs < fromMs + windowMs &&
      (fault.untilMs ?? Infinity) > fromMs,
  );
}

function explains(
  fault: Fault,
  target: string,
  atMs: number,
  { recoveryMs }: DetectionLimits,
): boolean {
  const endMs = (fault.untilMs ?? Infinity) + recoveryMs;
  return (
    isOfServers(fault) && fault.members.includes(target) && atMs >= fault.fromMs && atMs <= endMs
  );
}
