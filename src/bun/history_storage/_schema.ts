/**
 * The tables of `history.sqlite`. What is written every minute is clustered by time, so that it touches few pages and
 * goes out again from one end; what is asked for is one target, so it is found there by target within each
 * half hour.
 */
import type { Database } from "bun:sqlite";
import type { ByteBudget } from "../../history/mod.ts";
import { applySettings, readPragma, type Setting } from "../sqlite.ts";

/** The layout of the tables. In SQLite's `user_version`. */
const FORMAT_VERSION = 1;

/** `phiH`. In SQLite's `application_id`. */
const APPLICATION_ID = 0x70686948;

export const PAGE_BYTES = 4096;

/**
 * `target`: names, and the last day on which anything was written of each; a number is never given twice.
 * `change`: in the order in which they were told. `phi`: blocks as `phi_block.ts` has them. `saved`: the last state of
 * each watch.
 */
const TABLES: Readonly<Record<string, string>> = {
  target:
    "CREATE TABLE target (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, " +
    "seen_day INTEGER NOT NULL) STRICT",
  change:
    "CREATE TABLE change (id INTEGER PRIMARY KEY, target INTEGER NOT NULL, at_ms INTEGER NOT NULL, " +
    "scope INTEGER NOT NULL, old INTEGER NOT NULL, new INTEGER NOT NULL, phi REAL, " +
    "reason TEXT NOT NULL) STRICT",
  change_of_target: "CREATE INDEX change_of_target ON change (target, at_ms)",
  change_at: "CREATE INDEX change_at ON change (at_ms)",
  phi:
    "CREATE TABLE phi (block INTEGER NOT NULL, target INTEGER NOT NULL, samples BLOB NOT NULL, " +
    "PRIMARY KEY (block, target)) STRICT, WITHOUT ROWID",
  saved:
    "CREATE TABLE saved (target INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, record BLOB NOT NULL) STRICT",
};

/** Set before anything is created: they are of the file, not of the connection. */
const FILE_SETTINGS: readonly Setting[] = [
  { pragma: "page_size", set: String(PAGE_BYTES), reads: PAGE_BYTES },
  // Lets the file become smaller when less may be kept.
  { pragma: "auto_vacuum", set: "INCREMENTAL", reads: 2 },
];

/** First of all: it decides how the first look at the file is locked. */
const LOCKING: readonly Setting[] = [
  { pragma: "locking_mode", set: "EXCLUSIVE", reads: "exclusive" },
];

function connectionSettings({ logBytes }: ByteBudget): Setting[] {
  const checkpointPages = Math.floor(logBytes / 4 / PAGE_BYTES);
  const keptBytes = Math.floor(logBytes / 2);
  return [
    { pragma: "journal_mode", set: "WAL", reads: "wal" },
    // 1 is NORMAL: a power cut may cost the last minutes, and never the file.
    { pragma: "synchronous", set: "NORMAL", reads: 1 },
    { pragma: "wal_autocheckpoint", set: String(checkpointPages), reads: checkpointPages },
    { pragma: "journal_size_limit", set: String(keptBytes), reads: keptBytes },
    // A mapped page that cannot be read ends the process.
    { pragma: "mmap_size", set: "0", reads: 0 },
    { pragma: "cell_size_check", set: "ON", reads: 1 },
    { pragma: "trusted_schema", set: "OFF", reads: 0 },
    { pragma: "temp_store", set: "MEMORY", reads: 2 },
    { pragma: "busy_timeout", set: "0", reads: 0 },
  ];
}

/** Makes an empty database one of this format. */
export function createTables(database: Database, budget: ByteBudget): void {
  applySettings(database, [...LOCKING, ...FILE_SETTINGS, ...connectionSettings(budget)]);
  database.transaction(() => {
    database.run(`PRAGMA application_id = ${APPLICATION_ID}`);
    database.run(`PRAGMA user_version = ${FORMAT_VERSION}`);
    for (const sql of Object.values(TABLES)) database.run(sql);
  })();
}

/**
 * Readies a database that is not empty. The result says why it is none of this format, and then nothing in it has
 * changed; undefined if it is.
 */
export function openTables(database: Database, budget: ByteBudget): string | undefined {
  applySettings(database, LOCKING);
  const whyNot = whyUnknown(database);
  if (whyNot === undefined) applySettings(database, connectionSettings(budget));
  return whyNot;
}

function whyUnknown(database: Database): string | undefined {
  if (readPragma(database, "application_id") !== APPLICATION_ID) return "it is no history of phi";
  const version = readPragma(database, "user_version");
  if (version !== FORMAT_VERSION) return `its format ${String(version)} is not known here`;
  const rows = database
    .query<{ name: string; sql: string | null }, []>("SELECT name, sql FROM sqlite_schema")
    .all();
  const found = new Map(rows.map(({ name, sql }) => [name, sql]));
  const changed = Object.entries(TABLES).find(([name, sql]) => found.get(name) !== sql);
  return changed && `its table ${changed[0]} is missing or is changed`;
}
