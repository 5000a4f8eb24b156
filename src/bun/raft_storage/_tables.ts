/**
 * The statements on the tables of `raft.sqlite`: values in, values out. What is read has the types of
 * its columns, no more: whether it makes sense is checked by `_load.ts`.
 */
import type { Database, Statement } from "bun:sqlite";
import type { PackedSnapshot } from "./_packed.ts";
import {
  identityChecksum,
  snapshotRowChecksum,
  stateChecksum,
  stateValues,
  type Identity,
  type StoreState,
} from "./_rows.ts";

/** A row together with what it says its checksum is. */
export type Checked<Row> = Row & { readonly rowChecksum: number };

export interface LogRow {
  readonly index: number;
  readonly term: number;
  readonly body: Uint8Array<ArrayBuffer>;
  readonly checksum: number;
}

type Value = number | string | null | Uint8Array;

const STATE_COLUMNS =
  "commits, incarnation, term, vote, commit_index, compacted_index, compacted_term, " +
  "compacted_checksum, last_index, last_term, last_checksum, snapshot_index, snapshot_term, " +
  "snapshot_checksum";

const STATE_FIELDS =
  "commits, incarnation, term, vote, commit_index AS commitIndex, compacted_index AS compactedIndex, " +
  "compacted_term AS compactedTerm, compacted_checksum AS compactedChecksum, " +
  "last_index AS lastIndex, last_term AS lastTerm, last_checksum AS lastChecksum, " +
  "snapshot_index AS snapshotIndex, snapshot_term AS snapshotTerm, " +
  "snapshot_checksum AS snapshotChecksum";

/** What reading a store from end to end takes of them. */
export type ReadableTables = Pick<
  Tables,
  "readIdentity" | "readState" | "readSnapshot" | "entries"
>;

/** What a write takes of them. */
export type WritableTables = Pick<
  Tables,
  "writeSnapshot" | "insertEntry" | "entry" | "entryHead" | "deleteFrom" | "deleteThrough"
>;

export class Tables {
  readonly #database: Database;
  readonly #begin: Statement<unknown, []>;
  readonly #commit: Statement<unknown, []>;
  readonly #writeState: Statement<unknown, Value[]>;
  readonly #insertEntry: Statement<unknown, [number, number, Uint8Array, number]>;
  readonly #entry: Statement<LogRow, [number]>;
  readonly #entryHead: Statement<{ term: number; checksum: number }, [number]>;
  readonly #deleteFrom: Statement<unknown, [number]>;
  readonly #deleteThrough: Statement<unknown, [number]>;

  constructor(database: Database) {
    this.#database = database;
    this.#begin = database.prepare("BEGIN IMMEDIATE");
    this.#commit = database.prepare("COMMIT");
    const places = STATE_COLUMNS.replaceAll(/\w+/gu, "?");
    this.#writeState = database.prepare(
      `REPLACE INTO state (only_row, ${STATE_COLUMNS}, checksum) VALUES (1, ${places}, ?)`,
    );
    this.#insertEntry = database.prepare("INSERT INTO log VALUES (?, ?, ?, ?)");
    this.#entry = database.prepare(
      'SELECT log_index AS "index", term, body, checksum FROM log WHERE log_index = ?',
    );
    this.#entryHead = database.prepare("SELECT term, checksum FROM log WHERE log_index = ?");
    this.#deleteFrom = database.prepare("DELETE FROM log WHERE log_index >= ?");
    this.#deleteThrough = database.prepare("DELETE FROM log WHERE log_index <= ?");
  }

  /** Runs `write` as one transaction: all of it is durable when this returns, or nothing if it throws. */
  transaction(write: () => void): void {
    this.#begin.run();
    try {
      write();
      this.#commit.run();
    } catch (error) {
      // A full disk may have ended it already.
      if (this.#database.inTransaction) this.#database.run("ROLLBACK");
      throw error;
    }
  }

  writeIdentity(identity: Identity): void {
    const { store, node, cluster } = identity;
    this.#database.run("INSERT INTO identity VALUES (1, ?, ?, ?, ?)", [
      store,
      node,
      cluster,
      identityChecksum(identity),
    ]);
  }

  readIdentity(): Checked<Identity> | null {
    return this.#database
      .query<Checked<Identity>, []>(
        "SELECT store, node, cluster, checksum AS rowChecksum FROM identity WHERE only_row = 1",
      )
      .get();
  }

  writeState(state: StoreState): void {
    this.#writeState.run(...stateValues(state), stateChecksum(state));
  }

  readState(): Checked<StoreState> | null {
    return this.#database
      .query<Checked<StoreState>, []>(
        `SELECT ${STATE_FIELDS}, checksum AS rowChecksum FROM state WHERE only_row = 1`,
      )
      .get();
  }

  insertEntry({ index, term, body, checksum }: LogRow): void {
    this.#insertEntry.run(index, term, body, checksum);
  }

  entry(index: number): LogRow | null {
    return this.#entry.get(index);
  }

  entryHead(index: number): { readonly term: number; readonly checksum: number } | null {
    return this.#entryHead.get(index);
  }

  deleteFrom(index: number): void {
    this.#deleteFrom.run(index);
  }

  deleteThrough(index: number): void {
    this.#deleteThrough.run(index);
  }

  /** In the order of their indexes. One at a time is in memory. */
  entries(): IterableIterator<LogRow> {
    return this.#database
      .prepare<LogRow, []>(
        'SELECT log_index AS "index", term, body, checksum FROM log ORDER BY log_index',
      )
      .iterate();
  }

  writeSnapshot(snapshot: PackedSnapshot): number {
    const { index, term, membership, checksum, data } = snapshot;
    const rowChecksum = snapshotRowChecksum(snapshot);
    this.#database.run("REPLACE INTO snapshot VALUES (1, ?, ?, ?, ?, ?, ?)", [
      index,
      term,
      membership,
      checksum,
      data,
      rowChecksum,
    ]);
    return rowChecksum;
  }

  readSnapshot(): Checked<PackedSnapshot> | null {
    return this.#database
      .query<Checked<PackedSnapshot>, []>(
        'SELECT log_index AS "index", term, membership, data_checksum AS checksum, data, ' +
          "checksum AS rowChecksum FROM snapshot WHERE only_row = 1",
      )
      .get();
  }
}
