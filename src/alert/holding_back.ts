/**
 * Whether the one that leads may tell anything new now: who is cut off, or doubts itself, is not to wake anybody.
 * If that lasts, and another is well, it lets that one lead, so that alerts do not wait for it to recover.
 * Who cannot write down what is to be told may try on, and says so if it lasts.
 */
import type { ObserversReading } from "../observers/mod.ts";
import type { AlertRecord } from "../store/mod.ts";
import type { Hold } from "./reading.ts";
import type { RecordWriter } from "./record_writer.ts";

export interface HoldingWorld {
  readonly observers: Pick<ObserversReading, "isMinority" | "observers">;
  readonly record: Pick<AlertRecord, "isUntouched">;
  /** Members that do not read alerts, or may not: until the first alert they are waited for. */
  readonly olderMembers: () => readonly string[];
  /** Asks a member to lead in this one's stead. */
  readonly handOver: (to: string) => void;
  /** A clock on which the pauses of this process did not happen. */
  readonly nowMs: () => number;
  readonly tell: (level: "info" | "warning" | "error", line: string) => void;
}

/** What is over sooner is no news: connections that are being made, for one. */
const SAY_AFTER_MS = 3_000;
/** Less changes the leader for a short doubt; more keeps what is to be told waiting. */
const HAND_OVER_AFTER_MS = 10_000;
/**
 * A doubt that lasts longer, with nobody to hand over to, holds nothing back any more: the votes of whoever
 * doubts itself are not counted anyway, and an overloaded monitor must not be a silent one.
 */
const DOUBT_AT_MOST_MS = 60_000;

export class HoldingBack {
  readonly #world: HoldingWorld;
  readonly #recorder: Pick<RecordWriter, "failure">;
  #hold: Hold | null = null;
  #sinceMs = 0;
  /** When somebody was asked to lead last, or the hold began. */
  #askedMs = 0;
  /** Who was asked to lead last. */
  #asked = "";
  /** What the log says. */
  #said: Hold | null = null;
  /** Undefined while this monitor trusts itself. */
  #doubtSinceMs: number | undefined;

  constructor(world: HoldingWorld, recorder: Pick<RecordWriter, "failure">) {
    this.#world = world;
    this.#recorder = recorder;
  }

  /** As of the last look. */
  get hold(): Hold | null {
    return this.#hold;
  }

  /** Whether anything new may be told. To be asked again and again; says so where it lasts that it may not. */
  mayTell(): boolean {
    const hold = this.#look();
    if (hold !== this.#hold) {
      this.#hold = hold;
      this.#sinceMs = this.#askedMs = this.#world.nowMs();
    }
    this.#sayIfItLasts();
    this.#handOverIfItLasts();
    // That it can be recorded again is seen by trying.
    return hold === null || hold === "cannot_record";
  }

  /** It leads no more: what held it back then says nothing of when it leads again. */
  rest(): void {
    this.#hold = this.#said = null;
    this.#doubtSinceMs = undefined;
  }

  #sayIfItLasts(): void {
    const { tell, nowMs } = this.#world;
    const hold = this.#hold;
    if (hold === this.#said || (hold !== null && nowMs() - this.#sinceMs < SAY_AFTER_MS)) return;
    const before = this.#said;
    this.#said = hold;
    // What could not be recorded may be over by now: then nothing is sent.
    const again =
      before === "cannot_record" ? "nothing waits to be recorded" : "they are sent again";
    if (hold === null) tell("info", `alerts: ${again}`);
    else tell("warning", `alerts: nothing new is sent: ${this.#why(hold)}`);
  }

  #look(): Hold | null {
    const { observers, record, olderMembers, nowMs } = this.#world;
    const doubts = observers.observers().find(({ isSelf }) => isSelf)?.doubts ?? [];
    // That many targets look suspicious is for the combined verdict to judge, and it has.
    const isInDoubt = doubts.some((doubt) => doubt !== "many_suspected");
    this.#doubtSinceMs = isInDoubt ? (this.#doubtSinceMs ?? nowMs()) : undefined;
    if (observers.isMinority) return "minority";
    if (isInDoubt && nowMs() - this.#doubtSinceMs! < DOUBT_AT_MOST_MS) return "in_doubt";
    if (record.isUntouched && olderMembers().length > 0) return "older_members";
    return this.#recorder.failure === undefined ? null : "cannot_record";
  }

  #why(hold: Hold): string {
    switch (hold) {
      case "minority":
        return "this monitor hears fewer observers than a majority";
      case "in_doubt":
        return "this monitor doubts itself";
      case "older_members":
        return `${this.#world.olderMembers().join(", ")} may run a version that knows of no alerts`;
      case "cannot_record":
        return `it cannot be recorded first: ${this.#recorder.failure}`;
      case "not_configured":
        return "this monitor was given no alerts file";
    }
  }

  #handOverIfItLasts(): void {
    const { nowMs, handOver, tell } = this.#world;
    if (this.#hold !== "minority" && this.#hold !== "in_doubt") return;
    if (nowMs() - this.#askedMs < HAND_OVER_AFTER_MS) return;
    // Once more after as long again.
    this.#askedMs = nowMs();
    const sound = this.#soundOthers();
    // Whoever was asked last may not be able to: each is asked in its turn.
    const other = sound.find((id) => id > this.#asked) ?? sound[0];
    if (other === undefined) return;
    this.#asked = other;
    tell("info", `alerts: ${other} is asked to lead, so that they are sent`);
    handOver(other);
  }

  /** Their ids, ascending. */
  #soundOthers(): readonly string[] {
    return this.#world.observers
      .observers()
      .filter(({ isSelf, isHeard, doubts }) => !isSelf && isHeard && doubts.length === 0)
      .map(({ id }) => id)
      .toSorted();
  }
}
