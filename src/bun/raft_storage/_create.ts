/**
 * Creates a store: under another name, complete, and then renamed. So a `raft.sqlite` that is there is
 * whole, and one that is empty or cut short has been damaged since.
 */
import { Database } from "bun:sqlite";
import { randomBytes, randomInt } from "node:crypto";
import { closeSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { syncDirectory, type StoreFiles } from "./_directory.ts";
import { HighWaterMark } from "./_high_water_mark.ts";
import type { PackedSnapshot } from "./_packed.ts";
import { EMPTY_STATE, type StoreState } from "./_rows.ts";
import { createTables } from "./_schema.ts";
import { Tables } from "./_tables.ts";

export interface NewStore {
  readonly id: string;
  readonly clusterId: string;
  /** A founding member's; one that joins has none. */
  readonly firstSnapshot: PackedSnapshot | undefined;
}

/**
 * Starts are counted from a random number: should a member's directory be lost and its id be used again
 * all the same, its requests are not taken for those of its first life. Leaves room for 2^47 starts.
 */
const MAX_FIRST_INCARNATION = 2 ** 47;

export function createStore(files: StoreFiles, { id, clusterId, firstSnapshot }: NewStore): void {
  for (const suffix of ["", "-journal", "-wal"]) rmSync(files.unfinished + suffix, { force: true });
  const store = randomBytes(16).toString("hex");
  const database = new Database(files.unfinished, { create: true, readwrite: true });
  try {
    createTables(database);
    const tables = new Tables(database);
    tables.transaction(() => {
      tables.writeIdentity({ store, node: id, cluster: clusterId });
      const checksum = firstSnapshot && tables.writeSnapshot(firstSnapshot);
      const incarnation = randomInt(MAX_FIRST_INCARNATION);
      tables.writeState({ ...stateAfter(firstSnapshot, checksum), commits: 1, incarnation });
    });
  } finally {
    // Moves everything out of the write-ahead log and deletes that.
    database.close(true);
  }
  syncFile(files.unfinished);
  HighWaterMark.create(files.highWater, store);
  // A database without its mark would be refused.
  syncDirectory(files.directory);
  renameSync(files.unfinished, files.database);
  syncDirectory(files.directory);
}

function stateAfter(snapshot: PackedSnapshot | undefined, checksum = 0): StoreState {
  if (snapshot === undefined) return EMPTY_STATE;
  const { index, term } = snapshot;
  return {
    ...EMPTY_STATE,
    term,
    commitIndex: index,
    compactedIndex: index,
    compactedTerm: term,
    lastIndex: index,
    lastTerm: term,
    snapshotIndex: index,
    snapshotTerm: term,
    snapshotChecksum: checksum,
  };
}

function syncFile(path: string): void {
  const descriptor = openSync(path, "r+");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
