/**
 * Sees early that a configuration leads nowhere: an operation that is still to come needs a state (a
 * read needs what it found), and nothing that is left and called in time can bring that state about.
 * Without this the search would find out only where that read returns, after every order of all that
 * lies before it.
 */
import type { Kinds } from "./_kinds.ts";
import { Lines } from "./_lines.ts";
import { NONE, type Targets } from "./_targets.ts";
import type { Timeline } from "./_timeline.ts";

export class Supply<State, Input, Output> {
  readonly #targets: Targets<State, Input, Output>;
  readonly #timeline: Timeline<Input, Output>;
  readonly #kinds: Kinds<Input, Output>;
  /** By place: who needs the state, in the order of their returns. */
  readonly #needers: Lines;
  /** By kind: those of the kind that returned, in the order of their calls. */
  readonly #members: Lines;
  /** By kind: its queue, and how many of it were spent. */
  readonly #queueOf: Int32Array;
  readonly #spent: Int32Array;
  /** By place: the kinds that can bring the state about. */
  readonly #suppliers: readonly number[][];
  /** By kind: who needs what it can bring about, in the order of their returns. */
  readonly #customers: readonly Int32Array[];
  /** A bit for each place. Invariant: set if the first needer returns before any supplier is called. */
  readonly #starved: Int32Array;
  #starvedCount = 0;

  constructor(
    timeline: Timeline<Input, Output>,
    targets: Targets<State, Input, Output>,
    kinds: Kinds<Input, Output>,
  ) {
    this.#targets = targets;
    this.#timeline = timeline;
    this.#kinds = kinds;
    const { returned, events } = timeline;
    this.#needers = new Lines(targets.numbers.length, returned.length);
    for (const [rank, place] of targets.neededBy.entries()) {
      if (place !== NONE) this.#needers.add(place, rank);
    }
    this.#members = new Lines(kinds.inputs.length, returned.length);
    for (const event of events) {
      const kind = event < returned.length ? kinds.kindOf[event]! : NONE;
      if (kind !== NONE) this.#members.add(kind, event);
    }
    this.#queueOf = new Int32Array(kinds.inputs.length).fill(NONE);
    for (const [queue, { kind }] of kinds.queues.entries()) this.#queueOf[kind] = queue;
    this.#spent = new Int32Array(kinds.inputs.length);
    this.#suppliers = targets.numbers.map(() => []);
    this.#customers = kinds.placesAfter.map((places, kind) => {
      for (const place of places) this.#suppliers[place]!.push(kind);
      return Int32Array.from(places.flatMap((place) => this.#needers.all(place))).toSorted();
    });
    this.#starved = new Int32Array(Math.ceil(targets.numbers.length / 32));
    for (const place of targets.numbers.keys()) this.#update(place);
  }

  take(rank: number): void {
    const place = this.#targets.neededBy[rank]!;
    if (place !== NONE && this.#needers.leave(place, rank)) this.#update(place);
    const kind = this.#kinds.kindOf[rank]!;
    if (kind !== NONE && this.#members.leave(kind, rank)) {
      this.#updateCustomers(kind, this.#callOf(rank), this.#callOf(this.#members.firstOf(kind)));
    }
  }

  putBack(rank: number): void {
    const place = this.#targets.neededBy[rank]!;
    if (place !== NONE && this.#needers.comeBack(place, rank)) this.#update(place);
    const kind = this.#kinds.kindOf[rank]!;
    if (kind === NONE) return;
    const first = this.#members.firstOf(kind);
    if (this.#members.comeBack(kind, rank)) {
      this.#updateCustomers(kind, this.#callOf(rank), this.#callOf(first));
    }
  }

  spend(queue: number): void {
    this.#change(queue, 1);
  }

  unspend(queue: number): void {
    this.#change(queue, -1);
  }

  /** Whether something that is left can no longer fit. That it is false proves nothing. */
  isHopeless(state: number): boolean {
    // Two are enough: where states lead only to themselves, one of any two that starve is lost. Where
    // they do not, the one that is needed first says most.
    let left = Math.min(this.#starvedCount, 2);
    for (let word = 0; left > 0; word++) {
      for (let bits = this.#starved[word]!; bits !== 0 && left > 0; bits &= bits - 1, left--) {
        const place = word * 32 + 31 - Math.clz32(bits & -bits);
        if (!this.#targets.isOnTheWay(state, place)) return true;
      }
    }
    return false;
  }

  #change(queue: number, count: number): void {
    const { kind, operations } = this.#kinds.queues[queue]!;
    const before = this.#spent[kind]!;
    this.#spent[kind] = before + count;
    const first = operations[Math.min(before, before + count)]!;
    const next = operations[Math.max(before, before + count)];
    this.#updateCustomers(kind, first.invokedAt, next?.invokedAt ?? Infinity);
  }

  #callOf(rank: number): number {
    return rank === NONE ? Infinity : this.#timeline.returned[rank]!.invokedAt;
  }

  /** Only those that return from `from` on and before `to` can tell whether a supplier was called at one or the other. */
  #updateCustomers(kind: number, from: number, to: number): void {
    const { returned } = this.#timeline;
    const customers = this.#customers[kind]!;
    let [low, high] = [0, customers.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (returned[customers[middle]!]!.returnedAt < from) low = middle + 1;
      else high = middle;
    }
    for (; low < customers.length && returned[customers[low]!]!.returnedAt < to; low++) {
      const place = this.#targets.neededBy[customers[low]!]!;
      if (this.#needers.firstOf(place) === customers[low]) this.#update(place);
    }
  }

  #update(place: number): void {
    const needer = this.#needers.firstOf(place);
    const isStarved =
      needer !== NONE && !this.#canSupply(place, this.#timeline.returned[needer]!.returnedAt);
    const [word, bit] = [place >>> 5, 1 << (place & 31)];
    if (((this.#starved[word]! & bit) !== 0) === isStarved) return;
    this.#starved[word]! ^= bit;
    this.#starvedCount += isStarved ? 1 : -1;
  }

  #canSupply(place: number, until: number): boolean {
    for (const kind of this.#suppliers[place]!) {
      if (this.#callOf(this.#members.firstOf(kind)) <= until) return true;
      const next = this.#kinds.queues[this.#queueOf[kind]!]?.operations[this.#spent[kind]!];
      if (next !== undefined && next.invokedAt <= until) return true;
    }
    return false;
  }
}
