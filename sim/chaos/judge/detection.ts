/**
 * Judges the verdicts: was what failed called down in time by everybody who could see it, and by all of them
 * together, and was nothing else? A monitor that was itself away meanwhile is not held to the time; one that
 * could not hear the others is not held to what they hold together.
 */
import { describeFault, type Fault, isAbsence, isOutage, isSeparation } from "../faults.ts";
import { type DownSaid, downsIn, type Recording, type Scope } from "../recording.ts";
import { hidingDoubts } from "./doubt.ts";
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

/**
 * Two findings for each outage, of what the monitors say and of what they hold together: the slowest of those
 * that could see it, for the last of the targets.
 */
export function detectionFindings(evidence: DetectionEvidence, limits: DetectionLimits): Finding[] {
  const own = downsIn(evidence.recording, "own");
  const together = downsIn(evidence.recording, "together");
  return evidence.faults.filter(isOutage).flatMap((fault) => {
    const able = ableMonitors(fault, evidence, limits, "own");
    const combining = ableMonitors(fault, evidence, limits, "together");
    const what = describeFault(fault);
    const findings = [
      within(`${what}: down at ${able.join(", ")}`, slowest(own, able, fault), limits.detectionMs),
    ];
    // Without a majority nobody can hold anything together with the others.
    if (combining.length === 0) return findings;
    const claim = `${what}: held for down together at ${combining.join(", ")}`;
    const tookMs = slowest(together, combining, fault);
    const judged = within(claim, tookMs, limits.detectionMs);
    const hiding = hidingDoubts(evidence, combining, fault, limits.detectionMs);
    findings.push(tookMs === null && hiding !== undefined ? unknowable(judged, hiding) : judged);
    return findings;
  });
}

/** Nothing was called down that did not fail, by anybody, at any time. */
export function falseDownFinding(evidence: DetectionEvidence, limits: DetectionLimits): Finding {
  const wrong = falseDowns(evidence, limits, "own");
  return finding("nothing was called down that did not fail", wrong);
}

/** The same of what the monitors held together. */
export function falseTogetherFinding(
  evidence: DetectionEvidence,
  limits: DetectionLimits,
): Finding {
  const wrong = falseDowns(evidence, limits, "together");
  return finding("nothing was held for down together that did not fail", wrong);
}

/** Every "down" that no outage explains, in the order of time. */
export function falseDowns(
  { recording, faults, targets }: DetectionEvidence,
  limits: DetectionLimits,
  scope: Scope,
): DownSaid[] {
  const judged = new Set(targets);
  const outages = faults.filter(isOutage);
  return downsIn(recording, scope).filter(
    ({ target, atMs }) =>
      judged.has(target) && !outages.some((fault) => explains(fault, target, atMs, limits)),
  );
}

/**
 * Milliseconds from the outage to the first "down" of the slowest of these monitors for the last of the
 * targets; null if one of them never came, or there is nobody.
 */
export function slowest(
  downs: readonly DownSaid[],
  monitors: readonly string[],
  fault: Fault,
): number | null {
  const first = new Map<string, number>();
  for (const { monitor, target, atMs } of downs) {
    if (atMs < fault.fromMs || atMs > (fault.untilMs ?? Infinity)) continue;
    const key = `${monitor} ${target}`;
    if (!first.has(key)) first.set(key, atMs - fault.fromMs);
  }
  const times = monitors.flatMap((monitor) =>
    fault.members.map((target) => first.get(`${monitor} ${target}`) ?? Infinity),
  );
  const last = Math.max(...times);
  return Number.isFinite(last) ? last : null;
}

/** Those that have to see the outage, by themselves or together with the others. */
export function ableMonitors(
  outage: Fault,
  { faults, monitors }: DetectionEvidence,
  { detectionMs }: DetectionLimits,
  scope: Scope,
): string[] {
  const meanwhile = faults.filter(
    ({ fromMs, untilMs }) =>
      fromMs < outage.fromMs + detectionMs && (untilMs ?? Infinity) > outage.fromMs,
  );
  if (scope === "together" && meanwhile.some(({ blocksWrites }) => blocksWrites)) return [];
  const keepsFrom = (fault: Fault) =>
    isAbsence(fault) || (scope === "together" && isSeparation(fault));
  return monitors.filter(
    (monitor) => !meanwhile.some((each) => keepsFrom(each) && each.members.includes(monitor)),
  );
}

/** Too few trusted themselves for anything to be held together: whether it would have been nobody knows. */
function unknowable(judged: Finding, doubting: ReadonlyMap<string, readonly string[]>): Finding {
  const who = [...doubting].map(([monitor, doubts]) => `${monitor} (${doubts.join(", ")})`);
  const measured = `never, as no majority trusted itself: ${who.join(", ")}`;
  return { ...judged, isMet: null, measured };
}

function finding(claim: string, wrong: readonly DownSaid[]): Finding {
  const said = wrong.map(
    ({ monitor, target, atMs }) => `${target} by ${monitor} at ${seconds(atMs)}`,
  );
  return {
    claim,
    isMet: wrong.length === 0,
    measured: wrong.length === 0 ? "none" : some([...new Set(said)]),
  };
}

function explains(
  fault: Fault,
  target: string,
  atMs: number,
  { recoveryMs }: DetectionLimits,
): boolean {
  const endMs = (fault.untilMs ?? Infinity) + recoveryMs;
  return fault.members.includes(target) && atMs >= fault.fromMs && atMs <= endMs;
}
