/**
 * What a disk holds, as bytes, from when a bit of it flips until a start has read all of it: the rows, or the
 * write-ahead log on top of them, and how many commits the high-water mark counts. The real storage's code
 * writes and checks it, and says whether the store can be opened.
 */
import type { LogWrite, Snapshot, StoredState } from "../../src/raft/mod.ts";
import { StoreRefused } from "../../src/bun/mod.ts";
import type { Random } from "./random.ts";
import type { StoredRows } from "./stored_rows.ts";
import { damageIn, logOf, replayedTransactions } from "./write_ahead_log.ts";

/** What a start makes of a store. */
export type StoreOpened = Result<{ readonly stored: Omit<StoredState, "incarnation"> }>;

type Result<Value> =
  | ({ readonly ok: true } & Value)
  | { readonly ok: false; readonly detail: string };

const PLACES = ["log", "snapshot", "rows"] as const;

export type RotPlace = (typeof PLACES)[number];

export class RottingStore {
  readonly #random: Random;
  /** What is in the database: all but the writes in the log. */
  readonly #checkpointed: StoredRows;
  /** What is in the write-ahead log. */
  readonly #logged: LogWrite[] = [];
  /** As the storage reads them while it is open. */
  #rows: StoredRows;
  #acknowledged: number;
  /**
   * Where a bit is yet to flip, if it has not: nobody can tell when it did before that is read. The log is read
   * after a crash, the snapshot by a member that sends it, and all rows at a start.
   */
  #flipsIn: RotPlace | "done";
  #damageInLog: string | undefined;

  constructor(rows: StoredRows, random: Random, place = random.pick(PLACES)) {
    this.#random = random;
    this.#checkpointed = rows;
    this.#flipsIn = place;
    this.#rows = rows;
    if (this.#flipsIn === "rows") this.#flipRows();
    this.#acknowledged = rows.commits;
  }

  /** Whether the storage could do it. If not, nothing has changed. */
  write(write: LogWrite): boolean {
    try {
      this.#rows = this.#rows.apply(write);
    } catch {
      return false;
    }
    this.#acknowledged = this.#rows.commits;
    if (this.#flipsIn === "log") this.#logged.push(write);
    return true;
  }

  /** The process is gone. */
  crash(): void {
    const place = this.#flipsIn;
    this.#flipsIn = "done";
    if (this.#logged.length > 0) this.#flipInLog();
    else if (place !== "done") this.#flipRows();
  }

  /** What a start finds. */
  open(): StoreOpened {
    if (this.#damageInLog !== undefined) return { ok: false, detail: this.#damageInLog };
    return orRefused(() => ({ ok: true, stored: this.#rows.load(this.#acknowledged) }));
  }

  /** What the storage gives while it is open. */
  readSnapshot(): Result<{ readonly snapshot: Snapshot | undefined }> {
    if (this.#flipsIn === "snapshot") this.#flipRows("snapshot");
    return orRefused(() => ({ ok: true, snapshot: this.#rows.readSnapshot() }));
  }

  #flipRows(table?: "snapshot"): void {
    this.#flipsIn = "done";
    this.#rows = this.#rows.flip(this.#random, table);
  }

  /** SQLite replays what comes before the damage, if the log is looked at no further. */
  #flipInLog(): void {
    const writes = this.#logged.splice(0);
    const log = logOf(
      writes.map((write) => [write]),
      1,
    );
    log[this.#random.below(log.length)]! ^= 1 << this.#random.below(8);
    this.#damageInLog = damageIn(log);
    const replayed = writes.slice(0, replayedTransactions(log));
    this.#rows = replayed.reduce((rows, write) => rows.apply(write), this.#checkpointed);
  }
}

function orRefused<Value>(read: () => Result<Value>): Result<Value> {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof StoreRefused)) throw error;
    return { ok: false, detail: error.refusal.detail };
  }
}
