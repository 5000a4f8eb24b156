/**
 * What a member's storage holds: hard state, snapshot and log, as the writes issued so far have made
 * it. Each simulated disk has two: what is synced, and what was written (synced or not). The
 * invariants read these and never ask the core, so that a core that fools itself does not fool them.
 */
import {
  INITIAL_HARD_STATE,
  NO_MEMBERSHIP,
  type Entry,
  type HardState,
  type LogPosition,
  type LogWrite,
  type Membership,
  type Snapshot,
} from "../../src/raft/mod.ts";

const NOTHING: LogPosition = { index: 0, term: 0 };

/** An entry's place, with the membership that it brings. */
export interface MembershipPlace {
  readonly index: number;
  readonly membership: Membership;
}

export class LogImage {
  hardState: HardState = INITIAL_HARD_STATE;
  snapshot: Snapshot | undefined;
  /** What stands before the first entry. */
  compacted: LogPosition = NOTHING;
  /** Invariant: they follow on `compacted` without a gap. */
  readonly entries: Entry[] = [];
  /** The entries that change the membership, in the order of the log. */
  readonly #changes: MembershipPlace[] = [];

  get lastIndex(): number {
    return this.compacted.index + this.entries.length;
  }

  get lastTerm(): number {
    return this.entries.at(-1)?.term ?? this.compacted.term;
  }

  get snapshotIndex(): number {
    return this.snapshot?.index ?? 0;
  }

  entryAt(index: number): Entry | undefined {
    return this.entries[index - this.compacted.index - 1];
  }

  /** The term of the entry at `index`; undefined for what is compacted or not there. */
  termAt(index: number): number | undefined {
    if (index === this.compacted.index) return this.compacted.term;
    if (index === this.snapshot?.index) return this.snapshot.term;
    return this.entryAt(index)?.term;
  }

  /** Whether the entry of `term` at `index` is here, by itself or in the snapshot. */
  holds(index: number, term: number): boolean {
    if (this.snapshot !== undefined && index <= this.snapshot.index) return true;
    return this.termAt(index) === term;
  }

  /** The latest membership, committed or not, and the index that says so. */
  membership(): MembershipPlace {
    const change = this.#changes.at(-1);
    const { snapshot } = this;
    if (change !== undefined && change.index > this.snapshotIndex) return change;
    if (snapshot === undefined) return { index: 0, membership: NO_MEMBERSHIP };
    return { index: snapshot.index, membership: snapshot.membership };
  }

  /** The membership as of `index`, as far back as the snapshot. */
  membershipAt(index: number): Membership {
    const change = this.#changes.findLast((one) => one.index <= index);
    if (change !== undefined && change.index > this.snapshotIndex) return change.membership;
    return this.snapshot?.membership ?? NO_MEMBERSHIP;
  }

  /** The entries after `index` that change the membership. */
  changesAfter(index: number): readonly MembershipPlace[] {
    return this.#changes.filter((change) => change.index > index);
  }

  /** Carries out a write: the parts in the order in which `LogWrite` names them. */
  apply(write: LogWrite): void {
    if (write.hardState !== undefined) this.hardState = write.hardState;
    if (write.snapshot !== undefined) this.snapshot = write.snapshot;
    if (write.discardsLog) {
      this.entries.length = 0;
      this.#changes.length = 0;
      this.compacted = { index: this.snapshotIndex, term: this.snapshot?.term ?? 0 };
    }
    const first = write.entries[0];
    if (first !== undefined) this.#replaceFrom(first.index, write.entries);
    if (write.compactThrough !== undefined) this.#compact(write.compactThrough);
  }

  copy(): LogImage {
    const twin = new LogImage();
    twin.hardState = this.hardState;
    twin.snapshot = this.snapshot;
    twin.compacted = this.compacted;
    twin.entries.push(...this.entries);
    twin.#changes.push(...this.#changes);
    return twin;
  }

  #replaceFrom(index: number, entries: readonly Entry[]): void {
    this.entries.length = index - this.compacted.index - 1;
    while ((this.#changes.at(-1)?.index ?? 0) >= index) this.#changes.pop();
    for (const entry of entries) {
      this.entries.push(entry);
      const { body } = entry;
      if (body.kind !== "membership") continue;
      this.#changes.push({ index: entry.index, membership: body.membership });
    }
  }

  #compact(throughIndex: number): void {
    const term = this.termAt(throughIndex);
    if (term === undefined || throughIndex <= this.compacted.index) return;
    this.entries.splice(0, throughIndex - this.compacted.index);
    this.compacted = { index: throughIndex, term };
    while ((this.#changes[0]?.index ?? Infinity) <= throughIndex) this.#changes.shift();
  }
}
