/**
 * When one target is asked. Slots lie on an absolute grid, `firstMs + k * intervalMs`, so that a slow
 * answer never shifts the next question. A slot that finds the last probe still out asks all the same, and
 * the prober sees to it that the two do not hang together; one that finds as many out as may be, or comes when its successor is already due,
 * is skipped and counted. The schedule knows neither what is asked nor what an answer means.
 */
import type { ProbeOutcome, Prober } from "./outcome.ts";
import { Alarm, type TimerWheel } from "./wheel.ts";

/** So many probes of one target may be out at once where nothing calls for more: one lost answer is no outage. */
export const USUAL_PROBES_OUT = 2;

/** What a schedule tells, and whom: one listener serves all schedules, so that none needs closures of its own. */
export interface ScheduleListener<Subject> {
  /** How late a slot's probe left. */
  asked(subject: Subject, nowMs: number, lagMs: number): void;
  skipped(subject: Subject, slots: number): void;
  answered(subject: Subject, outcome: ProbeOutcome): void;
  /** The same of a question that was changed while it was out. */
  answeredBefore(subject: Subject, outcome: ProbeOutcome): void;
  /** How many probes of it may be out at once now: at least 1. Each may hold a socket. */
  mostOut(subject: Subject): number;
}

/** What all schedules of one monitor share, in one object: each has a reference less to hold. */
export interface ScheduleGround<Subject> {
  readonly wheel: TimerWheel;
  readonly listener: ScheduleListener<Subject>;
  /** Of the few schedules that have some: what earlier probers have asked and is still out. */
  readonly earlier: Map<ProbeSchedule<Subject>, Map<Prober, Earlier>>;
}

/** Where its slots lie. */
export interface ScheduleGrid {
  readonly firstMs: number;
  readonly intervalMs: number;
}

/** What an earlier prober has asked and is still out. */
interface Earlier {
  /** > 0. */
  outCount: number;
  /** Then it is given up. */
  readonly untilMs: number;
}

export class ProbeSchedule<Subject> extends Alarm {
  readonly #ground: ScheduleGround<Subject>;
  readonly #subject: Subject;
  #prober: Prober;
  #intervalMs: number;
  /** Of all probers. Invariant: >= 0; it rises only while it is less than the listener's `mostOut`. */
  #probesOut = 0;

  constructor(
    ground: ScheduleGround<Subject>,
    prober: Prober,
    subject: Subject,
    grid: ScheduleGrid,
  ) {
    super();
    this.#ground = ground;
    this.#prober = prober;
    this.#subject = subject;
    this.#intervalMs = grid.intervalMs;
    ground.wheel.set(this, grid.firstMs);
  }

  /**
   * Asks at another interval from now on. The next slot stays where it is, or is the first of the new grid that has not passed:
   * one before that never was a slot, and its probe would be as late as all those of the targets that were changed with it.
   */
  changeInterval(intervalMs: number, nowMs: number): void {
    if (intervalMs === this.#intervalMs) return;
    const lastSlotMs = this.dueMs - this.#intervalMs;
    this.#intervalMs = intervalMs;
    const slots = Math.max(Math.ceil((nowMs - lastSlotMs) / intervalMs), 1);
    const dueMs = lastSlotMs + slots * intervalMs;
    if (this.isSet && dueMs < this.dueMs) this.#ground.wheel.set(this, dueMs);
  }

  /**
   * Asks the same server something else from `firstMs` on. What is out is waited for until `untilMs`: who dropped it
   * would hear nothing for two intervals, and take that for the server's silence. But it may be what had to be changed.
   */
  askOtherwise(prober: Prober, { firstMs, intervalMs }: ScheduleGrid, untilMs: number): void {
    const before = this.#prober;
    this.#prober = prober;
    this.#intervalMs = intervalMs;
    this.#ground.wheel.set(this, firstMs);
    let outCount = this.#probesOut;
    for (const earlier of this.#earlier?.values() ?? []) outCount -= earlier.outCount;
    if (outCount === 0) return before.close();
    const all = this.#earlier ?? new Map<Prober, Earlier>();
    this.#ground.earlier.set(this, all.set(before, { outCount, untilMs }));
  }

  /** Whether a question is out. */
  get isAsking(): boolean {
    return this.#probesOut > 0;
  }

  /** The next question takes a new connection. */
  dropKept(): void {
    this.#prober.dropKept?.();
  }

  /** Asks nothing more and forgets what is out. */
  close(): void {
    this.#ground.wheel.clear(this);
    this.#prober.close();
    for (const prober of this.#earlier?.keys() ?? []) prober.close();
    this.#ground.earlier.delete(this);
  }

  /** A slot has come; for the wheel. */
  ring(nowMs: number): void {
    const dueMs = this.dueMs;
    const passed = Math.floor((nowMs - dueMs) / this.#intervalMs);
    this.#ground.wheel.set(this, dueMs + (passed + 1) * this.#intervalMs);
    if (passed > 0) this.#ground.listener.skipped(this.#subject, passed);
    const { listener } = this.#ground;
    for (const [earlier, { outCount, untilMs }] of this.#earlier ?? []) {
      if (nowMs >= untilMs) this.#dismiss(earlier, outCount);
    }
    if (this.#probesOut >= listener.mostOut(this.#subject)) {
      listener.skipped(this.#subject, 1);
      return;
    }
    this.#probesOut++;
    // Lag is of the slot that is asked now, not of those that were passed over.
    listener.asked(this.#subject, nowMs, nowMs - dueMs - passed * this.#intervalMs);
    // A closure for as long as the question is out, and not one that every target keeps.
    const prober = this.#prober;
    prober.ask((outcome) => this.#answered(prober, outcome));
  }

  #answered(prober: Prober, outcome: ProbeOutcome): void {
    const { listener } = this.#ground;
    const earlier = prober === this.#prober ? undefined : this.#earlier?.get(prober);
    if (earlier === undefined) {
      this.#probesOut--;
      return listener.answered(this.#subject, outcome);
    }
    if (earlier.outCount === 1) this.#dismiss(prober, 1);
    else {
      this.#probesOut--;
      earlier.outCount--;
    }
    listener.answeredBefore(this.#subject, outcome);
  }

  /** So many questions of an earlier prober are not waited for any more, which are all that it had. */
  #dismiss(earlier: Prober, outCount: number): void {
    this.#probesOut -= outCount;
    const left = this.#earlier;
    left?.delete(earlier);
    if (left?.size === 0) this.#ground.earlier.delete(this);
    earlier.close();
  }

  get #earlier(): Map<Prober, Earlier> | undefined {
    // Nobody's, nearly always: that costs a look and no search.
    return this.#ground.earlier.size === 0 ? undefined : this.#ground.earlier.get(this);
  }
}

/** Spreads targets over their interval: each next phase falls into the largest gap left by those before. */
const GOLDEN_RATIO_FRACTION = 0.618_033_988_749_894_9;

/** The `index`-th phase, in [0, 1), of a sequence that starts at `offset` and is as even as can be at every length. */
export function evenPhase(index: number, offset: number): number {
  return (offset + index * GOLDEN_RATIO_FRACTION) % 1;
}
