/**
 * Opens the store in a directory, or creates it, and sees that all of it is there, that it is intact, and
 * that it is the one asked for. Changes nothing in a store that is there, but for what SQLite itself
 * does after a crash: it moves the write-ahead log into the database.
 */
import { constants, Database } from "bun:sqlite";
import { statSync } from "node:fs";
import { createStore } from "./_create.ts";
import { createDirectory, lockDirectory, type StoreFiles } from "./_directory.ts";
import { HighWaterMark } from "./_high_water_mark.ts";
import { checkNothingIsLost, loadStore, type Loaded } from "./_load.ts";
import type { PackedSnapshot } from "./_packed.ts";
import { damaged, StoreRefused } from "./_refusal.ts";
import { checkPages, openTables } from "./_schema.ts";
import { Tables } from "./_tables.ts";
import { damageInWal } from "./_wal_scan.ts";

export interface StoreOptions {
  readonly directory: string;
  /** Undefined: whoever the store belongs to. */
  readonly id: string | undefined;
  readonly clusterId: string | undefined;
  readonly firstSnapshot: PackedSnapshot | undefined;
  /** Bounds the database file: for tests of a full disk. */
  readonly maxPages?: number | undefined;
}

/** All that a store holds on to while it is open. */
export interface OpenedStore {
  readonly files: StoreFiles;
  readonly unlock: () => void;
  readonly highWater: HighWaterMark;
  readonly database: Database;
  readonly tables: Tables;
}

/** Throws `StoreRefused`, or what SQLite throws; what to close then is in `undo`, the last one first. */
export function openStore(
  files: StoreFiles,
  options: StoreOptions,
  undo: (() => void)[],
): { readonly store: OpenedStore; readonly loaded: Loaded } {
  const { id, clusterId, firstSnapshot } = options;
  const creation =
    id === undefined || clusterId === undefined ? undefined : { id, clusterId, firstSnapshot };
  // Leaves not even an empty directory behind.
  if (!isThere(files.directory) && creation === undefined) throw missing(files);
  createDirectory(files.directory);
  const unlock = lockDirectory(files);
  undo.push(unlock);
  if (!isThere(files.database)) {
    checkNothingIsLeft(files);
    if (creation === undefined) throw missing(files);
    createStore(files, creation);
  }
  const highWater = openHighWaterMark(files);
  undo.push(() => highWater.close());
  checkBeforeSqlite(files);
  const database = new Database(files.database, { readwrite: true });
  undo.push(() => database.close(true));
  // Apple's SQLite would keep the write-ahead log when the database is closed.
  database.fileControl(constants.SQLITE_FCNTL_PERSIST_WAL, 0);
  openTables(database, files.database);
  checkPages(database, files.database);
  if (options.maxPages !== undefined) database.run(`PRAGMA max_page_count = ${options.maxPages}`);
  const tables = new Tables(database);
  const loaded = loadStore(tables, files.database);
  checkIsTheOne(loaded, highWater, files, options);
  return { store: { files, unlock, highWater, database, tables }, loaded };
}

/** SQLite would take an empty file for a new database, and drop or delete a log that it cannot use. */
function checkBeforeSqlite({ database, wal }: StoreFiles): void {
  if (statSync(database).size === 0) throw damaged(`${database}: it is empty`);
  const walDamage = damageInWal(wal);
  if (walDamage !== undefined) throw damaged(`${wal}: ${walDamage}`);
}

function checkNothingIsLeft({ database, wal, highWater }: StoreFiles): void {
  if (isThere(wal)) throw damaged(`${database}: it is missing, though ${wal} is there`);
  if (!isThere(highWater)) return;
  const mark = HighWaterMark.open(highWater);
  const { commits } = mark;
  mark.close();
  // Without commits it is left from an attempt that ended before the database had its name.
  if (commits > 0) throw damaged(`${database}: it is missing, though ${highWater} is there`);
}

function openHighWaterMark({ highWater }: StoreFiles): HighWaterMark {
  if (!isThere(highWater)) throw damaged(`${highWater}: it is missing`);
  return HighWaterMark.open(highWater);
}

/** Whether the store is the one asked for, and all of it. */
function checkIsTheOne(
  { identity, state }: Loaded,
  highWater: HighWaterMark,
  { database, highWater: highWaterFile }: StoreFiles,
  { id = identity.node, clusterId = identity.cluster }: StoreOptions,
): void {
  if (identity.node !== id) {
    throw new StoreRefused({
      kind: "otherMember",
      detail: `${database} belongs to member "${identity.node}", not to "${id}"`,
      remedy: "Start that member here, or this one with a data directory of its own",
    });
  }
  if (identity.cluster !== clusterId) {
    throw new StoreRefused({
      kind: "otherCluster",
      detail: `${database} belongs to cluster "${identity.cluster}", not to "${clusterId}"`,
      remedy: "Start a member of that cluster here, or this one with a data directory of its own",
    });
  }
  if (highWater.store !== identity.store) {
    throw damaged(`${highWaterFile}: it belongs to another store than ${database}`);
  }
  checkNothingIsLost(state, highWater.commits, database);
}

function missing({ database }: StoreFiles): StoreRefused {
  return new StoreRefused({
    kind: "missing",
    detail: `${database} does not exist`,
    remedy: "Begin a new cluster with --bootstrap, or join one with --join",
  });
}

function isThere(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false }) !== undefined;
}
