/**
 * Keeping the log short (Raft §7): a snapshot of what is applied is stored, and once it is durable the
 * entries that it covers may go. Whoever hosts the core decides when, and how many to keep for
 * followers that are a little behind.
 */
import type { RaftState } from "./state.ts";
import { createSnapshot } from "./snapshot.ts";

/** Stores the state machine's state at `index`. One that is not newer than the last is ignored. */
export function onSnapshotTaken(state: RaftState, index: number, data: Uint8Array): void {
  const { log, outbox } = state;
  const term = log.termAt(index);
  if (index <= log.snapshotIndex || index > log.appliedIndex || term === undefined) return;
  const snapshot = createSnapshot(index, term, log.membershipAt(index), data);
  state.storingSnapshot = { index, sequence: outbox.nextSequence };
  outbox.writeSnapshot(snapshot, false);
}

/** Lets a snapshot count once it is durable. */
export function snapshotStored(state: RaftState): void {
  const { storingSnapshot, outbox, log } = state;
  if (storingSnapshot === undefined || outbox.storedSequence < storingSnapshot.sequence) return;
  log.snapshotStored(storingSnapshot.index);
  state.storingSnapshot = undefined;
}

/** Drops the entries up to `throughIndex`, as far as a durable snapshot covers them. */
export function onCompact({ log, outbox }: RaftState, throughIndex: number): void {
  const index = Math.min(throughIndex, log.snapshotIndex, log.appliedIndex);
  if (index <= log.compacted.index) return;
  log.compact(index);
  outbox.writeCompaction(index);
}
