/**
 * What the one that leads has to write into the record next: the record, how long the verdicts have lasted and
 * what the operator wants in, one command out, or none. It remembers nothing of what it said before: whatever
 * was not written, or was written by another, comes out of the record. So a new leader goes on where the last
 * one ended, wherever that was.
 */
import type { AlertRule, AlertsConfig } from "../config/mod.ts";
import type {
  AlertCommand,
  AlertContents,
  Incident,
  NewIncident,
  Notice,
  TextByName,
} from "../store/mod.ts";
import type { ReceiverDesk } from "./receiver_desk.ts";
import { silencesOf } from "./silencing.ts";
import type { Lasting, VerdictWatch } from "./verdict_watch.ts";

export interface PlanWorld {
  readonly config: AlertsConfig;
  readonly desks: readonly ReceiverDesk[];
  readonly verdicts: VerdictWatch;
  /** Undefined for a target that is not watched. */
  readonly labelsOf: (target: string) => TextByName | undefined;
}

export interface Moment {
  /** On this monitor's clock. */
  readonly nowMs: number;
  readonly wallMs: number;
}

/** So that no command takes long to apply, or much of the log. */
const MAX_A_COMMAND = 500;
const MAX_REASON_LENGTH = 300;

/** Undefined if all is as it should be. */
export function nextCommand(
  world: PlanWorld,
  contents: AlertContents,
  moment: Moment,
): AlertCommand | undefined {
  return (
    closing(world, contents, moment) ??
    opening(world, contents, moment) ??
    settling(world, contents, moment) ??
    notifying(world, contents, moment) ??
    forgetting(world, contents)
  );
}

function closing(
  world: PlanWorld,
  { incidents, silences }: AlertContents,
  { nowMs, wallMs }: Moment,
): AlertCommand | undefined {
  const closed: Extract<AlertCommand, { kind: "close" }>["incidents"][number][] = [];
  for (const incident of incidents.values()) {
    const reason = incident.closing === undefined ? whyOver(world, incident, nowMs) : undefined;
    if (reason === undefined) continue;
    const isSilenced = silencesOf(incident, silences.values(), wallMs).length > 0;
    closed.push({ number: incident.number, wallMs, reason, isSilenced });
    if (closed.length >= MAX_A_COMMAND) break;
  }
  return closed.length === 0 ? undefined : { kind: "close", incidents: closed };
}

/** Undefined while an incident goes on, or nobody can say. */
function whyOver(
  { config, verdicts, labelsOf }: PlanWorld,
  { target, verdict }: Incident,
  nowMs: number,
): string | undefined {
  if (labelsOf(target) === undefined) return "it is not watched any more";
  const rule = ruleOf(config, verdict);
  if (rule === undefined) return `${verdict} is not told any more`;
  const lasting = verdicts.of(target);
  if (lasting === undefined || !lasting.isKnown || lasting.verdict === verdict) return undefined;
  if (nowMs - lasting.sinceMs < rule.keepFiringMillis) return undefined;
  return shorten(`${lasting.verdict}: ${lasting.reason}`);
}

function opening(
  { config, verdicts, labelsOf }: PlanWorld,
  { incidents }: AlertContents,
  { nowMs, wallMs }: Moment,
): AlertCommand | undefined {
  const due: NewIncident[] = [];
  let open: ReadonlySet<string> | undefined;
  for (const lasting of verdicts.notUp()) {
    const rule = ruleDue(config, lasting, nowMs);
    const labels = rule && labelsOf(lasting.target);
    if (labels === undefined) continue;
    open ??= openKeys(incidents.values());
    if (open.has(openKeyOf(lasting))) continue;
    const { target, verdict, reason, sinceWallMs } = lasting;
    const said = { target, verdict, reason: shorten(reason), sinceWallMs };
    due.push({ ...said, labels: { ...labels, ...rule?.labels } });
    if (due.length >= MAX_A_COMMAND) break;
  }
  return due.length === 0 ? undefined : { kind: "open", wallMs, incidents: due };
}

/** The rule by which a verdict has lasted long enough. */
function ruleDue(
  config: AlertsConfig,
  { verdict, sinceMs, isKnown, isGivenUp }: Lasting,
  nowMs: number,
): AlertRule | undefined {
  if (!isKnown || isGivenUp) return undefined;
  const rule = ruleOf(config, verdict);
  return rule !== undefined && nowMs - sinceMs >= rule.forMillis ? rule : undefined;
}

/** Notices that are nobody's any more, or that nobody took for too long. */
function settling(
  { desks }: PlanWorld,
  { notices }: AlertContents,
  { wallMs }: Moment,
): AlertCommand | undefined {
  const given = [...notices.values()].filter((notice) => whyGivenUp(notice, desks, wallMs));
  if (given.length === 0) return undefined;
  const outcomes = given.map(({ number }) => ({ number, isDelivered: false }));
  return { kind: "settle", outcomes };
}

export function whyGivenUp(
  { receiver, atWallMs }: Notice,
  desks: readonly ReceiverDesk[],
  wallMs: number,
): string | undefined {
  const desk = desks.find((each) => each.receiver.name === receiver);
  if (desk === undefined) return "there is no such receiver any more";
  const { giveUpAfterMillis } = desk.receiver;
  if (wallMs - atWallMs < giveUpAfterMillis) return undefined;
  return `nobody took it for ${giveUpAfterMillis / 1_000} s`;
}

function notifying(
  { desks }: PlanWorld,
  contents: AlertContents,
  { nowMs, wallMs }: Moment,
): AlertCommand | undefined {
  const notices = desks.flatMap((desk) => desk.next(contents, nowMs, wallMs) ?? []);
  return notices.length === 0 ? undefined : { kind: "notify", wallMs, notices };
}

function forgetting(
  { desks }: PlanWorld,
  { incidents, notices }: AlertContents,
): AlertCommand | undefined {
  const underWay = new Set(
    [...notices.values()].flatMap(({ firing, resolved }) => [...firing, ...resolved]),
  );
  const numbers: number[] = [];
  for (const incident of incidents.values()) {
    if (incident.closing === undefined || underWay.has(incident.number)) continue;
    if (desks.every((desk) => desk.isDone(incident))) numbers.push(incident.number);
    if (numbers.length >= MAX_A_COMMAND) break;
  }
  return numbers.length === 0 ? undefined : { kind: "forget", numbers };
}

function ruleOf({ rules }: AlertsConfig, verdict: string): AlertRule | undefined {
  return rules.find((rule) => rule.verdict === verdict);
}

/** Of those that go on, by `openKeyOf`. */
export function openKeys(incidents: Iterable<Incident>): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const incident of incidents) {
    if (incident.closing === undefined) keys.add(openKeyOf(incident));
  }
  return keys;
}

export function openKeyOf({
  target,
  verdict,
}: {
  readonly target: string;
  readonly verdict: string;
}): string {
  return `${verdict} ${target}`;
}

function shorten(text: string): string {
  const { length } = text;
  return length <= MAX_REASON_LENGTH ? text : `${text.slice(0, MAX_REASON_LENGTH - 1)}…`;
}
