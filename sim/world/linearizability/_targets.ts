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
  /**
   * What is known of how one state becomes another: only by being `overwritten`; as the model's
   * `leads` says; or nothing, so that it may be any.
   */
  readonly ways: "overwritten" | "leads" | "any";
  /** By place: the number of the state. Those that are needed come first, in the order of the first such return. */
  readonly numbers: number[] = [];
  /** By rank: the place of the only state that it fits in. */
  readonly neededBy: Int32Array;
  /** By rank: the place of the one state that it may have to wait for; `NONE` if it does not. */
  readonly awaitedBy: Int32Array;
  /** By rank: the place of the state that it tells from others. Beyond the ranks: for unknown outcomes. */
  readonly toldBy: Int32Array;
  /** Whether nothing is told from others by anything but a need for it. */
  readonly areNeeds: boolean;

  constructor(
    model: Model<State, Input, Output>,
    { returned, unknown, readOnly }: Timeline<Input, Output>,
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
    this.awaitedBy = this.neededBy.map((needed, rank) => {
      const told = this.toldBy[rank]!;
      if (needed !== NONE || told === NONE) return needed;
      const { input, output } = returned[rank]!;
      return model.step(this.#stateAt(told), input, output) === undefined ? NONE : told;
    });
    const mutating = [...returned.filter((_, rank) => readOnly[rank] === 0), ...unknown];
    const canBuild = mutating.some(({ input }) => model.leaves?.(input) === undefined);
    this.ways = model.leads !== undefined ? "leads" : canBuild ? "any" : "overwritten";
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
    if (state === this.numbers[place] || this.ways === "any") return true;
    return this.#model.leads?.(this.#states.at(state), this.#stateAt(place)) ?? false;
  }

  /** Whether nothing that matters can ever come of the operation. */
  isIdle(input: Input): boolean {
    const model = this.#model;
    // What changes nothing is of no use either, but it is not idle: it does not make a state moot.
    if (model.tells === undefined || model.isReadOnly === undefined) return false;
    if (this.ways === "any") return false;
    const left = model.leaves?.(input);
    if (this.ways === "overwritten" && left !== undefined) {
      return this.placeOf(this.#states.numberOf(left, NONE)) === NONE;
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
