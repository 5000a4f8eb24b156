/**
 * One piece of work, put to the cluster again and again until an outcome settles it or its owner stops:
 * after a short pause where an attempt ended, and beside an attempt that is still under way where that
 * may have been lost, because another leads by now, or because nothing has come of it for long. So the
 * work must be such that attempting it twice does no harm.
 */
import type { Timers } from "../port.ts";

export interface AttemptsWorld {
  readonly timers: Timers;
  /** Names the leadership that this member follows; undefined while there is none. */
  readonly leadership: () => string | undefined;
}

/** Between two attempts. Less is quicker after an election; more asks less of a cluster without a leader. */
const FIRST_PAUSE_MS = 10;
const MAX_PAUSE_MS = 50;
/** How often an attempt that is under way is looked at. */
const LOOK_EVERY_MS = 50;
/** After this many looks another attempt is made: 500 ms. Less puts more copies into a slow cluster's log. */
const PATIENCE_LOOKS = 10;

export interface Attempt<Outcome> {
  /** Begins one attempt. `done` is called at most once, perhaps at once. */
  readonly begin: (done: (outcome: Outcome) => void) => void;
  /** Whether this outcome, of any of the attempts so far, is the end. It may stop the attempts itself. */
  readonly isSettledBy: (outcome: Outcome) => boolean;
}

export class Attempts<Outcome> {
  readonly #world: AttemptsWorld;
  readonly #attempt: Attempt<Outcome>;
  #begunCount = 0;
  #isLatestUnderWay = false;
  #isStopped = false;
  #pauseMs = FIRST_PAUSE_MS;
  #cancelTimer = (): void => {};

  /** Nothing happens before `begin`. */
  constructor(world: AttemptsWorld, attempt: Attempt<Outcome>) {
    this.#world = world;
    this.#attempt = attempt;
  }

  /** Attempts so far, those under way included. */
  get begunCount(): number {
    return this.#begunCount;
  }

  begin(): void {
    const number = ++this.#begunCount;
    const leadership = this.#world.leadership();
    this.#isLatestUnderWay = true;
    this.#attempt.begin((outcome) => this.#ended(number, outcome));
    if (this.#isLatestUnderWay) this.#lookLater(leadership, PATIENCE_LOOKS);
  }

  /** No attempt is made and no outcome is looked at from now on. */
  stop(): void {
    this.#isStopped = true;
    this.#isLatestUnderWay = false;
    this.#cancelTimer();
  }

  #ended(number: number, outcome: Outcome): void {
    if (this.#isStopped) return;
    if (this.#attempt.isSettledBy(outcome)) return this.stop();
    // A later attempt is under way.
    if (this.#isStopped || number < this.#begunCount) return;
    this.#isLatestUnderWay = false;
    this.#wait(this.#pauseMs, () => this.begin());
    this.#pauseMs = Math.min(2 * this.#pauseMs, MAX_PAUSE_MS);
  }

  #lookLater(leadershipAtBegin: string | undefined, looksLeft: number): void {
    this.#wait(LOOK_EVERY_MS, () => {
      const leadership = this.#world.leadership();
      const isLost = leadership !== undefined && leadership !== leadershipAtBegin;
      if (isLost || looksLeft <= 1) this.begin();
      else this.#lookLater(leadershipAtBegin, looksLeft - 1);
    });
  }

  #wait(delayMs: number, run: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#world.timers.after(delayMs, run);
  }
}
