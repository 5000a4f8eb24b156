/**
 * The alert record as of one moment, looked through once: who is open, what is silenced, what is under way.
 * Made anew for each look, since everything in it is of that moment.
 */
import type { AlertContents, Incident, Notice, Silence } from "../store/mod.ts";
import type { RecordAges } from "./record_ages.ts";
import { isActive, isSilencedBy } from "./silencing.ts";

type Closing = NonNullable<Incident["closing"]>;
type Named = Pick<Incident, "target" | "verdict">;

export interface Moment {
  readonly wallMs: number;
  /** On this monitor's clock, as the ages. */
  readonly nowMs: number;
  readonly ages: RecordAges;
}

export class RecordLook {
  readonly contents: AlertContents;
  readonly wallMs: number;
  readonly #nowMs: number;
  readonly #ages: RecordAges;
  /** By number, ascending. */
  readonly open: readonly Incident[];
  readonly closed: readonly Incident[];
  readonly #active: readonly Silence[];
  /** Numbers of incidents by receiver, and of all receivers together. */
  readonly #underWay = new Map<string, ReadonlySet<number>>();
  readonly #underWayAnywhere = new Set<number>();
  #openKeys: ReadonlySet<string> | undefined;

  constructor(contents: AlertContents, { wallMs, nowMs, ages }: Moment) {
    this.contents = contents;
    this.wallMs = wallMs;
    this.#nowMs = nowMs;
    this.#ages = ages;
    const [open, closed]: [Incident[], Incident[]] = [[], []];
    for (const incident of contents.incidents.values()) {
      (incident.closing === undefined ? open : closed).push(incident);
    }
    [this.open, this.closed] = [open, closed];
    this.#active = [...contents.silences.values()].filter((silence) => isActive(silence, wallMs));
    for (const { receiver, firing, resolved } of contents.notices.values()) {
      const numbers = new Set([...firing, ...resolved]);
      this.#underWay.set(receiver, numbers);
      for (const number of numbers) this.#underWayAnywhere.add(number);
    }
  }

  /** Whether there is an open incident of this target and verdict. */
  isOpen(named: Named): boolean {
    this.#openKeys ??= new Set(this.open.map(keyOf));
    return this.#openKeys.has(keyOf(named));
  }

  /** Those that hold this incident back now. */
  silencesOf(incident: Incident): readonly Silence[] {
    if (this.#active.length === 0) return [];
    return this.#active.filter((silence) => isSilencedBy(incident, silence));
  }

  isSilenced(incident: Incident): boolean {
    return this.#active.some((silence) => isSilencedBy(incident, silence));
  }

  /** Whether a notice to this receiver tells of it, and is not settled. */
  isUnderWay(receiver: string, { number }: Incident): boolean {
    return this.#underWay.get(receiver)?.has(number) ?? false;
  }

  isUnderWayAnywhere({ number }: Incident): boolean {
    return this.#underWayAnywhere.has(number);
  }

  /** For how long it has been under way, at the least. */
  ageOf(notice: Notice): number {
    return this.#ages.ofNotice(notice, this.#nowMs);
  }

  /** For how long it has been over, at the least. */
  sinceEndOf(incident: Incident): number {
    return this.#ages.sinceEnd(incident, this.#nowMs);
  }

  /**
   * Whether an incident that is over may have gone on for longer than this: by what this monitor saw of it, or by
   * the times that were written down, which are those of two clocks if the leader changed.
   */
  mayHaveOutlasted(incident: Incident, closing: Closing, limitMs: number): boolean {
    const writtenMs = closing.wallMs - incident.openedWallMs;
    return writtenMs < 0 || Math.max(writtenMs, this.#ages.ofEnded(incident)) > limitMs;
  }

  /** Unix time at which the next silence begins or ends; Infinity for none. */
  get nextSilenceWallMs(): number {
    let next = Infinity;
    for (const { startsWallMs, endsWallMs } of this.contents.silences.values()) {
      for (const ms of [startsWallMs, endsWallMs]) if (ms > this.wallMs) next = Math.min(next, ms);
    }
    return next;
  }
}

function keyOf({ target, verdict }: Named): string {
  return `${verdict} ${target}`;
}
