/**
 * A look at all that could come next: of operations of one kind the one that returns first, what it
 * leads to, and which states would let somebody else come next.
 */
import { NONE } from "./_targets.ts";
import type { Walk } from "./_walk.ts";

export class Look<State, Input, Output> {
  readonly #walk: Walk<State, Input, Output>;
  /** Which look this is: what the arrays have of an earlier one is out of date. */
  #number = 0;
  /** By kind: the look at which one that fits was seen, its rank, and the state that it leads to. */
  readonly #seen: Int32Array;
  readonly #ranks: Int32Array;
  readonly #states: Int32Array;
  /** By place: the look at which somebody was seen who waits for it. */
  readonly #awaited: Int32Array;
  /** The kinds of which one fits, without the hopeless. */
  kinds: number[] = [];
  /** Whether somebody could be next in any state but this one. */
  isInTheWay = false;

  constructor(walk: Walk<State, Input, Output>) {
    this.#walk = walk;
    const { length } = walk.kinds.inputs;
    this.#seen = new Int32Array(length);
    this.#ranks = new Int32Array(length);
    this.#states = new Int32Array(length);
    this.#awaited = new Int32Array(walk.targets.numbers.length);
  }

  /** Forgets what the last look saw. */
  lookAround(): void {
    const { kinds, position, targets, state } = this.#walk;
    const here = targets.placeOf(state);
    this.#number++;
    this.kinds = [];
    this.isInTheWay = false;
    for (let rank = position.first(); rank !== NONE; rank = position.after(rank)) {
      this.#walk.lookCount++;
      const needed = targets.neededBy[rank]!;
      const awaited = targets.awaitedBy[rank]!;
      if (awaited !== NONE) this.markAwaited(awaited);
      if (needed === NONE && here !== NONE && targets.toldBy[rank] === here) this.isInTheWay = true;
      const kind = kinds.kindOf[rank]!;
      if (kind !== NONE) this.#lookAt(rank, kind, needed);
    }
  }

  /** Only for `kinds`. */
  rankOf(kind: number): number {
    return this.#ranks[kind]!;
  }

  /** The state that one of the kind leads to; only for `kinds`. */
  stateAfter(kind: number): number {
    return this.#states[kind]!;
  }

  isAwaited(place: number): boolean {
    return this.#awaited[place] === this.#number;
  }

  markAwaited(place: number): void {
    this.#awaited[place] = this.#number;
  }

  #lookAt(rank: number, kind: number, needed: number): void {
    const isFirst = this.#seen[kind] !== this.#number;
    if (!isFirst && this.#ranks[kind]! < rank) return;
    const state = this.#walk.stateAfter(rank);
    if (state === NONE) return;
    this.#seen[kind] = this.#number;
    this.#ranks[kind] = rank;
    this.#states[kind] = state;
    if (!isFirst) return;
    // What needs nothing leaves all needs as they are, so this much is known before it is done.
    if (needed === NONE && this.#walk.isHopeless(state)) this.#ranks[kind] = NONE;
    else this.kinds.push(kind);
  }
}
