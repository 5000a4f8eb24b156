/**
 * The rules by which the alert record changes: commands in, answers out, at once and with no world around.
 * The same commands in the same order give the same record on every replica. A command asks for what should
 * be so, and what is so already, or cannot be any more, is passed over: it may come from one that has led, or
 * twice. Bounded: an incident that has no room takes that of one that is over, or is counted as dropped.
 */
import type {
  AlertAnswer,
  AlertCommand,
  AlertContents,
  Incident,
  NewIncident,
  NewNotice,
  Notice,
  Silence,
  Telling,
} from "./alert_record.ts";

/** Part of format version 2: replicas with others would answer otherwise. Never to be changed within it. */
export interface AlertLimits {
  readonly maxIncidents: number;
  /** About as much as all incidents take in a snapshot. */
  readonly maxIncidentBytes: number;
  /** Receivers with a notice under way. */
  readonly maxNotices: number;
  readonly maxSilences: number;
}

export const ALERT_LIMITS: AlertLimits = {
  maxIncidents: 20_000,
  maxIncidentBytes: 16 << 20,
  maxNotices: 64,
  maxSilences: 1_000,
};

export const EMPTY_ALERTS: AlertContents = {
  nextNumber: 1,
  droppedCount: 0,
  incidents: new Map(),
  notices: new Map(),
  silences: new Map(),
};

const NOBODY: ReadonlyMap<string, Telling> = new Map();

type Command<Kind extends AlertCommand["kind"]> = Extract<AlertCommand, { kind: Kind }>;

export class AlertState {
  readonly #limits: AlertLimits;
  #nextNumber: number;
  #droppedCount: number;
  readonly #incidents: Map<number, Incident>;
  readonly #notices: Map<string, Notice>;
  readonly #silences: Map<string, Silence>;
  /** The open ones, by target and verdict. Invariant: at most one of each. */
  readonly #open = new Map<string, number>();
  #incidentBytes = 0;
  /** What was handed out, until something changes. */
  #shown: AlertContents | undefined;

  constructor(contents: AlertContents = EMPTY_ALERTS, limits: AlertLimits = ALERT_LIMITS) {
    this.#limits = limits;
    this.#nextNumber = contents.nextNumber;
    this.#droppedCount = contents.droppedCount;
    this.#incidents = new Map(contents.incidents);
    this.#notices = new Map(contents.notices);
    this.#silences = new Map(contents.silences);
    for (const incident of this.#incidents.values()) {
      this.#incidentBytes += bytesOf(incident);
      if (incident.closing === undefined) this.#open.set(keyOf(incident), incident.number);
    }
  }

  /** The record as it is now; the same object until it changes. */
  contents(): AlertContents {
    return (this.#shown ??= {
      nextNumber: this.#nextNumber,
      droppedCount: this.#droppedCount,
      incidents: new Map(this.#incidents),
      notices: new Map(this.#notices),
      silences: new Map(this.#silences),
    });
  }

  apply(command: AlertCommand): AlertAnswer {
    const answer = this.#decide(command);
    // Rather once too often than a record that is shown as it was.
    this.#shown = undefined;
    return answer;
  }

  #decide(command: AlertCommand): AlertAnswer {
    switch (command.kind) {
      case "open":
        return counted(command.incidents, (each) => this.#openOne(each, command.wallMs));
      case "close":
        return counted(command.incidents, (each) => this.#close(each));
      case "notify":
        return counted(command.notices, (each) => this.#notify(each, command.wallMs));
      case "settle":
        return counted(command.outcomes, (each) => this.#settle(each));
      case "forget":
        return this.#forgetAll(command.numbers);
      case "silence":
        return this.#silence(command.silence);
      case "unsilence":
        return this.#silences.delete(command.id)
          ? { ok: true, count: 1 }
          : { ok: false, reason: "unknown_silence" };
    }
  }

  #openOne(incident: NewIncident, wallMs: number): boolean {
    if (this.#open.has(keyOf(incident))) return false;
    if (!this.#makeRoom(bytesOf(incident))) {
      this.#droppedCount++;
      return false;
    }
    const number = this.#nextNumber++;
    const { target, verdict, labels, reason, sinceWallMs } = incident;
    const opened = { number, target, verdict, labels, reason, sinceWallMs, openedWallMs: wallMs };
    this.#incidents.set(number, { ...opened, closing: undefined, told: NOBODY });
    this.#open.set(keyOf(incident), number);
    this.#incidentBytes += bytesOf(incident);
    return true;
  }

  /** Gives up the oldest that are over, and in no notice, until another of that size fits. */
  #makeRoom(neededBytes: number): boolean {
    const { maxIncidents, maxIncidentBytes } = this.#limits;
    const fits = () =>
      this.#incidents.size < maxIncidents && this.#incidentBytes + neededBytes <= maxIncidentBytes;
    if (fits()) return true;
    const underWay = this.#underWay();
    for (const incident of this.#incidents.values()) {
      if (incident.closing === undefined || underWay.has(incident.number)) continue;
      this.#droppedCount++;
      this.#remove(incident);
      if (fits()) return true;
    }
    return false;
  }

  #close({ number, wallMs, reason, isSilenced }: Command<"close">["incidents"][number]): boolean {
    const incident = this.#incidents.get(number);
    if (incident === undefined || incident.closing !== undefined) return false;
    this.#incidents.set(number, { ...incident, closing: { wallMs, reason, isSilenced } });
    this.#open.delete(keyOf(incident));
    return true;
  }

  #notify({ receiver, group, firing, resolved }: NewNotice, wallMs: number): boolean {
    if (this.#notices.has(receiver) || this.#notices.size >= this.#limits.maxNotices) return false;
    const begun = ascending(firing).filter((each) => {
      const incident = this.#incidents.get(each);
      return (
        incident !== undefined && incident.closing === undefined && !incident.told.has(receiver)
      );
    });
    const ended = ascending(resolved).filter((each) => {
      const incident = this.#incidents.get(each);
      if (incident?.closing === undefined) return false;
      const telling = incident.told.get(receiver);
      return telling === undefined || telling === "firing";
    });
    if (begun.length + ended.length === 0) return false;
    const number = this.#nextNumber++;
    const notice = { number, receiver, group, firing: begun, resolved: ended, atWallMs: wallMs };
    this.#notices.set(receiver, notice);
    return true;
  }

  #settle({ number, isDelivered }: Command<"settle">["outcomes"][number]): boolean {
    const notice = [...this.#notices.values()].find((each) => each.number === number);
    if (notice === undefined) return false;
    const { receiver, firing, resolved } = notice;
    this.#notices.delete(receiver);
    this.#tell(firing, receiver, isDelivered ? "firing" : "dropped");
    this.#tell(resolved, receiver, isDelivered ? "resolved" : "dropped");
    if (!isDelivered) this.#droppedCount += firing.length + resolved.length;
    return true;
  }

  #tell(numbers: readonly number[], receiver: string, telling: Telling): void {
    for (const number of numbers) {
      const incident = this.#incidents.get(number);
      if (incident === undefined) continue;
      const told = new Map(incident.told).set(receiver, telling);
      this.#incidents.set(number, { ...incident, told });
    }
  }

  #forgetAll(numbers: readonly number[]): AlertAnswer {
    const underWay = this.#underWay();
    return counted(numbers, (number) => {
      const incident = this.#incidents.get(number);
      if (incident?.closing === undefined || underWay.has(number)) return false;
      this.#remove(incident);
      return true;
    });
  }

  #silence(silence: Silence): AlertAnswer {
    const { maxSilences } = this.#limits;
    const known = this.#silences.get(silence.id);
    if (known !== undefined) {
      return isSameSilence(known, silence)
        ? { ok: true, count: 0 }
        : { ok: false, reason: "silence_exists" };
    }
    // Those that were over when this one was made are of no use to anybody.
    for (const { id, endsWallMs } of this.#silences.values()) {
      if (endsWallMs <= silence.createdWallMs) this.#silences.delete(id);
    }
    if (this.#silences.size >= maxSilences) {
      return { ok: false, reason: "too_many_silences", limit: maxSilences };
    }
    this.#silences.set(silence.id, silence);
    return { ok: true, count: 1 };
  }

  /** All incidents that a notice is to tell of. */
  #underWay(): ReadonlySet<number> {
    const notices = [...this.#notices.values()];
    return new Set(notices.flatMap(({ firing, resolved }) => [...firing, ...resolved]));
  }

  #remove(incident: Incident): void {
    this.#incidents.delete(incident.number);
    this.#incidentBytes -= bytesOf(incident);
  }
}

function counted<Each>(all: readonly Each[], isDone: (each: Each) => boolean): AlertAnswer {
  let count = 0;
  for (const each of all) if (isDone(each)) count++;
  return { ok: true, count };
}

function ascending(numbers: readonly number[]): readonly number[] {
  return [...new Set(numbers)].toSorted((left, right) => left - right);
}

function keyOf({ target, verdict }: Pick<Incident, "target" | "verdict">): string {
  return `${verdict} ${target}`;
}

/** The parts that are there whatever the texts are, the receivers told included. */
const FLAT_INCIDENT_BYTES = 256;

function bytesOf({ target, labels, reason }: NewIncident): number {
  let count = FLAT_INCIDENT_BYTES + target.length + reason.length;
  for (const [name, value] of Object.entries(labels)) count += name.length + value.length;
  return count;
}

/** Its times are not what tells it from another: who asks again does so later. */
function isSameSilence(left: Silence, right: Silence): boolean {
  return saidBy(left) === saidBy(right);
}

function saidBy({ matchers, author, comment }: Silence): string {
  return JSON.stringify([matchers, author, comment]);
}
