/**
 * The hand that writes the record, of the one that leads: what became of notices first, then what the plan says,
 * one step after the other, each made of the record as it is then. It knows when there is nothing to write
 * before something happens, and says what those who read the log have to know of what was written.
 */
import type { Clock } from "../port.ts";
import type {
  AlertCommand,
  AlertContents,
  AlertRecord,
  AlertResult,
  TextByName,
} from "../store/mod.ts";
import type { AlertLog } from "./alert_log.ts";
import { nextCommand } from "./plan.ts";
import type { Receivers } from "./receivers.ts";
import type { RecordAges } from "./record_ages.ts";
import { RecordLook } from "./record_look.ts";
import { Soonest } from "./soonest.ts";
import type { VerdictWatch } from "./verdict_watch.ts";

export interface RecordWriterWorld {
  readonly record: AlertRecord;
  readonly targets: { labelsOf(target: string): TextByName | undefined };
  readonly clock: Clock;
  readonly nowMs: () => number;
}

export interface RecordWriterParts {
  readonly verdicts: VerdictWatch;
  readonly receivers: Receivers;
  readonly ages: RecordAges;
  readonly log: AlertLog;
}

/** The wall clock may jump, and silences go by it. */
const LOOK_AT_LEAST_MS = 10_000;
/** Steps in a row before the event loop and others have their turn. */
const MAX_STEPS_A_TURN = 50;

type CommandOf<Kind extends AlertCommand["kind"]> = Extract<AlertCommand, { kind: Kind }>;

export class RecordWriter {
  readonly #world: RecordWriterWorld;
  readonly #parts: RecordWriterParts;
  /** Until then, on this monitor's clock, there is nothing to write unless something happens. */
  #nextLookMs = 0;
  #failure: string | undefined;

  constructor(world: RecordWriterWorld, parts: RecordWriterParts) {
    this.#world = world;
    this.#parts = parts;
  }

  /** Why what there is to write could not be written last; undefined if it could, and if there is nothing. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** There may be something to write now. */
  happened(): void {
    this.#nextLookMs = 0;
  }

  /** Somebody else writes now. */
  rest(): void {
    this.#failure = undefined;
    this.happened();
  }

  /** Writes what there is to write, as long as it may and no step fails. */
  async write(mayWrite: () => boolean): Promise<void> {
    for (let steps = 0; steps < MAX_STEPS_A_TURN && mayWrite(); steps++) {
      if (this.#world.nowMs() < this.#nextLookMs || !(await this.#step())) return;
    }
  }

  /** Writes the next thing down; false if there is none, or it could not be written. */
  async #step(): Promise<boolean> {
    const { record, nowMs } = this.#world;
    const contents = record.readLocal();
    const again = new Soonest();
    const look = this.#look(contents);
    const command = this.#settling(contents) ?? nextCommand(this.#plan(), look, nowMs(), again);
    this.#nextLookMs = command === undefined ? Math.min(again.ms, nowMs() + LOOK_AT_LEAST_MS) : 0;
    if (command === undefined) {
      this.#failure = undefined;
      return false;
    }
    const result = await record.run(command);
    this.#failure = failureOf(result);
    if (!result.ok) return false;
    this.#written(command, look);
    return result.count > 0;
  }

  #look(contents: AlertContents): RecordLook {
    const { clock, nowMs } = this.#world;
    const { ages } = this.#parts;
    ages.look(contents, nowMs());
    return new RecordLook(contents, { wallMs: clock.wallMs(), nowMs: nowMs(), ages });
  }

  /** What became of the notices that were sent. */
  #settling({ notices }: AlertContents): AlertCommand | undefined {
    const { deliveries } = this.#parts.receivers;
    const outcomes = [...notices.values()].flatMap(
      (notice) => deliveries.get(notice.receiver)?.settledOf(notice) ?? [],
    );
    return outcomes.length === 0 ? undefined : { kind: "settle", outcomes };
  }

  #plan() {
    const { targets } = this.#world;
    const { verdicts, receivers } = this.#parts;
    return {
      config: receivers.config!,
      desks: receivers.desks,
      verdicts,
      labelsOf: (target: string) => targets.labelsOf(target),
    };
  }

  /** What has to be remembered, or said, of a command that is in the record now. `before`: as it was. */
  #written(command: AlertCommand, before: RecordLook): void {
    const { log, receivers } = this.#parts;
    if (command.kind === "open") this.#giveUp(command.incidents);
    if (command.kind === "notify") this.#noticed(command.notices);
    if (command.kind !== "settle") return;
    const whyOf = (receiver: string) => receivers.deliveries.get(receiver)?.lastError;
    log.settled(command.outcomes, before, whyOf);
  }

  #noticed(notices: CommandOf<"notify">["notices"]): void {
    const after = this.#world.record.readLocal();
    for (const { receiver } of notices) {
      const desk = this.#parts.receivers.desks.find((each) => each.receiver.name === receiver);
      if (after.notices.has(receiver)) desk?.noticed(this.#world.nowMs());
    }
  }

  /** Those of these incidents that had no room in the record. */
  #giveUp(incidents: CommandOf<"open">["incidents"]): void {
    const { verdicts, log } = this.#parts;
    const look = this.#look(this.#world.record.readLocal());
    const lost = incidents.filter((incident) => !look.isOpen(incident));
    for (const { target } of lost) verdicts.giveUp(target);
    log.dropped(lost);
  }
}

function failureOf(result: AlertResult): string | undefined {
  if (result.ok) return undefined;
  return result.reason === "unavailable" ? result.detail : result.reason;
}
