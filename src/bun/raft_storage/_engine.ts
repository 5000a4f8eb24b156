/**
 * The store itself, on the thread of the disk: opens it, commits groups of writes, reads the snapshot
 * back. Every call blocks until the disk is done. Nothing is tried twice: after a commit, checkpoint
 * or sync that failed nobody can say what is on the disk, so whoever calls must not write again.
 */
import { freeBytes } from "../free_space.ts";
import { storeFiles, syncDirectory } from "./_directory.ts";
import { loadSnapshot, type Loaded } from "./_load.ts";
import { openStore, type OpenedStore, type StoreOptions } from "./_open_store.ts";
import type { PackedSnapshot, PackedWrite } from "./_packed.ts";
import { refusalOf, type RaftStorageRefusal } from "./_refusal.ts";
import type { StoreState } from "./_rows.ts";
import { PAGE_BYTES } from "./_schema.ts";
import { WalSync } from "./_wal_sync.ts";
import { applyWrite } from "./_write.ts";

export type EngineResult =
  | { readonly ok: true; readonly engine: StorageEngine; readonly loaded: Loaded }
  | { readonly ok: false; readonly refusal: RaftStorageRefusal };

/** What is committed to the write-ahead log goes into the database after about this much. */
const CHECKPOINT_BYTES = 4 * 1024 * 1024;
/** A commit's own pages: the state row's, and that at the end of the log. */
const PAGES_PER_COMMIT = 2;

export class StorageEngine {
  readonly #store: OpenedStore;
  readonly #walSync: WalSync;
  /** What is durable. */
  #state: StoreState;
  /** About how much was committed. */
  #writtenBytes = 0;
  /** Of that, what is in the database. */
  #checkpointedBytes = 0;

  private constructor(store: OpenedStore, walSync: WalSync, state: StoreState) {
    this.#store = store;
    this.#walSync = walSync;
    this.#state = state;
  }

  /** Opens the store in a directory, or creates it. Counts the start durably. */
  static open(options: StoreOptions): EngineResult {
    const files = storeFiles(options.directory);
    const undo: (() => void)[] = [];
    try {
      const { store, loaded } = openStore(files, options, undo);
      // SQLite has made it, if it was not there, before it read anything.
      const walSync = new WalSync(files.wal);
      undo.push(() => walSync.close());
      const engine = new StorageEngine(store, walSync, loaded.state);
      return { ok: true, engine, loaded: { ...loaded, state: engine.#begin() } };
    } catch (error) {
      for (const close of undo.toReversed()) close();
      return { ok: false, refusal: refusalOf(error, files.database) };
    }
  }

  /** One transaction for all of them: durable when this returns. Throws if that is not certain. */
  commit(group: readonly PackedWrite[]): void {
    const { tables, highWater } = this.#store;
    let next: StoreState = { ...this.#state, commits: this.#state.commits + 1 };
    tables.transaction(() => {
      for (const write of group) next = applyWrite(tables, next, write);
      tables.writeState(next);
    });
    this.#walSync.sync();
    this.#state = next;
    highWater.raise(next.commits);
    this.#writtenBytes += PAGES_PER_COMMIT * PAGE_BYTES + bytesOf(group);
  }

  /** About how much was committed since the store was opened. */
  get writtenBytes(): number {
    return this.#writtenBytes;
  }

  /** Whether it is time for `checkpoint`. */
  get isCheckpointDue(): boolean {
    return this.#writtenBytes - this.#checkpointedBytes >= CHECKPOINT_BYTES;
  }

  /** Moves what was committed into the database, so that the write-ahead log can start over. */
  checkpoint(): void {
    this.#checkpoint("PASSIVE");
  }

  /** See `HighWaterMark`. */
  syncHighWaterMark(): void {
    this.#store.highWater.sync();
  }

  /** The snapshot as it was stored. Throws `StoreRefused` if it is not. */
  readSnapshot(): PackedSnapshot | undefined {
    return loadSnapshot(this.#store.tables, this.#state, this.#store.files.database);
  }

  freeBytes(): number | undefined {
    return freeBytes(this.#store.files.directory);
  }

  /** Throws if the last of it could not be made durable; nothing is held any more in any case. */
  close(): void {
    const { database, highWater, unlock } = this.#store;
    try {
      database.close(true);
      highWater.sync();
    } finally {
      this.#walSync.close();
      highWater.close();
      unlock();
    }
  }

  /** What a start changes. */
  #begin(): StoreState {
    const { tables, highWater, files } = this.#store;
    const { commits, incarnation } = this.#state;
    const next = { ...this.#state, commits: commits + 1, incarnation: incarnation + 1 };
    tables.transaction(() => tables.writeState(next));
    // Leaves no frames of an earlier run that a later one's could be mixed up with, see `_wal_scan.ts`.
    this.#checkpoint("TRUNCATE");
    highWater.raise(next.commits);
    highWater.sync();
    syncDirectory(files.directory);
    return (this.#state = next);
  }

  #checkpoint(mode: "PASSIVE" | "TRUNCATE"): void {
    const { database, files } = this.#store;
    const result = database
      .query<{ busy: number; log: number; checkpointed: number }, []>(
        `PRAGMA wal_checkpoint(${mode})`,
      )
      .get();
    if (result === null || result.busy !== 0 || result.log !== result.checkpointed) {
      throw new Error(`${files.wal}: not all of it could be moved into the database`);
    }
    this.#checkpointedBytes = this.#writtenBytes;
  }
}

function bytesOf(group: readonly PackedWrite[]): number {
  let bytes = 0;
  for (const { entries, snapshot } of group) {
    bytes += (entries?.bodies.length ?? 0) + (snapshot?.data.length ?? 0);
  }
  return bytes;
}
