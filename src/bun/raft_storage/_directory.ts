/**
 * The files of a store, and what the directory they are in can do: be created durably, and be held by one
 * process only.
 */
import { Database } from "bun:sqlite";
import { closeSync, fsyncSync, mkdirSync, openSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { codeOf, describeError } from "../sqlite.ts";
import { cannotOpen, inUse } from "./_refusal.ts";

export interface StoreFiles {
  readonly directory: string;
  /** Hard state, log and snapshot. */
  readonly database: string;
  /** SQLite's write-ahead log: what was committed and is not in `database` yet. */
  readonly wal: string;
  /** How many commits were acknowledged, see `_high_water_mark.ts`. */
  readonly highWater: string;
  /** Empty. Held for as long as a process uses the directory. */
  readonly lock: string;
  /** A database that is being created. Means nothing until it is renamed. */
  readonly unfinished: string;
}

export function storeFiles(directory: string): StoreFiles {
  const absolute = resolve(directory);
  const database = join(absolute, "raft.sqlite");
  return {
    directory: absolute,
    database,
    wal: `${database}-wal`,
    highWater: join(absolute, "raft.highwater"),
    lock: join(absolute, "raft.lock"),
    unfinished: `${database}.new`,
  };
}

/** Creates the directory, and those above it that are missing, so that a power cut leaves them there. */
export function createDirectory(directory: string): void {
  const first = mkdirSync(directory, { recursive: true, mode: 0o700 });
  if (first === undefined) return;
  for (let created = directory; created.length >= first.length; created = dirname(created)) {
    syncDirectory(dirname(created));
  }
}

/** Makes durable which files are in a directory. */
export function syncDirectory(directory: string): void {
  const descriptor = openSync(directory, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/**
 * Takes the directory for this process, until the function that it gives is called or the process ends,
 * however it ends. The lock is one of SQLite's, on a file of its own: the store's files are looked at
 * before SQLite may touch them, and that has to be done under the lock. (A POSIX lock is lost when
 * its process closes any descriptor of the file, so nothing else may open this one.)
 */
export function lockDirectory({ directory, lock }: StoreFiles): () => void {
  let database: Database | undefined;
  try {
    database = new Database(lock, { create: true, readwrite: true });
    database.run("PRAGMA journal_mode = MEMORY");
    database.run("BEGIN EXCLUSIVE");
  } catch (error) {
    database?.close(true);
    if (codeOf(error).startsWith("SQLITE_BUSY")) throw inUse(`${directory} is in use`);
    throw cannotOpen(`${lock}: ${describeError(error)}`, error);
  }
  const held = database;
  return () => held.close(true);
}
