/**
 * Wing and Gong's search with Lowe's memory, for a history that cannot be taken apart: it looks for an
 * order of the operations in which each takes effect between its call and its return and the model
 * agrees with every output.
 *
 * What keeps it short: what changes nothing is done as soon as it fits; of operations alike only the
 * one that returns first is tried; those of unknown outcome are tried last, and to have spent fewer of
 * them is as good as the same with more (`_spent.ts`); states that nobody can tell apart any more are
 * one (`_interest.ts`); and lost causes are seen early (`_supply.ts`). None of that changes a verdict.
 */
import type { Model } from "./model.ts";
import { Moves } from "./_moves.ts";
import { SpentCounts } from "./_spent.ts";
import { NONE } from "./_targets.ts";
import type { Timeline } from "./_timeline.ts";
import { Visited } from "./_visited.ts";
import { type Spending, Walk, type Waypoint } from "./_walk.ts";

export type LinearizabilityVerdict = "linearizable" | "not-linearizable" | "unknown";

/** A configuration on the way to the present one, with what of it was tried. */
interface Frame {
  readonly waypoint: Waypoint;
  /** As `Moves.next` counts. */
  lastTried: number;
  /** What is left of them; undefined until all of known outcome was tried. */
  spendings: Spending[] | undefined;
  /** The queue that the present way spends from; `NONE` if none. */
  spendingQueue: number;
}

export class Search<State, Input, Output> {
  readonly #walk: Walk<State, Input, Output>;
  readonly #moves: Moves<State, Input, Output>;
  readonly #visited: Visited;
  readonly #frames: Frame[] = [];

  constructor(model: Model<State, Input, Output>, timeline: Timeline<Input, Output>) {
    this.#walk = new Walk(model, timeline);
    const spentCounts = new SpentCounts(this.#walk.kinds.queues.length);
    this.#moves = new Moves(model, this.#walk, spentCounts);
    this.#visited = new Visited(spentCounts);
  }

  /** How many operations were looked at so far, each time that one was. */
  get steps(): number {
    return this.#walk.steps;
  }

  run(maxSteps: number): LinearizabilityVerdict {
    this.#enter(true);
    while (!this.#walk.position.isComplete) {
      if (this.#walk.steps > maxSteps) return "unknown";
      const frame = this.#frames.at(-1);
      if (frame === undefined) return "not-linearizable";
      this.#walk.backTo(frame.waypoint, frame.spendingQueue);
      frame.spendingQueue = NONE;
      if (!this.#tryNext(frame) && !this.#spendNext(frame)) this.#frames.pop();
    }
    return "linearizable";
  }

  #tryNext(frame: Frame): boolean {
    if (frame.spendings !== undefined) return false;
    const next = this.#moves.next(frame.lastTried);
    if (next === NONE) return false;
    frame.lastTried = next;
    const rank = this.#moves.rankOf(next);
    this.#walk.take(rank, this.#walk.stateAfter(rank));
    this.#enter(true);
    return true;
  }

  #spendNext(frame: Frame): boolean {
    frame.spendings ??= this.#moves
      .spendings()
      .filter((choice) => this.#isNewAfter(choice) && !choice.isSpared);
    const spending = frame.spendings.pop();
    if (spending === undefined) return false;
    this.#walk.spend(spending);
    frame.spendingQueue = spending.queue;
    this.#enter(false);
    return true;
  }

  /**
   * Remembers the configuration before it is entered, so that all that one more can do is known before
   * two more are tried: nothing is then reached by two that one would have done for.
   */
  #isNewAfter({ state, spent }: Spending): boolean {
    return this.#isNew(state, this.#walk.isMootState(state), spent);
  }

  /** Goes on from the configuration reached, unless it is hopeless or known. */
  #enter(isUnknown: boolean): void {
    const { takenCount } = this.#walk.position;
    this.#walk.settle();
    const { state, isMoot, spent, waypoint } = this.#walk;
    if (this.#walk.isHopeless(state)) return;
    const hasMoved = isUnknown || waypoint.takenCount > takenCount;
    if (hasMoved && !this.#isNew(state, isMoot, spent)) return;
    this.#frames.push({ waypoint, lastTried: NONE, spendings: undefined, spendingQueue: NONE });
  }

  #isNew(state: number, isMoot: boolean, spent: number): boolean {
    const { rank, doneSlots } = this.#walk.position;
    return this.#visited.add(rank, doneSlots, isMoot ? NONE : state, spent);
  }
}
