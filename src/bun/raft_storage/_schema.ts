/**
 * The tables of `raft.sqlite` and the settings under which SQLite is trusted with them. Both are
 * compared with what is really there at every start: a setting that did not take, or a table that is
 * not as written here, is a refusal.
 */
import type { Database } from "bun:sqlite";
import { applySettings, readPragma, type Setting } from "../sqlite.ts";
import { damaged, StoreRefused } from "./_refusal.ts";
import { SYNCHRONOUS } from "./_wal_sync.ts";

/** The layout of the tables. One that is not this is not read. In SQLite's `user_version`. */
export const STORE_FORMAT_VERSION = 1;

/** `phiR`: tells a file of phi's from any other database. In SQLite's `application_id`. */
const APPLICATION_ID = 0x70686952;

export const PAGE_BYTES = 4096;

const JOURNAL_SIZE_LIMIT_BYTES = 16 * 1024 * 1024;

/**
 * `identity`: whose this is. `state`: everything small that changes, in one row, so that each commit
 * writes it once; it also says how the log and the snapshot have to look. Every row has a checksum.
 */
const TABLES: Readonly<Record<string, string>> = {
  identity:
    "CREATE TABLE identity (only_row INTEGER PRIMARY KEY, store TEXT NOT NULL, " +
    "node TEXT NOT NULL, cluster TEXT NOT NULL, checksum INTEGER NOT NULL) STRICT",
  state:
    "CREATE TABLE state (only_row INTEGER PRIMARY KEY, commits INTEGER NOT NULL, " +
    "incarnation INTEGER NOT NULL, term INTEGER NOT NULL, vote TEXT, commit_index INTEGER NOT NULL, " +
    "compacted_index INTEGER NOT NULL, compacted_term INTEGER NOT NULL, " +
    "compacted_checksum INTEGER NOT NULL, last_index INTEGER NOT NULL, last_term INTEGER NOT NULL, " +
    "last_checksum INTEGER NOT NULL, snapshot_index INTEGER NOT NULL, " +
    "snapshot_term INTEGER NOT NULL, snapshot_checksum INTEGER NOT NULL, " +
    "checksum INTEGER NOT NULL) STRICT",
  log:
    "CREATE TABLE log (log_index INTEGER PRIMARY KEY, term INTEGER NOT NULL, body BLOB NOT NULL, " +
    "checksum INTEGER NOT NULL) STRICT",
  snapshot:
    "CREATE TABLE snapshot (only_row INTEGER PRIMARY KEY, log_index INTEGER NOT NULL, " +
    "term INTEGER NOT NULL, membership BLOB NOT NULL, data_checksum INTEGER NOT NULL, " +
    "data BLOB NOT NULL, checksum INTEGER NOT NULL) STRICT",
};

/** Set before anything is created: they are of the file, not of the connection. */
const FILE_SETTINGS: readonly Setting[] = [
  { pragma: "encoding", set: "'UTF-8'", reads: "UTF-8" },
  { pragma: "page_size", set: String(PAGE_BYTES), reads: PAGE_BYTES },
  { pragma: "auto_vacuum", set: "NONE", reads: 0 },
];

const CONNECTION_SETTINGS: readonly Setting[] = [
  // First of all: it decides how the first look at the file is locked. The wal-index is in memory then.
  { pragma: "locking_mode", set: "EXCLUSIVE", reads: "exclusive" },
  { pragma: "journal_mode", set: "WAL", reads: "wal" },
  SYNCHRONOUS,
  // Only macOS knows a difference.
  { pragma: "fullfsync", set: "ON", reads: 1 },
  { pragma: "checkpoint_fullfsync", set: "ON", reads: 1 },
  // SQLite's own checkpoints hide their failures; these are made by hand.
  { pragma: "wal_autocheckpoint", set: "0", reads: 0 },
  {
    pragma: "journal_size_limit",
    set: String(JOURNAL_SIZE_LIMIT_BYTES),
    reads: JOURNAL_SIZE_LIMIT_BYTES,
  },
  // A transaction reaches the write-ahead log in one go, at its commit.
  { pragma: "cache_spill", set: "OFF", reads: 0 },
  // A mapped page that cannot be read ends the process.
  { pragma: "mmap_size", set: "0", reads: 0 },
  { pragma: "cell_size_check", set: "ON", reads: 1 },
  { pragma: "trusted_schema", set: "OFF", reads: 0 },
  { pragma: "temp_store", set: "MEMORY", reads: 2 },
  { pragma: "busy_timeout", set: "0", reads: 0 },
];

/** Makes an empty database into an empty store. */
export function createTables(database: Database): void {
  applySettings(database, [...FILE_SETTINGS, ...CONNECTION_SETTINGS]);
  database.run(`PRAGMA application_id = ${APPLICATION_ID}`);
  database.run(`PRAGMA user_version = ${STORE_FORMAT_VERSION}`);
  for (const sql of Object.values(TABLES)) database.run(sql);
}

/** Puts the settings of this connection in place and sees that the file is a store of this format. */
export function openTables(database: Database, where: string): void {
  applySettings(database, CONNECTION_SETTINGS);
  const application = readPragma(database, "application_id");
  if (application !== APPLICATION_ID) {
    throw damaged(`${where}, header: it is not marked as a Raft store of phi`);
  }
  const version = readPragma(database, "user_version");
  if (version !== STORE_FORMAT_VERSION) {
    throw new StoreRefused({
      kind: "unknownFormat",
      detail: `${where} has format version ${String(version)}; this phi reads only ${STORE_FORMAT_VERSION}`,
      remedy: "Start the version of phi that wrote it",
    });
  }
  for (const { pragma, reads } of FILE_SETTINGS) {
    const found = readPragma(database, pragma);
    if (found !== reads) {
      throw damaged(`${where}, header: its "${pragma}" is ${String(found)} instead of ${reads}`);
    }
  }
  checkTables(database, where);
}

/** Lets SQLite look at every page: cells that overlap, lie outside, or belong to nothing. */
export function checkPages(database: Database, where: string): void {
  const complaints = database
    .query<{ quick_check: string }, []>("PRAGMA quick_check(3)")
    .all()
    .map(({ quick_check }) => quick_check);
  if (complaints.length === 1 && complaints[0] === "ok") return;
  throw damaged(`${where}: SQLite finds its pages damaged: ${complaints.join("; ")}`);
}

function checkTables(database: Database, where: string): void {
  const found = new Map(
    database
      .query<{ name: string; sql: string | null }, []>("SELECT name, sql FROM sqlite_schema")
      .all()
      .map(({ name, sql }) => [name, sql]),
  );
  for (const [name, sql] of Object.entries(TABLES)) {
    if (found.get(name) !== sql) throw damaged(`${where}: table ${name} is missing or is changed`);
    found.delete(name);
  }
  const [other] = found.keys();
  if (other !== undefined) throw damaged(`${where}: "${other}" is none of its tables`);
}
