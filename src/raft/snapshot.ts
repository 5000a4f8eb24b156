/**
 * The state machine's state at one index, in the place of all entries up to there (Raft §7). It
 * carries the membership as of that index, since the entries that said so are gone, and a checksum,
 * since it travels and rests apart from the log.
 */
import { crc32c } from "./crc32c.ts";
import type { Membership } from "./membership.ts";

export interface Snapshot {
  /** The last entry that it replaces. >= 1. */
  readonly index: number;
  readonly term: number;
  /** The membership as of `index`. Invariant: has a voter. */
  readonly membership: Membership;
  /** CRC32C of `data`. */
  readonly checksum: number;
  /** What the state machine gave, and will be given. Opaque here. */
  readonly data: Uint8Array;
}

/** `checksum`: of `data`, where it is known. */
export function createSnapshot(
  index: number,
  term: number,
  membership: Membership,
  data: Uint8Array,
  checksum = crc32c(data),
): Snapshot {
  return { index, term, membership, checksum, data };
}

export function isSnapshotIntact({ checksum, data }: Snapshot): boolean {
  return crc32c(data) === checksum;
}

/**
 * What a new cluster starts from: the state machine's empty state at index 1. Who joins later gets it
 * (or a later one) as a snapshot, and with it the membership, like any other that is far behind.
 */
export function firstSnapshot(membership: Membership, emptyState: Uint8Array): Snapshot {
  return createSnapshot(1, 1, membership, emptyState);
}
