/**
 * The rows of `raft.sqlite` as values, and their checksums. The log's checksums are a chain: each
 * covers the one before it, and the state row has the last, so that a row that is gone, or is an older
 * version of itself, is as visible as a flipped bit.
 */
import { crc32c, isNodeId } from "../../raft/mod.ts";
import type { PackedSnapshot } from "./_packed.ts";

/** Whose store this is. Never changes. */
export interface Identity {
  /** Random, so that files of different stores are not taken for one. */
  readonly store: string;
  readonly node: string;
  readonly cluster: string;
}

/** All that is small and changes. */
export interface StoreState {
  /** How many transactions were committed, this row's among them. Invariant: rises by one each time. */
  readonly commits: number;
  /** How many times the store was opened. */
  readonly incarnation: number;
  readonly term: number;
  readonly vote: string | null;
  readonly commitIndex: number;
  readonly compactedIndex: number;
  readonly compactedTerm: number;
  /** Where the chain of checksums begins. */
  readonly compactedChecksum: number;
  /** Equal to the compacted ones for an empty log. */
  readonly lastIndex: number;
  readonly lastTerm: number;
  readonly lastChecksum: number;
  /** All 0 if there is no snapshot. */
  readonly snapshotIndex: number;
  readonly snapshotTerm: number;
  readonly snapshotChecksum: number;
}

/** As a joining member begins. */
export const EMPTY_STATE: StoreState = {
  commits: 0,
  incarnation: 0,
  term: 0,
  vote: null,
  commitIndex: 0,
  compactedIndex: 0,
  compactedTerm: 0,
  compactedChecksum: 0,
  lastIndex: 0,
  lastTerm: 0,
  lastChecksum: 0,
  snapshotIndex: 0,
  snapshotTerm: 0,
  snapshotChecksum: 0,
};

const encoder = new TextEncoder();

export function identityChecksum({ store, node, cluster }: Identity): number {
  return crc32c(encoder.encode(JSON.stringify([store, node, cluster])));
}

export function stateChecksum(state: StoreState): number {
  return crc32c(encoder.encode(JSON.stringify(stateValues(state))));
}

/** The columns of the state row, in their order, without the checksum. */
export function stateValues(state: StoreState): (number | string | null)[] {
  return [
    state.commits,
    state.incarnation,
    state.term,
    state.vote,
    state.commitIndex,
    state.compactedIndex,
    state.compactedTerm,
    state.compactedChecksum,
    state.lastIndex,
    state.lastTerm,
    state.lastChecksum,
    state.snapshotIndex,
    state.snapshotTerm,
    state.snapshotChecksum,
  ];
}

/** The checksum of one row of the log, given that of the row before it. */
export function entryChecksum(
  index: number,
  term: number,
  body: Uint8Array,
  previousChecksum: number,
): number {
  const head = new DataView(new ArrayBuffer(20));
  head.setFloat64(0, index);
  head.setFloat64(8, term);
  head.setUint32(16, previousChecksum);
  return crc32c(body, crc32c(new Uint8Array(head.buffer)));
}

/** The checksum of the snapshot's row. The data is in it by its own checksum, checked separately. */
export function snapshotRowChecksum(snapshot: Omit<PackedSnapshot, "data">): number {
  const { index, term, membership, checksum } = snapshot;
  return crc32c(membership, crc32c(encoder.encode(JSON.stringify([index, term, checksum]))));
}

/** What of a state cannot be, whatever else the store holds; undefined if all of it can. */
export function impossibleIn(state: StoreState): string | undefined {
  const { term, vote, commitIndex, compactedIndex, compactedTerm } = state;
  const { lastIndex, lastTerm, snapshotIndex, snapshotTerm } = state;
  if (!stateValues(state).every(isCountOrText)) return "a number is not a whole number >= 0";
  if (vote !== null && !isNodeId(vote)) return `the vote is for "${vote}", which is no id`;
  if (snapshotIndex < compactedIndex) {
    return `the snapshot ends at ${snapshotIndex}, before the compacted entry ${compactedIndex}`;
  }
  if (lastIndex < snapshotIndex) {
    return `the log ends at ${lastIndex}, before the snapshot's entry ${snapshotIndex}`;
  }
  if (lastIndex < commitIndex) {
    return `the log ends at ${lastIndex}, before the committed entry ${commitIndex}`;
  }
  if (!(compactedTerm <= snapshotTerm && snapshotTerm <= lastTerm && lastTerm <= term)) {
    return (
      `terms fall from the compacted entry's ${compactedTerm} to the snapshot's ${snapshotTerm}, the ` +
      `last entry's ${lastTerm} and the member's ${term}`
    );
  }
  const ends = [
    [compactedIndex, compactedTerm],
    [snapshotIndex, snapshotTerm],
    [lastIndex, lastTerm],
  ] as const;
  if (ends.some(([index, itsTerm]) => (index === 0) !== (itsTerm === 0))) {
    return "an index has no term, or a term no index";
  }
  return undefined;
}

function isCountOrText(value: unknown): boolean {
  return typeof value !== "number" || (Number.isSafeInteger(value) && value >= 0);
}
