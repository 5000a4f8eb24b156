/**
 * The memberships that a log holds, by the index that brought each. The latest is in force as soon as
 * its entry is in the log (thesis §4.1); if that entry is cut off again, the one before it is.
 */
import { assert } from "./assert.ts";
import type { Entry } from "./entry.ts";
import { type Membership, NO_MEMBERSHIP } from "./membership.ts";

interface Dated {
  readonly index: number;
  readonly membership: Membership;
}

export class MembershipHistory {
  /** Invariant: not empty; indexes rise. The first is that of the snapshot or of what was compacted. */
  #dated: Dated[] = [{ index: 0, membership: NO_MEMBERSHIP }];

  /** The membership in force. */
  get latest(): Membership {
    return this.#dated.at(-1)!.membership;
  }

  /** The index of the entry or snapshot that says so. */
  get latestIndex(): number {
    return this.#dated.at(-1)!.index;
  }

  /** The membership in force for a log that ends at `index`. */
  at(index: number): Membership {
    return this.#datedAt(index).membership;
  }

  /** The index of the entry or snapshot that says so. */
  indexAt(index: number): number {
    return this.#datedAt(index).index;
  }

  add({ index, body }: Entry): void {
    if (body.kind !== "membership") return;
    assert(index > this.latestIndex, `membership ${index} comes after ${this.latestIndex}`);
    this.#dated.push({ index, membership: body.membership });
  }

  /** Forgets those from `index` on: their entries were cut off. */
  truncateFrom(index: number): void {
    while (this.#dated.length > 1 && this.latestIndex >= index) this.#dated.pop();
  }

  /** Forgets those that no index from `index` on needs. */
  compact(index: number): void {
    while (this.#dated.length > 1 && this.#dated[1]!.index <= index) this.#dated.shift();
  }

  /** Starts again from a snapshot. */
  restore(index: number, membership: Membership): void {
    this.#dated = [{ index, membership }];
  }

  #datedAt(index: number): Dated {
    const dated = this.#dated.findLast((one) => one.index <= index);
    assert(dated !== undefined, `the membership at index ${index} is known`);
    return dated;
  }
}
