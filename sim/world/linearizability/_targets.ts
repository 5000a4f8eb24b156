/**
 * The states that matter to a history: those that some operation needs, or can tell from others. All
 * the rest are alike. Each has a place in a list, by which the other parts of the search speak of it.
 */
import type { Model } from "./model.ts";
import type { States } from "./_states.ts";
import type { Timeline } from "./_timeline.ts";

/** In place of a number of any sort: there is none. */
export const NONE = -1;

export class Targets<State, Input, Output> {
  readonly #model: Model<State, Input, Output>;
  readonly #states: States<State>;
  readonly #places = new Map<number, number>();
  #farthest: readonly number[] | undefined;
  /** By place: the number of the state. Those that are needed come first, in the order of the first such return. */
  readonly numbers: number[] = [];
  /** By rank: the place of the only state that it fits in. */
  readonly neededBy: Int32Array;
  /** By rank: the place of the state that it tells from others. Beyond the ranks: for unknown outcomes. */
  readonly toldBy: Int32Array;
  /** Whether nothing is told from others by anything but a need for it. */
  readonly areNeeds: boolean;

  constructor(
    model: Model<State, Input, Output>,
    { returned, unknown }: Timeline<Input, Output>,
    states: States<State>,
  ) {
    this.#model = model;
    this.#states = states;
    this.neededBy = Int32Array.from(returned, ({ input, output }) =>
      this.#add(model.needs?.(input, output)),
    );
    this.toldBy = Int32Array.from([...returned, ...unknown], ({ input, output }, index) =>
      this.#add(model.tells?.(input, index < returned.length ? output : undefined)),
    );
    this.areNeeds =
      model.tells !== undefined &&
      this.toldBy.every((place, rank) => place === NONE || place === this.neededBy[rank]);
  }

  /** `NONE` if the state does not matter to anybody. */
  placeOf(state: number): number {
    return this.#places.get(state) ?? NONE;
  }

  /** Whether the state is that at `place`, or can become it without being overwritten. */
  isOnTheWay(state: number, place: number): boolean {
    const target = this.numbers[place]!;
    if (state === target || this.#model.leads === undefined) return state === target;
    return this.#model.leads(this.#states.at(state), this.#stateAt(place));
  }

  /** Whether nothing that matters can ever come of the operation. */
  isIdle(input: Input): boolean {
    const model = this.#model;
    if (model.tells === undefined) return false;
    if (model.leads === undefined) {
      const left = model.leaves?.(input);
      return left === undefined || this.placeOf(this.#states.numberOf(left, NONE)) === NONE;
    }
    if (model.serves === undefined) return false;
    this.#farthest ??= this.#findFarthest();
    return !this.#farthest.some((place) => model.serves!(input, this.#stateAt(place)));
  }

  /** Those that lead to no other. */
  #findFarthest(): number[] {
    const found: number[] = [];
    for (let place = this.numbers.length - 1; place >= 0; place--) {
      if (!found.some((other) => this.isOnTheWay(this.numbers[place]!, other))) found.push(place);
    }
    return found;
  }

  #stateAt(place: number): State {
    return this.#states.at(this.numbers[place]!);
  }

  #add(state: State | undefined): number {
    if (state === undefined) return NONE;
    const number = this.#states.numberOf(state, NONE);
    const known = this.#places.get(number);
    if (known !== undefined) return known;
    const place = this.numbers.push(number) - 1;
    this.#places.set(number, place);
    return place;
  }
}
