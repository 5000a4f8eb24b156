/**
 * Keeping the log short (Raft §7): a snapshot of what is applied is stored, and once it is durable the
 * entries that it covers may go. Whoever hosts the core decides when, and how many to keep for
 * followers that are a little behind.
 */
import type { RaftState } from "./state.ts";
import { createSnapshot } from "./snapshot.ts";

/**
 * Stores the state machine's state at `index`, which may be behind what is applied by now. One that is not newer
 * than the last is ignored.
 */
export function onSnapshotTaken(
  state: RaftState,
  index: number,
  data: Uint8Array,
  checksum?: number,
): void {
  const { log, outbox } = state;
  const term = log.termAt(index);
  if (index <= log.snapshotIndex || index > log.appliedIndex || term === undefined) return;
  const snapshot = createSnapshot(index, term, log.membershipAt(index), data, checksum);
  state.writtenSnapshot = { index, sequence: outbox.nextSequence };
  outbox.writeSnapshot(snapshot, false);
}

/** Lets a snapshot count once it is durable. */
export function snapshotStored({ writtenSnapshot, outbox, log }: RaftState): void {
  if (writtenSnapshot === undefined || outbox.storedSequence < writtenSnapshot.sequence) return;
  log.snapshotStored(writtenSnapshot.index);
}

/** Drops the entries up to `throughIndex`, as far as a durable snapshot covers them. */
export function onCompact(state: RaftState, throughIndex: number): void {
  const { log, outbox } = state;
  const wanted = Math.min(throughIndex, log.snapshotIndex, log.appliedIndex);
  const index = Math.min(wanted, heldForSnapshots(state));
  if (index <= log.compacted.index) return;
  log.compact(index);
  outbox.writeCompaction(index);
}

/**
 * What follows on a snapshot that is on its way to a follower has to stay, or the follower would need
 * another as soon as it has this one. Only while the log is not too large for it.
 */
function heldForSnapshots({ log, leadership, options }: RaftState): number {
  if (log.bytes > options.maxUncommittedBytes) return Infinity;
  let index = Infinity;
  for (const peer of leadership?.peers.values() ?? []) {
    if (peer.state === "snapshot") index = Math.min(index, peer.snapshotIndex);
  }
  return index;
}
