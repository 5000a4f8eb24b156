/**
 * The sync that makes a commit durable: of the write-ahead log, after SQLite has written the commit's frames
 * to it. SQLite does it by itself where `synchronous` is FULL, but the one in Bun by fsync, which also waits
 * for the file's times, and with them for the file system's journal and whatever others have in it. So
 * where there is fdatasync, which waits for what is in the file and how long it is, SQLite is told
 * NORMAL, and leaves this one sync out. All others it makes: of the log's head when the log starts over,
 * and of log and database at a checkpoint.
 */
import { closeSync, fdatasyncSync, openSync } from "node:fs";

/** Elsewhere it may not be what it says: macOS has F_FULLFSYNC, which SQLite knows to ask for. */
const HAS_FDATASYNC = process.platform === "linux";

/** What SQLite is to be told, and what it says then. */
export const SYNCHRONOUS = HAS_FDATASYNC
  ? { pragma: "synchronous", set: "NORMAL", reads: 1 }
  : { pragma: "synchronous", set: "FULL", reads: 2 };

export class WalSync {
  readonly #descriptor: number | undefined;

  /** The file is there, and is not replaced as long as the database is open. */
  constructor(path: string) {
    this.#descriptor = HAS_FDATASYNC ? openSync(path, "r") : undefined;
  }

  /** What SQLite has committed is durable when this returns. Throws if that is not certain. */
  sync(): void {
    if (this.#descriptor !== undefined) fdatasyncSync(this.#descriptor);
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
  }
}
