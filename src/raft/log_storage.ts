/** Where a member keeps what it must not forget. Implemented on SQLite in `bun/`, and in simulation. */
import type { Entry, HardState, LogPosition } from "./entry.ts";
import type { Snapshot } from "./snapshot.ts";
import type { LogWrite } from "./step.ts";

/** What was found at start. A new member has a first snapshot (a new cluster's) or none (it joins). */
export interface StoredState {
  readonly hardState: HardState;
  readonly snapshot: Snapshot | undefined;
  /** What stands before the first entry: the end of what was compacted; {0, 0} if nothing was. */
  readonly compacted: LogPosition;
  /** Invariant: they follow on `compacted` without a gap. May begin at or before the snapshot's index. */
  readonly entries: readonly Entry[];
  /**
   * Rises by one with each start of this member, and is durable before it is told. Begins anywhere, so
   * that a member that lost its data does not count as the one it was. >= 1.
   */
  readonly incarnation: number;
}

export type StoreResult = { readonly ok: true } | { readonly ok: false; readonly detail: string };

export type SnapshotReadResult =
  | { readonly ok: true; readonly snapshot: Snapshot }
  | { readonly ok: false; readonly detail: string };

export interface LogStorage {
  /**
   * Makes a write durable, all of it or nothing. `done` is called once for each, never before this
   * returns, in the order of the calls. After a failure every later write fails too: a disk that
   * failed once has no second chance.
   */
  store(write: LogWrite, done: (result: StoreResult) => void): void;
  /** The latest snapshot that is durable. `done` is never called before this returns. */
  readSnapshot(done: (result: SnapshotReadResult) => void): void;
  /** Whether so little room is left that no new proposals should be taken. */
  isLowOnSpace(): boolean;
}
