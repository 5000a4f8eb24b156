/**
 * A member's log: the entries after what was compacted, and how far they are durable, committed and
 * applied. All of it is in memory, since compaction keeps it small; what must survive is stored by
 * whoever carries out the effects. It knows nothing of terms' leaders, peers or time.
 */
import { assert } from "./assert.ts";
import { entryBytes, type Entry, type LogPosition } from "./entry.ts";
import type { StoredState } from "./log_storage.ts";
import type { Membership } from "./membership.ts";
import { MembershipHistory } from "./membership_history.ts";
import type { Snapshot } from "./snapshot.ts";

export class RaftLog {
  /**
   * What stands before the first entry. Invariant: compacted.index <= snapshotIndex, but while a
   * snapshot from the leader is being stored.
   */
  #compacted: LogPosition;
  /** Invariant: #entries[i].index = compacted.index + 1 + i; terms never fall. */
  #entries: Entry[];
  readonly #memberships = new MembershipHistory();
  #bytes = 0;
  /** Invariant: the bytes of the entries after commitIndex. */
  #uncommittedBytes = 0;
  /** Durable here up to this entry. Invariant: <= lastIndex. */
  #stableIndex: number;
  /** Known to be on a quorum. Invariant: never falls; <= lastIndex. */
  #commitIndex: number;
  /**
   * Handed to the state machine. Invariant: <= commitIndex, and <= stableIndex but while a snapshot
   * from the leader is being stored.
   */
  #applyingIndex: number;
  /** Known to be in the state machine. Invariant: never falls; <= applyingIndex. */
  #appliedIndex: number;
  /** The latest snapshot that is durable here; 0 for none. */
  #snapshotIndex: number;
  /** A snapshot that came from the leader and has not been handed to the state machine. */
  #restoring: Snapshot | undefined;

  constructor({ hardState, snapshot, compacted, entries }: StoredState) {
    const snapshotIndex = snapshot?.index ?? 0;
    this.#compacted = compacted;
    this.#entries = [...entries];
    this.#snapshotIndex = snapshotIndex;
    this.#stableIndex = compacted.index + entries.length;
    this.#commitIndex = Math.max(hardState.commit, snapshotIndex);
    this.#appliedIndex = this.#applyingIndex = snapshotIndex;
    assert(compacted.index <= snapshotIndex, "a snapshot covers what was compacted");
    assert(this.#commitIndex <= this.lastIndex, "what was committed is in the log");
    for (const [place, { index }] of entries.entries()) {
      assert(index === compacted.index + 1 + place, `entry ${index} follows on the one before it`);
    }
    this.#replayMemberships(snapshot);
    for (const entry of entries) this.#count(entry, 1);
  }

  get compacted(): LogPosition {
    return this.#compacted;
  }
  get lastIndex(): number {
    return this.#compacted.index + this.#entries.length;
  }
  get lastTerm(): number {
    return this.#entries.at(-1)?.term ?? this.#compacted.term;
  }
  get stableIndex(): number {
    return this.#stableIndex;
  }
  get commitIndex(): number {
    return this.#commitIndex;
  }
  get appliedIndex(): number {
    return this.#appliedIndex;
  }
  get snapshotIndex(): number {
    return this.#snapshotIndex;
  }
  /** What the entries count for, see `entryBytes`. */
  get bytes(): number {
    return this.#bytes;
  }
  get uncommittedBytes(): number {
    return this.#uncommittedBytes;
  }
  get membership(): Membership {
    return this.#memberships.latest;
  }
  get membershipIndex(): number {
    return this.#memberships.latestIndex;
  }

  membershipAt(index: number): Membership {
    return this.#memberships.at(index);
  }

  /** Of the entry or snapshot that says who were members at `index`. */
  membershipIndexAt(index: number): number {
    return this.#memberships.indexAt(index);
  }

  /** Undefined where the log has no such entry, or no longer. */
  entryAt(index: number): Entry | undefined {
    return this.#entries[index - this.#compacted.index - 1];
  }

  /** The term of the entry at `index`; undefined where it is not known, or no longer. */
  termAt(index: number): number | undefined {
    return index === this.#compacted.index ? this.#compacted.term : this.entryAt(index)?.term;
  }

  /** Entries from `index` on: as many as `maxBytes` holds, but at least one if there is one. */
  entriesFrom(index: number, maxBytes: number, throughIndex = this.lastIndex): readonly Entry[] {
    const first = index - this.#compacted.index - 1;
    const end = throughIndex - this.#compacted.index;
    let bytes = 0;
    let last = first;
    while (last < end) {
      bytes += entryBytes(this.#entries[last]!);
      if (bytes > maxBytes && last > first) break;
      last++;
    }
    return this.#entries.slice(first, last);
  }

  /** Whether a log that ends at `other` is at least as up to date as this one (Raft §5.4.1). */
  isUpToDate(other: LogPosition): boolean {
    return (
      other.term > this.lastTerm || (other.term === this.lastTerm && other.index >= this.lastIndex)
    );
  }

  /**
   * The last place at or before `index` whose term is at most `term`: nothing after it can agree with
   * a log that has `term` there. Stops at what was compacted, whose terms are not known any more.
   */
  lastAtOrBelowTerm(index: number, term: number): LogPosition {
    for (let place = index; ; place--) {
      const here = this.termAt(place);
      if (here === undefined) return { index: place, term: 0 };
      if (here <= term) return { index: place, term: here };
    }
  }

  /** The first of `entries` that this log lacks or has otherwise; undefined if it has them all. */
  firstMissing(entries: readonly Entry[]): Entry | undefined {
    return entries.find(({ index, term }) => this.termAt(index) !== term);
  }

  /** Puts entries in the place of all from the first one's index on. None of those is committed. */
  replaceFrom(entries: readonly Entry[]): void {
    const first = entries[0]!.index;
    assert(first > this.#commitIndex, `no committed entry is replaced (${first})`);
    assert(first <= this.lastIndex + 1, `entry ${first} leaves no gap after ${this.lastIndex}`);
    for (const cut of this.#entries.splice(first - this.#compacted.index - 1)) this.#count(cut, -1);
    this.#memberships.truncateFrom(first);
    this.#stableIndex = Math.min(this.#stableIndex, first - 1);
    for (const entry of entries) {
      assert(entry.index === this.lastIndex + 1, `entry ${entry.index} leaves no gap`);
      assert(entry.term >= this.lastTerm, `the term of entry ${entry.index} does not fall`);
      this.#entries.push(entry);
      this.#memberships.add(entry);
      this.#count(entry, 1);
    }
  }

  /** Never goes back. */
  commitTo(index: number): void {
    assert(
      index <= this.lastIndex,
      `commit index ${index} is in a log that ends ${this.lastIndex}`,
    );
    while (this.#commitIndex < index) {
      this.#commitIndex++;
      this.#uncommittedBytes -= entryBytes(this.entryAt(this.#commitIndex)!);
    }
  }

  /** A write that left the log ending at `end` is durable. Says nothing if that end is gone since. */
  stableTo(end: LogPosition): void {
    if (end.index > this.#stableIndex && this.termAt(end.index) === end.term) {
      this.#stableIndex = end.index;
    }
  }

  /** What to hand to the state machine next; undefined if there is nothing. */
  takeToApply(maxBytes: number): { snapshot?: Snapshot; entries: readonly Entry[] } | undefined {
    const through = Math.min(this.#commitIndex, this.#stableIndex);
    if (through <= this.#applyingIndex) return undefined;
    const snapshot = this.#restoring;
    if (snapshot !== undefined) {
      this.#restoring = undefined;
      this.#snapshotIndex = this.#applyingIndex = snapshot.index;
      return { snapshot, entries: [] };
    }
    const entries = this.entriesFrom(this.#applyingIndex + 1, maxBytes, through);
    this.#applyingIndex = entries.at(-1)!.index;
    return { entries };
  }

  appliedTo(index: number): void {
    assert(index <= this.#applyingIndex, `applied index ${index} was handed out`);
    this.#appliedIndex = Math.max(this.#appliedIndex, index);
  }

  /** A snapshot of this log's own past is durable. */
  snapshotStored(index: number): void {
    this.#snapshotIndex = Math.max(this.#snapshotIndex, index);
  }

  /** Starts again from a snapshot that is ahead of all that is committed here. */
  restore(snapshot: Snapshot): void {
    assert(snapshot.index > this.#commitIndex, `snapshot ${snapshot.index} is ahead`);
    this.#entries = [];
    this.#bytes = this.#uncommittedBytes = 0;
    this.#compacted = { index: snapshot.index, term: snapshot.term };
    // Nothing counts as durable until the snapshot is.
    this.#stableIndex = 0;
    this.#commitIndex = snapshot.index;
    this.#memberships.restore(snapshot.index, snapshot.membership);
    this.#restoring = snapshot;
  }

  /** Lets the entries up to `index` go: a durable snapshot has them. */
  compact(index: number): void {
    assert(index <= this.#snapshotIndex, `entry ${index} is in a snapshot`);
    assert(index <= this.#appliedIndex, `entry ${index} is applied`);
    const term = this.termAt(index);
    assert(term !== undefined, `entry ${index} is in the log`);
    for (const cut of this.#entries.splice(0, index - this.#compacted.index)) {
      this.#bytes -= entryBytes(cut);
    }
    this.#compacted = { index, term };
    this.#memberships.compact(index);
  }

  #count(entry: Entry, sign: 1 | -1): void {
    const bytes = sign * entryBytes(entry);
    this.#bytes += bytes;
    if (entry.index > this.#commitIndex) this.#uncommittedBytes += bytes;
  }

  /**
   * The snapshot says what was in force at its index, and the entries what came after. A tail that
   * was kept from before the snapshot says nothing that the snapshot does not.
   */
  #replayMemberships(snapshot: Snapshot | undefined): void {
    if (snapshot !== undefined) this.#memberships.restore(snapshot.index, snapshot.membership);
    for (const entry of this.#entries) {
      if (entry.index > (snapshot?.index ?? 0)) this.#memberships.add(entry);
    }
  }
}
