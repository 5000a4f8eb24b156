/**
 * Where the search stands: which operations of known outcome are done, and which could be next. Calls
 * and returns are a linked list in the order of time; what is done is taken out of it, so that the
 * calls before the first return that is left are those that could be next, and a step back puts it in
 * again (Wing and Gong's list). What was taken last is put back first.
 */
import { NONE } from "./_targets.ts";
import type { Timeline } from "./_timeline.ts";

export class Position {
  readonly #count: number;
  readonly #slots: Int32Array;
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  readonly #isDone: Uint8Array;
  readonly #taken: number[] = [];
  #rank = 0;
  /** A bit for each slot. Invariant: set for what is done, of a rank above `rank`. */
  readonly doneSlots: Int32Array;

  constructor({ returned, events, slots, slotCount }: Timeline<unknown, unknown>) {
    this.#count = returned.length;
    this.#slots = slots;
    this.#isDone = new Uint8Array(returned.length);
    this.doneSlots = new Int32Array(Math.ceil(slotCount / 32));
    const head = events.length;
    this.#next = new Int32Array(events.length + 2);
    this.#previous = new Int32Array(events.length + 2);
    let before = head;
    for (const event of events) {
      this.#next[before] = event;
      this.#previous[event] = before;
      before = event;
    }
    this.#next[before] = head + 1;
    this.#previous[head + 1] = before;
  }

  /** The lowest rank that is not done: everything that could be next was called before its return. */
  get rank(): number {
    return this.#rank;
  }

  get isComplete(): boolean {
    return this.#rank === this.#count;
  }

  /** How many were taken and not put back. */
  get takenCount(): number {
    return this.#taken.length;
  }

  /** Of the operations that could be next the one that was called first; `NONE` if there is none. */
  first(): number {
    return this.#callAt(this.#next[2 * this.#count]!);
  }

  /** The one called after `rank`, which may just have been taken; `NONE` if there is none. */
  after(rank: number): number {
    return this.#callAt(this.#next[rank]!);
  }

  #callAt(event: number): number {
    return event < this.#count ? event : NONE;
  }

  /** `rank` has to be one that could be next. */
  take(rank: number): void {
    // The return first, so that the place of the call still knows what follows it.
    this.#unlink(this.#count + rank);
    this.#unlink(rank);
    this.#taken.push(rank);
    this.#isDone[rank] = 1;
    if (rank === this.#rank) {
      while (this.#isDone[++this.#rank] === 1) this.#flipSlot(this.#rank);
    } else this.#flipSlot(rank);
  }

  /** Puts back what was taken last, and gives its rank. */
  putBack(): number {
    const rank = this.#taken.pop()!;
    this.#isDone[rank] = 0;
    if (rank < this.#rank) {
      for (let above = rank + 1; above < this.#rank; above++) this.#flipSlot(above);
      this.#rank = rank;
    } else this.#flipSlot(rank);
    this.#link(rank);
    this.#link(this.#count + rank);
    return rank;
  }

  #unlink(event: number): void {
    const [before, after] = [this.#previous[event]!, this.#next[event]!];
    this.#next[before] = after;
    this.#previous[after] = before;
  }

  #link(event: number): void {
    this.#next[this.#previous[event]!] = event;
    this.#previous[this.#next[event]!] = event;
  }

  #flipSlot(rank: number): void {
    const slot = this.#slots[rank]!;
    this.doneSlots[slot >>> 5]! ^= 1 << (slot & 31);
  }
}
