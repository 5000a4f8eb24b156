/**
 * What the one that leads has to write into the record next: the record, how long the verdicts have lasted and
 * what the operator wants in, one command out, or none. It remembers nothing of what it said before: whatever
 * was not written, or was written by another, comes out of the record. So a new leader goes on where the last
 * one ended, wherever that was.
 */
import { ALERT_VERDICTS, type AlertRule, type AlertsConfig } from "../config/mod.ts";
import type { AlertCommand, Incident, NewIncident, Notice, TextByName } from "../store/mod.ts";
import type { ReceiverDesk } from "./receiver_desk.ts";
import type { RecordLook } from "./record_look.ts";
import type { Soonest } from "./soonest.ts";
import { isOtherSinceMs, isSeenOver, type Lasting, type VerdictWatch } from "./verdict_watch.ts";

export interface PlanWorld {
  readonly config: AlertsConfig;
  readonly desks: readonly ReceiverDesk[];
  readonly verdicts: VerdictWatch;
  /** Undefined for a target that is not watched. */
  readonly labelsOf: (target: string) => TextByName | undefined;
}

/** So that no command takes long to apply, or much of the log. */
const MAX_A_COMMAND = 250;
const MAX_REASON_LENGTH = 300;

/**
 * Undefined if all is as it should be; `again` is then told when it may not be any more, though nothing
 * happens until then.
 */
export function nextCommand(
  world: PlanWorld,
  look: RecordLook,
  nowMs: number,
  again: Soonest,
): AlertCommand | undefined {
  again.note(nowMs + look.nextSilenceWallMs - look.wallMs);
  return (
    closing(world, look, nowMs, again) ??
    opening(world, look, nowMs, again) ??
    settling(world, look, nowMs, again) ??
    notifying(world, look, nowMs, again) ??
    forgetting(world, look, nowMs, again)
  );
}

function closing(
  world: PlanWorld,
  look: RecordLook,
  nowMs: number,
  again: Soonest,
): AlertCommand | undefined {
  const closed: Extract<AlertCommand, { kind: "close" }>["incidents"][number][] = [];
  for (const incident of look.open) {
    const reason = whyOver(world, incident, look, nowMs, again);
    if (reason === undefined) continue;
    const isSilenced = look.isSilenced(incident);
    closed.push({ number: incident.number, wallMs: look.wallMs, reason, isSilenced });
    if (closed.length >= MAX_A_COMMAND) break;
  }
  return closed.length === 0 ? undefined : { kind: "close", incidents: closed };
}

/** Undefined while an incident goes on, or nobody can say. */
function whyOver(
  { config, verdicts, labelsOf }: PlanWorld,
  { target, verdict }: Incident,
  look: RecordLook,
  nowMs: number,
  again: Soonest,
): string | undefined {
  if (labelsOf(target) === undefined) return "it is not watched any more";
  const rule = ruleOf(config, verdict);
  if (rule === undefined) return `${verdict} is not told any more`;
  const lasting = verdicts.of(target);
  if (lasting === undefined || !lasting.isKnown || lasting.verdict === verdict) return undefined;
  if (isWorseToCome(config, lasting, verdict, look)) return undefined;
  const leastMs = Math.max(rule.keepFiringMillis, onTheWayMs(lasting, verdict));
  const overMs = isOtherSinceMs(lasting, verdict) + leastMs;
  if (nowMs >= overMs) return shorten(`${lasting.verdict}: ${lasting.reason}`);
  again.note(overMs);
  return undefined;
}

/**
 * Whether it has become worse, and that is yet to be told: to whoever hears of an end first, all is well. What
 * is worse opens by itself, so that nothing has to be noted.
 */
function isWorseToCome(
  config: AlertsConfig,
  lasting: Lasting,
  verdict: string,
  look: RecordLook,
): boolean {
  if (weightOf(lasting.verdict) < weightOf(verdict) || lasting.isGivenUp) return false;
  return ruleOf(config, lasting.verdict) !== undefined && !look.isOpen(lasting);
}

/** More is late with an end that is one; less takes for one that several find it down one after the other. */
const PARTIAL_ON_THE_WAY_MS = 60_000;

/**
 * For how long what is better may be no more than on the way to what was told: who began anew, and remembers
 * nothing, holds what has been down all along for suspect first, or for partial. What is suspect does not stay
 * so: silence makes it down, and a heartbeat up.
 */
function onTheWayMs(lasting: Lasting, verdict: string): number {
  if (isSeenOver(lasting, verdict) || weightOf(lasting.verdict) > weightOf(verdict)) return 0;
  return lasting.verdict === "suspect" ? Infinity : PARTIAL_ON_THE_WAY_MS;
}

/** More is worse; what is never told weighs least. */
function weightOf(verdict: string): number {
  return ALERT_VERDICTS.findIndex((each) => each === verdict);
}

function opening(
  { config, verdicts, labelsOf }: PlanWorld,
  look: RecordLook,
  nowMs: number,
  again: Soonest,
): AlertCommand | undefined {
  lookAgainAtEnded(verdicts, look);
  const due: NewIncident[] = [];
  for (const lasting of verdicts.unseen()) {
    const { target, verdict, reason, sinceMs, sinceWallMs, isKnown, isGivenUp } = lasting;
    const rule = isKnown && !isGivenUp ? ruleOf(config, verdict) : undefined;
    if (rule === undefined) continue;
    const dueMs = sinceMs + rule.forMillis;
    if (nowMs < dueMs) {
      again.note(dueMs);
      continue;
    }
    if (look.isOpen(lasting)) verdicts.seen(target);
    const labels = look.isOpen(lasting) ? undefined : labelsOf(target);
    if (labels === undefined) continue;
    const said = { target, verdict, reason: shorten(reason), sinceWallMs };
    due.push({ ...said, labels: { ...labels, ...rule.labels } });
    if (due.length >= MAX_A_COMMAND) break;
  }
  const { wallMs } = look;
  return due.length === 0 ? undefined : { kind: "open", wallMs, incidents: due };
}

/**
 * An end may be recorded long after it was proposed, when it has begun again and was seen in the record as what had
 * not ended yet.
 */
function lookAgainAtEnded(verdicts: VerdictWatch, look: RecordLook): void {
  for (const { target, verdict } of look.closed) {
    if (verdicts.of(target)?.verdict === verdict) verdicts.lookAgainAt(target);
  }
}

/** Notices that are nobody's any more, or that nobody took for too long. */
function settling(
  { desks }: PlanWorld,
  look: RecordLook,
  nowMs: number,
  again: Soonest,
): AlertCommand | undefined {
  const outcomes: { number: number; isDelivered: boolean }[] = [];
  for (const notice of look.contents.notices.values()) {
    const { number, receiver } = notice;
    const ageMs = look.ageOf(notice);
    if (whyGivenUp(notice, desks, ageMs) !== undefined) {
      outcomes.push({ number, isDelivered: false });
      continue;
    }
    again.note(nowMs + patienceOf(deskOf(desks, receiver)) - ageMs);
  }
  return outcomes.length === 0 ? undefined : { kind: "settle", outcomes };
}

/** The next one to lead may know a receiver that this one's file does not have, or not any more. */
const UNKNOWN_RECEIVER_MS = 300_000;

function patienceOf(desk: ReceiverDesk | undefined): number {
  return desk?.receiver.giveUpAfterMillis ?? UNKNOWN_RECEIVER_MS;
}

/** `ageMs`: for how long it has been under way. */
export function whyGivenUp(
  { receiver }: Pick<Notice, "receiver">,
  desks: readonly ReceiverDesk[],
  ageMs: number,
): string | undefined {
  const desk = deskOf(desks, receiver);
  if (ageMs < patienceOf(desk)) return undefined;
  if (desk === undefined) return "there is no such receiver any more";
  return `nobody took it for ${patienceOf(desk) / 1_000} s`;
}

function notifying(
  { desks }: PlanWorld,
  look: RecordLook,
  nowMs: number,
  again: Soonest,
): AlertCommand | undefined {
  const notices = desks.flatMap((desk) => desk.next(look, nowMs, again) ?? []);
  return notices.length === 0 ? undefined : { kind: "notify", wallMs: look.wallMs, notices };
}

function forgetting(
  { desks }: PlanWorld,
  look: RecordLook,
  nowMs: number,
  again: Soonest,
): AlertCommand | undefined {
  const numbers: number[] = [];
  for (const incident of look.closed) {
    if (look.isUnderWayAnywhere(incident)) continue;
    if (!desks.every((desk) => desk.isDone(incident, look))) continue;
    const leftMs = UNKNOWN_RECEIVER_MS - look.sinceEndOf(incident);
    if (leftMs > 0 && isOwedToUnknown(incident, desks)) {
      again.note(nowMs + leftMs);
      continue;
    }
    numbers.push(incident.number);
    if (numbers.length >= MAX_A_COMMAND) break;
  }
  return numbers.length === 0 ? undefined : { kind: "forget", numbers };
}

/** Whether a receiver was told of its beginning that this one's file does not have. */
function isOwedToUnknown({ told }: Incident, desks: readonly ReceiverDesk[]): boolean {
  for (const [name, telling] of told) {
    if (telling === "firing" && deskOf(desks, name) === undefined) return true;
  }
  return false;
}

function ruleOf({ rules }: AlertsConfig, verdict: string): AlertRule | undefined {
  return rules.find((rule) => rule.verdict === verdict);
}

function deskOf(desks: readonly ReceiverDesk[], name: string): ReceiverDesk | undefined {
  return desks.find(({ receiver }) => receiver.name === name);
}

function shorten(text: string): string {
  const { length } = text;
  return length <= MAX_REASON_LENGTH ? text : `${text.slice(0, MAX_REASON_LENGTH - 1)}…`;
}
