/**
 * What one receiver is owed, by the record: what has begun that it has not heard of, and the end of what it
 * has. And what of that may be told now, as one notice: grouped, after the group's wait, within the rate. What
 * goes beyond the rate is told together rather than late.
 */
import type { AlertReceiver } from "../config/mod.ts";
import type { Incident, NewNotice } from "../store/mod.ts";
import { groupsOf, GroupWaits, type Group } from "./grouping.ts";
import { RateBound } from "./rate_bound.ts";
import type { Standing } from "./reading.ts";
import type { RecordLook } from "./record_look.ts";
import type { Soonest } from "./soonest.ts";

/** What waits for its group or for the rate is looked at as often. */
const LOOK_AGAIN_MS = 250;

/** More go into the next notice. */
export const MAX_INCIDENTS_A_NOTICE = 1_000;

export class ReceiverDesk {
  readonly receiver: AlertReceiver;
  readonly #waits = new GroupWaits();
  readonly #rate: RateBound | undefined;

  constructor(receiver: AlertReceiver, nowMs: number) {
    this.receiver = receiver;
    this.#rate = receiver.kind === "webhook" ? new RateBound(receiver.rate, nowMs) : undefined;
  }

  /**
   * What to tell it next; undefined while there is nothing, or a notice is under way already. `again` is told
   * when to ask again, if there is something and it has to wait.
   */
  next(look: RecordLook, nowMs: number, again: Soonest): NewNotice | undefined {
    const { receiver } = this;
    if (look.contents.notices.has(receiver.name)) return undefined;
    const owed = this.owed(look);
    if (receiver.kind === "alertmanager") return this.#noticeOf(owed, {});
    const groups = groupsOf(owed, receiver.groupBy);
    const ripe = this.#waits.ripe(groups, receiver.groupWaitMillis, nowMs);
    const available = this.#rate?.available(nowMs) ?? 0;
    const [first] = ripe;
    if (groups.length > 0) again.note(nowMs + LOOK_AGAIN_MS);
    if (first === undefined || available === 0) return undefined;
    return available === 1 && ripe.length > 1
      ? this.#noticeOf(merged(ripe), {})
      : this.#noticeOf(first.incidents, first.labels);
  }

  /** A notice was recorded. */
  noticed(nowMs: number): void {
    this.#rate?.take(nowMs);
  }

  /** Incidents that it is to be told of, by number; those that a notice tells of already are not among them. */
  owed(look: RecordLook): readonly Incident[] {
    const owed: Incident[] = [];
    for (const incident of look.contents.incidents.values()) {
      if (!this.#isOwed(incident, look) || look.isUnderWay(this.receiver.name, incident)) continue;
      if (incident.closing !== undefined || !look.isSilenced(incident)) owed.push(incident);
    }
    return owed;
  }

  standing(incident: Incident, look: RecordLook): Standing {
    const telling = incident.told.get(this.receiver.name);
    if (look.isUnderWay(this.receiver.name, incident)) return "sending";
    if (telling === "dropped" || telling === "resolved") return telling;
    if (telling === "firing" && incident.closing === undefined) return "told";
    if (!this.#isOwed(incident, look)) return "none";
    return incident.closing === undefined && look.isSilenced(incident) ? "silenced" : "pending";
  }

  /** Whether nothing more will ever be owed. */
  isDone(incident: Incident, look: RecordLook): boolean {
    return incident.closing !== undefined && !this.#isOwed(incident, look);
  }

  /** Silences aside. */
  #isOwed(incident: Incident, look: RecordLook): boolean {
    const { receiver } = this;
    const telling = incident.told.get(receiver.name);
    if (telling === "firing") return incident.closing !== undefined;
    if (telling !== undefined) return false;
    if (!receiver.verdicts.some((verdict) => verdict === incident.verdict)) return false;
    return incident.closing === undefined || this.#isOwedLate(incident, incident.closing, look);
  }

  /**
   * It is over, and the receiver never heard of it, though it would have if it could have been told when it
   * was due. Alertmanager tells nobody of what was over when it heard of it.
   */
  #isOwedLate(
    incident: Incident,
    closing: NonNullable<Incident["closing"]>,
    look: RecordLook,
  ): boolean {
    const { receiver } = this;
    if (receiver.kind === "alertmanager" || closing.isSilenced) return false;
    return look.mayHaveOutlasted(incident, closing, receiver.groupWaitMillis);
  }

  #noticeOf(incidents: readonly Incident[], group: NewNotice["group"]): NewNotice | undefined {
    const some = incidents.slice(0, MAX_INCIDENTS_A_NOTICE);
    if (some.length === 0) return undefined;
    const numbersOf = (isOver: boolean) =>
      some.filter(({ closing }) => (closing !== undefined) === isOver).map(({ number }) => number);
    const [firing, resolved] = [numbersOf(false), numbersOf(true)];
    return { receiver: this.receiver.name, group, firing, resolved };
  }
}

function merged(groups: readonly Group[]): readonly Incident[] {
  return groups
    .flatMap(({ incidents }) => incidents)
    .toSorted((left, right) => left.number - right.number);
}
