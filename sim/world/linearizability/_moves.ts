/**
 * What to try next, as far as it is worth a try: of known outcome what a look around finds, and of
 * unknown outcome only what makes a difference to somebody who could come after it.
 */
import { Look } from "./_look.ts";
import type { Model } from "./model.ts";
import type { SpentCounts } from "./_spent.ts";
import { NONE } from "./_targets.ts";
import type { Spending, Walk } from "./_walk.ts";

export interface Choice extends Spending {
  /** Whether whatever can be done after it can be done after another of these. */
  readonly isSpared: boolean;
}

export class Moves<State, Input, Output> {
  readonly #walk: Walk<State, Input, Output>;
  readonly #look: Look<State, Input, Output>;
  readonly #spentCounts: SpentCounts;
  readonly #isTold: boolean;

  constructor(
    model: Model<State, Input, Output>,
    walk: Walk<State, Input, Output>,
    spentCounts: SpentCounts,
  ) {
    this.#walk = walk;
    this.#look = new Look(walk);
    this.#spentCounts = spentCounts;
    this.#isTold = model.tells !== undefined;
  }

  /**
   * The next to try of known outcome: those that lead to a state that matters before the others, and
   * what returns first before what returns later. `after` and the result are places in that order,
   * `NONE` stands before the first and after the last.
   */
  next(after: number): number {
    this.#look.lookAround();
    const { length } = this.#walk.timeline.returned;
    let best = Infinity;
    for (const kind of this.#look.kinds) {
      const isMoot = this.#walk.isMootState(this.#look.stateAfter(kind));
      const order = this.#look.rankOf(kind) + (isMoot ? length : 0);
      if (order > after && order < best) best = order;
    }
    return best === Infinity ? NONE : best;
  }

  rankOf(order: number): number {
    return order % this.#walk.timeline.returned.length;
  }

  /** All of unknown outcome that is of use. */
  spendings(): Choice[] {
    const { spent } = this.#walk;
    this.#look.lookAround();
    const available = this.#availableQueues();
    this.#awaitChains(available);
    const changes = available
      .map((queue) => ({ queue, state: this.#walk.stateAfterUnknown(queue) }))
      .filter(({ state }) => state !== NONE && this.#isOfUse(state));
    const narrow = new Set(
      changes.filter(({ queue }) => this.#isNarrow(queue)).map(({ state }) => state),
    );
    // What can do it from here only goes first: what can do it from anywhere still can afterwards.
    const isSpared = (queue: number, state: number) =>
      narrow.has(state) && this.#overwrites(queue) && !this.#isNarrow(queue);
    return changes
      .filter(({ state }) => !this.#walk.isHopeless(state))
      .map(({ queue, state }) => {
        const more = this.#spentCounts.oneMore(spent, queue);
        return { queue, state, spent: more, isSpared: isSpared(queue, state) };
      });
  }

  #availableQueues(): number[] {
    const { kinds, timeline, position, spent } = this.#walk;
    const until = timeline.returned[position.rank]!.returnedAt;
    const available: number[] = [];
    for (const [queue, { operations }] of kinds.queues.entries()) {
      const next = operations[this.#spentCounts.count(spent, queue)];
      if (next !== undefined && next.invokedAt <= until) available.push(queue);
    }
    return available;
  }

  /** A state is awaited, too, in which one of unknown outcome can bring an awaited one about. */
  #awaitChains(available: readonly number[]): void {
    const { queues, placesAfter } = this.#walk.kinds;
    let rest = available.filter((queue) => queues[queue]!.told !== NONE);
    for (let count = Infinity; rest.length < count;) {
      count = rest.length;
      rest = rest.filter((queue) => {
        const { kind, told } = queues[queue]!;
        if (!placesAfter[kind]!.some((place) => this.#look.isAwaited(place))) return true;
        this.#look.markAwaited(told);
        return false;
      });
    }
  }

  /**
   * Whether whatever comes right after could not as well have come without it. If it could, the same
   * order without it does too.
   */
  #isOfUse(state: number): boolean {
    const { targets } = this.#walk;
    if (!this.#isTold) return true;
    if (targets.ways !== "overwritten") return !targets.areNeeds || !this.#walk.isMootState(state);
    const place = targets.placeOf(state);
    return this.#look.isInTheWay || (place !== NONE && this.#look.isAwaited(place));
  }

  #overwrites(queue: number): boolean {
    return this.#walk.kinds.isOverwriting[this.#walk.kinds.queues[queue]!.kind] === 1;
  }

  /** Whether there is one state only that it changes, and one only that it changes it into. */
  #isNarrow(queue: number): boolean {
    return this.#overwrites(queue) && this.#walk.kinds.queues[queue]!.told !== NONE;
  }
}
