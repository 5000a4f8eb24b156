/**
 * State-machine safety as seen by the state machines: each member applies what is committed, all of it,
 * in order, and only what its own disk holds; at each index its state is that of the world's twin.
 */
import type { Snapshot } from "../../../src/raft/mod.ts";
import type { CommittedLog } from "./committed_log.ts";
import type { Subject } from "./subject.ts";
import { mustHold } from "./violation.ts";

interface Applied {
  readonly life: number;
  index: number;
}

export class Applying {
  readonly #committed: CommittedLog;
  /** By the member's number. */
  readonly #applied: (Applied | undefined)[] = [];

  constructor(committed: CommittedLog) {
    this.#committed = committed;
  }

  /** A member starts, with what its disk has. */
  onStart({ number, life, synced }: Subject): void {
    this.#applied[number] = { life, index: synced.snapshotIndex };
  }

  /** A member hands entries, or a snapshot, to its state machine. */
  onHandedOver({ id, number, synced }: Subject, first: number, last: number): void {
    const applied = this.#applied[number]!;
    mustHold(
      first === applied.index + 1,
      "entries are applied in order, once",
      () => `${id} applies ${first}..${last} after ${applied.index}`,
    );
    mustHold(
      synced.lastIndex >= last || synced.snapshotIndex >= last,
      "applied entries are durable",
      () => `${id} applies ${last}; its disk ends at ${synced.lastIndex}`,
    );
    applied.index = last;
  }

  onRestored({ id, number, synced }: Subject, { index }: Snapshot): void {
    const applied = this.#applied[number]!;
    mustHold(
      synced.snapshotIndex >= index,
      "applied entries are durable",
      () => `${id} restores a snapshot of ${index}; its disk has that of ${synced.snapshotIndex}`,
    );
    mustHold(
      index >= applied.index,
      "entries are applied in order, once",
      () => `${id} restores a snapshot of ${index} after ${applied.index}`,
    );
    applied.index = index;
  }

  /** The state machine has applied the command at `index`. */
  onApplied({ id }: Subject, index: number, historyHash: number): void {
    const expected = this.#committed.historyHashAt(index);
    mustHold(
      historyHash === expected,
      "the same state at the same index",
      () => `${id} has state ${historyHash} at ${index}; the committed log makes ${expected}`,
    );
  }
}
