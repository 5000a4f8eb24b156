/**
 * Who doubted itself, by its own account. What such a monitor says is not counted by the others, which is what
 * it promises; where too few are left nothing can be held together. So that nobody hides behind a doubt for
 * ever, each has to end soon after what was done has been taken back.
 */
import type { Fault } from "../faults.ts";
import type { Recording } from "../recording.ts";
import { type Finding, within } from "./finding.ts";

/** A doubt that is no reason: when most of them have only this one, they count. */
const COUNTED_DOUBT = "many_suspected";

/**
 * A doubt is held for 5 s after its cause, and for twice as long each time that it came back within a minute: three
 * times, of what is done here. What many servers brought about lasts until they are up again, some seconds more.
 */
export const DOUBT_END_MS = 45_000;

export interface HidingEvidence {
  readonly recording: Recording;
  readonly faults: readonly Fault[];
  /** All that were members at any time. */
  readonly monitors: readonly string[];
}

/** The doubts of each, if so many of these had one while the outage was to be detected that no majority was left. */
export function hidingDoubts(
  { recording, faults, monitors }: HidingEvidence,
  able: readonly string[],
  fault: Fault,
  detectionMs: number,
): ReadonlyMap<string, readonly string[]> | undefined {
  const doubting = doubtsDuring(recording, able, fault, detectionMs);
  const members = monitors.filter((monitor) => isMemberAt(monitor, fault.fromMs, faults));
  const isMajority = 2 * (able.length - doubting.size) > members.length;
  return doubting.size === 0 || isMajority ? undefined : doubting;
}

export interface DoubtEvidence {
  readonly recording: Recording;
  readonly faults: readonly Fault[];
  /** Those that were members in the end. */
  readonly members: readonly string[];
}

/** None of the members goes on doubting itself when nothing is wrong any more. */
export function doubtEndFinding(evidence: DoubtEvidence): Finding {
  const names = evidence.members.join(", ");
  const claim = `after the last fault no doubt is left at ${names}`;
  const finding = within(claim, doubtsEndedAfterMs(evidence), DOUBT_END_MS);
  const left = evidence.members.flatMap((monitor) => {
    const said = evidence.recording.samples.filter((each) => each.monitor === monitor);
    const doubts = said.findLast((each) => each.doubts !== null)?.doubts;
    return doubts?.length === 0 ? [] : [`${monitor} (${doubts?.join(", ") ?? "silent"})`];
  });
  const measured = left.length === 0 ? finding.measured : `never: ${left.join(", ")}`;
  return { ...finding, measured, needsProcessors: true };
}

/**
 * Milliseconds from the end of the last fault until none of the members doubted itself from then on; null if
 * one of them did so when it last said, or has not said since.
 */
export function doubtsEndedAfterMs({ recording, faults, members }: DoubtEvidence): number | null {
  const fromMs = lastEndMs(faults);
  const times = members.map((member) => {
    const samples = recording.samples.filter(({ monitor }) => monitor === member);
    const lastDoubt = samples.findLastIndex(({ doubts }) => doubts !== null && doubts.length > 0);
    const since = samples.slice(lastDoubt + 1);
    const free = since.find(({ atMs, doubts }) => atMs >= fromMs && doubts !== null);
    return free === undefined ? Infinity : free.atMs - fromMs;
  });
  const last = Math.max(0, ...times);
  return Number.isFinite(last) ? last : null;
}

/** When all that was done had been taken back, or was done if it stays; 0 if nothing was. */
export function lastEndMs(faults: readonly Fault[]): number {
  return Math.max(0, ...faults.map(({ fromMs, untilMs }) => untilMs ?? fromMs));
}

/** Neither one that had left by then, nor one that had yet to join. */
function isMemberAt(monitor: string, atMs: number, faults: readonly Fault[]): boolean {
  const changes = faults.filter(({ members }) => members.includes(monitor));
  return !changes.some(
    ({ kind, fromMs }) =>
      (kind === "monitor-leave" && fromMs <= atMs) || (kind === "monitor-join" && fromMs > atMs),
  );
}

/** The doubts of each of these monitors in the time in which the outage is to be detected; those without are left out. */
function doubtsDuring(
  { samples }: Recording,
  monitors: readonly string[],
  { fromMs }: Fault,
  detectionMs: number,
): Map<string, readonly string[]> {
  const doubting = new Map<string, readonly string[]>();
  for (const monitor of monitors) {
    const seen = samples.filter(
      (sample) =>
        sample.monitor === monitor && sample.atMs >= fromMs && sample.atMs <= fromMs + detectionMs,
    );
    const doubts = new Set(seen.flatMap((sample) => sample.doubts ?? []));
    doubts.delete(COUNTED_DOUBT);
    if (doubts.size > 0) doubting.set(monitor, [...doubts]);
  }
  return doubting;
}
