/**
 * The one log that all members must agree on, as the world has seen it come about: an entry is in it
 * once a quorum's disks hold it in the term of its leader, or once any member says that it is
 * committed. It never changes; a twin of the state machine applies it, so that each member's state can
 * be compared at each index.
 */
import {
  crc32c,
  type Entry,
  isMember,
  type Membership,
  type Snapshot,
  type StateMachine,
} from "../../../src/raft/mod.ts";
import { bodyHash } from "./body_hash.ts";
import { mustHold } from "./violation.ts";

/** A state machine that sums up what it went through. */
export interface Replica extends StateMachine {
  /** Depends on every command that had an effect, and their order. */
  readonly historyHash: number;
}

interface CommittedEntry {
  readonly term: number;
  readonly body: Entry["body"];
  /** The term of the leader that committed it. Invariant: does not fall along the log. */
  readonly commitTerm: number;
  /** Of the twin, with this entry applied. */
  readonly historyHash: number;
  readonly checksum: number;
}

export class CommittedLog {
  /** Before the first of `#entries`. */
  readonly #first: Snapshot;
  readonly #twin: Replica;
  readonly #entries: CommittedEntry[] = [];
  readonly #changes: { readonly index: number; readonly membership: Membership }[];
  readonly #onCommitted: (entry: Entry) => void;

  constructor(first: Snapshot, twin: Replica, onCommitted: (entry: Entry) => void) {
    this.#first = first;
    this.#twin = twin;
    this.#onCommitted = onCommitted;
    this.#changes = [{ index: first.index, membership: first.membership }];
  }

  get lastIndex(): number {
    return this.#first.index + this.#entries.length;
  }

  get lastTerm(): number {
    return this.#entries.at(-1)?.term ?? this.#first.term;
  }

  /** The membership of the last committed change. */
  get membership(): Membership {
    return this.#changes.at(-1)!.membership;
  }

  /** The twin's state with all of it applied. */
  get state(): Uint8Array {
    return this.#twin.snapshot();
  }

  termAt(index: number): number | undefined {
    return index === this.#first.index ? this.#first.term : this.#at(index)?.term;
  }

  historyHashAt(index: number): number | undefined {
    return this.#at(index)?.historyHash;
  }

  membershipAt(index: number): Membership | undefined {
    return this.#changes.findLast((change) => change.index <= index)?.membership;
  }

  /** Whether it belonged to the cluster at any time. */
  wasMember(id: string): boolean {
    return this.#changes.some(({ membership }) => isMember(membership, id));
  }

  /** The last index that was committed in a term before `term`. */
  lastIndexBefore(term: number): number {
    const place = this.#entries.findLastIndex((entry) => entry.commitTerm < term);
    return this.#first.index + 1 + place;
  }

  /**
   * Takes in an entry that `who` holds to be committed by the leader of `commitTerm`; those before it
   * have to be in already.
   */
  record(entry: Entry, commitTerm: number, who: string): void {
    const known = this.#at(entry.index);
    if (known !== undefined) {
      const isSame = known.term === entry.term && bodyHash(known.body) === bodyHash(entry.body);
      mustHold(
        isSame,
        "state-machine safety",
        () =>
          `${who} commits ${entry.body.kind} of term ${entry.term} at ${entry.index}, where ` +
          `${known.body.kind} of term ${known.term} is committed`,
      );
      return;
    }
    mustHold(
      entry.index === this.lastIndex + 1 && entry.term >= this.lastTerm,
      "state-machine safety",
      () =>
        `${who} commits entry ${entry.index} of term ${entry.term} after ${this.lastIndex} of ` +
        `term ${this.lastTerm}`,
    );
    this.#append(entry, commitTerm);
  }

  /** A snapshot says what the entries up to its index have made. */
  checkSnapshot(snapshot: Snapshot, who: string): void {
    const { index, term, membership, data } = snapshot;
    const known = this.#at(index);
    mustHold(
      index <= this.lastIndex && term === this.termAt(index),
      "a snapshot is of what is committed",
      () => `${who} stores one at ${index} of term ${term}; committed up to ${this.lastIndex}`,
    );
    mustHold(
      JSON.stringify(membership) === JSON.stringify(this.membershipAt(index)),
      "a snapshot carries the membership of its index",
      () => `${who} stores one at ${index} with ${JSON.stringify(membership)}`,
    );
    mustHold(
      known === undefined || crc32c(data) === known.checksum,
      "a snapshot carries the state of its index",
      () => `${who} stores one at ${index} with another state`,
    );
  }

  #append(entry: Entry, commitTerm: number): void {
    const { index, term, body } = entry;
    if (body.kind === "command") this.#twin.apply({ index, data: body.data });
    if (body.kind === "membership") this.#changes.push({ index, membership: body.membership });
    const before = this.#entries.at(-1);
    const isSameState = before !== undefined && body.kind !== "command";
    const checksum = isSameState ? before.checksum : crc32c(this.#twin.snapshot());
    const { historyHash } = this.#twin;
    this.#entries.push({ term, body, commitTerm, historyHash, checksum });
    this.#onCommitted(entry);
  }

  #at(index: number): CommittedEntry | undefined {
    return this.#entries[index - this.#first.index - 1];
  }
}
