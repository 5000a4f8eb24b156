/**
 * Lowe's memory: the configurations that were met, so that none is searched twice. A configuration is
 * a rank below which all is done, the slots of what is done above it, a state, and what was spent of
 * the unknown outcomes. One that differs from a known one only in that it spent more is not new either.
 */
import type { SpentCounts } from "./_spent.ts";

/** One word of slots and a state beside it make a number that is exact below this many states. */
const EXACT_STATES = 2 ** 21;
const WORD = 2 ** 32;

export class Visited {
  readonly #spent: SpentCounts;
  /** By rank, then by slots and state: what was spent; no two of them within one another. */
  readonly #byRank: (Map<number | string, number | number[]> | undefined)[] = [];

  constructor(spent: SpentCounts) {
    this.#spent = spent;
  }

  /** False if it is known. `state` may be -1, for all states that nobody can tell apart any more. */
  add(rank: number, slots: Int32Array, state: number, spent: number): boolean {
    const known = (this.#byRank[rank] ??= new Map<number | string, number | number[]>());
    const key = keyOf(slots, state);
    const before = known.get(key);
    if (before === undefined) {
      known.set(key, spent);
      return true;
    }
    const list = typeof before === "number" ? [before] : before;
    if (list.some((less) => this.#spent.isWithin(less, spent))) return false;
    const rest = list.filter((more) => !this.#spent.isWithin(spent, more));
    rest.push(spent);
    known.set(key, rest.length === 1 ? spent : rest);
    return true;
  }
}

function keyOf(slots: Int32Array, state: number): number | string {
  if (slots.length === 1 && state < EXACT_STATES) return state * WORD + (slots[0]! >>> 0);
  return `${state}:${slots.join()}`;
}
