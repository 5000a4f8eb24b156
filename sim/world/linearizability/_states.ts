/**
 * States by number: each state that the search meets gets the next one, so that to compare two states
 * is to compare two numbers, however large they are. With it goes what last overwrote all before (the
 * origin): all that led to the state since then only built on it.
 */
import { NONE } from "./_targets.ts";

export class States<State> {
  readonly #keyOf: (state: State) => string | number;
  readonly #numbers = new Map<string | number, number>();
  readonly #states: State[] = [];
  readonly #origins: number[] = [];

  constructor(keyOf: (state: State) => string | number) {
    this.#keyOf = keyOf;
  }

  /** Of several origins that lead to a state, any one will do; the first that is known is remembered. */
  numberOf(state: State, origin: number): number {
    const key = this.#keyOf(state);
    const known = this.#numbers.get(key);
    if (known !== undefined) {
      if (this.#origins[known] === NONE) this.#origins[known] = origin;
      return known;
    }
    const number = this.#states.push(state) - 1;
    this.#origins.push(origin);
    this.#numbers.set(key, number);
    return number;
  }

  at(number: number): State {
    return this.#states[number]!;
  }

  /** The kind of the operation that overwrote all before; `NONE` if none is known to have. */
  originOf(number: number): number {
    return this.#origins[number]!;
  }
}
