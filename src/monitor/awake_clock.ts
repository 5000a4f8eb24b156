/**
 * A monotonic clock that stands still while this process does not run. A monitor that was stopped,
 * starved or suspended has heard nothing from anybody, and that is no server's fault: on this clock the
 * gap never happened, so schedule, deadlines and suspicion all go on where they were. It knows a gap
 * by not having been read for longer than its reader's tick allows; so somebody must read it every
 * `tickMs` while the process is well.
 */
import type { Clock } from "../port.ts";

export interface AwakeClockOptions {
  /** How often, at the least, the clock is read while the process runs. */
  readonly tickMs: number;
  /**
   * A gap between two readings above this is a pause. Larger blames servers for short stalls of our own;
   * smaller lets a busy monitor's clock run slow, and so delays what it detects.
   */
  readonly pauseAboveMs: number;
}

export const DEFAULT_AWAKE_CLOCK: AwakeClockOptions = { tickMs: 20, pauseAboveMs: 100 };

/** So many of the newest pauses are remembered one by one. */
const NEWEST_PAUSES = 64;
/** Of those before them as many, the longest: each stands for the shorter ones just before it, too. */
const REMEMBERED_PAUSES = 2 * NEWEST_PAUSES;

/** A time in which the process did not run. */
export interface OwnPause {
  /** The moment on the clock at which the process went on. */
  readonly wokeMs: number;
  /** How long it was. */
  readonly lastedMs: number;
}

interface Pause {
  /** The moment on this clock at which the process went on. */
  readonly wokeMs: number;
  /** All pauses up to and including this one. */
  readonly pausedMs: number;
}

export class AwakeClock {
  readonly #clock: Clock;
  readonly #options: AwakeClockOptions;
  #lastReadMs: number;
  #pausedMs = 0;
  /** Invariant: ascending in both fields. */
  readonly #pauses: Pause[] = [];
  /** Oldest first. Invariant: what each excuses, for as long as it lasted, ends later than what those after it do. */
  #excusing: OwnPause[] = [];

  constructor(clock: Clock, options: AwakeClockOptions = DEFAULT_AWAKE_CLOCK) {
    this.#clock = clock;
    this.#options = options;
    this.#lastReadMs = clock.monotonicMs();
  }

  /** Milliseconds; never goes back. */
  nowMs(): number {
    const readMs = this.#clock.monotonicMs();
    const gapMs = readMs - this.#lastReadMs;
    this.#lastReadMs = readMs;
    if (gapMs > this.#options.pauseAboveMs) this.#takeOut(readMs, gapMs - this.#options.tickMs);
    return readMs - this.#pausedMs;
  }

  /** All time taken out so far. */
  get pausedMs(): number {
    return this.#pausedMs;
  }

  /**
   * Those that may excuse whoever was not heard, oldest first: each for as long as it lasted, so that many short ones
   * never add up to an excuse for ever. One that excuses no longer than a later one does is left out.
   */
  get excusingPauses(): readonly OwnPause[] {
    return this.#excusing;
  }

  /** The wall-clock time of a moment on this clock, by the wall clock as it is set now. */
  wallMsOf(awakeMs: number): number {
    const pause = this.#pauses.findLast((candidate) => candidate.wokeMs <= awakeMs);
    const agoMs = this.#clock.monotonicMs() - (awakeMs + (pause?.pausedMs ?? 0));
    return this.#clock.wallMs() - agoMs;
  }

  #takeOut(readMs: number, pauseMs: number): void {
    this.#pausedMs += pauseMs;
    const wokeMs = readMs - this.#pausedMs;
    const endMs = wokeMs + pauseMs;
    const longer = this.#excusing.filter((earlier) => earlier.wokeMs + earlier.lastedMs > endMs);
    this.#excusing = [...longer, { wokeMs, lastedMs: pauseMs }];
    this.#pauses.push({ wokeMs, pausedMs: this.#pausedMs });
    if (this.#pauses.length > REMEMBERED_PAUSES) this.#forgetShortest();
  }

  /**
   * The next one stands for it, too, and what lies between the two is off by it from then on. Were it the oldest, a long one
   * would be forgotten over short ones, and all that was before it would seem hours later than it was.
   */
  #forgetShortest(): void {
    let [shortest, shortestMs, pausedMs] = [0, Number.POSITIVE_INFINITY, 0];
    // The one that takes it over is none of the newest, whose moments are to be exact.
    for (let index = 0; index < REMEMBERED_PAUSES - NEWEST_PAUSES; index++) {
      const lastedMs = this.#pauses[index]!.pausedMs - pausedMs;
      pausedMs += lastedMs;
      if (lastedMs < shortestMs) [shortest, shortestMs] = [index, lastedMs];
    }
    this.#pauses.splice(shortest, 1);
  }
}
