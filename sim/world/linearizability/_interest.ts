/**
 * Who is still interested in which state. Once nothing that is left can tell a state from others it
 * is moot: one moot state is as good as any other, and the search keeps them all as one.
 */
import type { Kinds } from "./_kinds.ts";
import type { Model } from "./model.ts";
import type { States } from "./_states.ts";
import { NONE, type Targets } from "./_targets.ts";

export class Interest<State, Input, Output> {
  readonly #targets: Targets<State, Input, Output>;
  readonly #kinds: Kinds<Input, Output>;
  readonly #states: States<State>;
  /** If not, all that can be said is that any state may matter. */
  readonly #isKnown: boolean;
  /** By place: how many operations that are left tell the state from others. */
  readonly #counts: Int32Array;
  readonly #allPlaces: readonly number[];
  /** By state: a place that it is on the way to, as far as one was found; `NONE` if there is none. */
  readonly #ways = new Map<number, number>();

  constructor(
    model: Model<State, Input, Output>,
    states: States<State>,
    targets: Targets<State, Input, Output>,
    kinds: Kinds<Input, Output>,
  ) {
    this.#targets = targets;
    this.#kinds = kinds;
    this.#states = states;
    this.#allPlaces = [...targets.numbers.keys()];
    this.#isKnown = model.tells !== undefined && targets.ways !== "any";
    this.#counts = new Int32Array(targets.numbers.length);
    for (const place of targets.toldBy) this.#change(place, 1);
  }

  take(rank: number): void {
    this.#change(this.#targets.toldBy[rank]!, -1);
  }

  putBack(rank: number): void {
    this.#change(this.#targets.toldBy[rank]!, 1);
  }

  spend(queue: number): void {
    this.#change(this.#kinds.queues[queue]!.told, -1);
  }

  unspend(queue: number): void {
    this.#change(this.#kinds.queues[queue]!.told, 1);
  }

  isMoot(state: number): boolean {
    if (!this.#isKnown) return false;
    if (this.#targets.ways === "overwritten") {
      const place = this.#targets.placeOf(state);
      return place === NONE || this.#counts[place] === 0;
    }
    const known = this.#ways.get(state);
    if (known === NONE) return true;
    if (known !== undefined && this.#counts[known]! > 0) return false;
    const wanted = this.#findWay(state, true);
    // What was on the way to nothing that anybody ever wanted is moot for good.
    if (wanted !== NONE || known === undefined) {
      this.#ways.set(state, wanted === NONE ? this.#findWay(state, false) : wanted);
    }
    return wanted === NONE;
  }

  #findWay(state: number, isWanted: boolean): number {
    const origin = this.#states.originOf(state);
    const places = origin === NONE ? this.#allPlaces : this.#kinds.placesAfter[origin]!;
    for (const place of places) {
      if (this.#counts[place]! > 0 === isWanted && this.#targets.isOnTheWay(state, place)) {
        return place;
      }
    }
    return NONE;
  }

  #change(place: number, count: number): void {
    if (place !== NONE) this.#counts[place]! += count;
  }
}
