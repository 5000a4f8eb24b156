/**
 * How many commits were acknowledged, in a small file beside the database. SQLite takes whatever is
 * at the end of its write-ahead log and does not check out for a write that a crash cut short, and drops
 * it; where that was damage instead, acknowledged writes would go unnoticed. So after each commit, and
 * before anybody is told of it, the count is written here too; a database that has fewer commits has
 * lost some.
 *
 * The file is synced about once a second, not at each commit, which would double a commit's cost: what
 * it says after a crash of the process is exact, and after a power cut at most that much behind. It is
 * never ahead. Two slots, in sectors of their own, are written in turn, so that a write that is cut
 * short spoils one at most.
 */
import { closeSync, fdatasyncSync, openSync, readSync, renameSync, writeSync } from "node:fs";
import { crc32c } from "../../raft/mod.ts";
import { damaged } from "./_refusal.ts";

const MAGIC = "phimark1";
/** Random bytes in hexadecimal, see `Identity.store`. */
const STORE_CHARACTERS = 32;
const COUNT_PLACE = MAGIC.length + STORE_CHARACTERS;
const CHECKSUM_PLACE = COUNT_PLACE + 8;
const SLOT_BYTES = CHECKSUM_PLACE + 4;
/** No two slots share a sector of any disk. */
const SLOT_DISTANCE = 4096;
const SLOTS = [0, 1];

interface Mark {
  /** Of which store. */
  readonly store: string;
  readonly commits: number;
}

export class HighWaterMark {
  readonly #descriptor: number;
  readonly #store: string;
  /** What is written next; only the count and the checksum change. */
  readonly #record: Uint8Array<ArrayBuffer>;
  #commits: number;
  #isSynced = true;

  private constructor(descriptor: number, { store, commits }: Mark) {
    this.#descriptor = descriptor;
    this.#store = store;
    this.#record = recordOf(store);
    this.#commits = commits;
  }

  /** Creates the file, or replaces one that is left from an attempt to create the store; whole or not at all. */
  static create(path: string, store: string): void {
    const unfinished = `${path}.new`;
    const descriptor = openSync(unfinished, "w", 0o600);
    try {
      const record = recordOf(store);
      for (const slot of SLOTS) writeSlot(descriptor, slot, record, 0);
      fdatasyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(unfinished, path);
  }

  /** Throws `StoreRefused` if nothing in the file can be read. */
  static open(path: string): HighWaterMark {
    const descriptor = openSync(path, "r+");
    const marks = SLOTS.map((slot) => readSlot(descriptor, slot)).filter(
      (mark) => mark !== undefined,
    );
    const latest = marks.toSorted((left, right) => right.commits - left.commits)[0];
    if (latest !== undefined) return new HighWaterMark(descriptor, latest);
    closeSync(descriptor);
    throw damaged(`${path}: neither of its two records can be read`);
  }

  get store(): string {
    return this.#store;
  }

  /** Invariant: never more than were committed durably. */
  get commits(): number {
    return this.#commits;
  }

  raise(commits: number): void {
    writeSlot(this.#descriptor, commits % SLOTS.length, this.#record, commits);
    this.#commits = commits;
    this.#isSynced = false;
  }

  sync(): void {
    if (this.#isSynced) return;
    fdatasyncSync(this.#descriptor);
    this.#isSynced = true;
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

/** A record of a store, without a count yet. */
function recordOf(store: string): Uint8Array<ArrayBuffer> {
  const record = new Uint8Array(SLOT_BYTES);
  record.set(new TextEncoder().encode(MAGIC + store));
  return record;
}

function writeSlot(
  descriptor: number,
  slot: number,
  record: Uint8Array<ArrayBuffer>,
  commits: number,
): void {
  const view = new DataView(record.buffer);
  view.setFloat64(COUNT_PLACE, commits);
  view.setUint32(CHECKSUM_PLACE, crc32c(record.subarray(0, CHECKSUM_PLACE)));
  const written = writeSync(descriptor, record, 0, SLOT_BYTES, slot * SLOT_DISTANCE);
  if (written !== SLOT_BYTES)
    throw new Error("a record of the high-water mark was written in part");
}

function readSlot(descriptor: number, slot: number): Mark | undefined {
  const bytes = new Uint8Array(SLOT_BYTES);
  const read = readSync(descriptor, bytes, 0, SLOT_BYTES, slot * SLOT_DISTANCE);
  const view = new DataView(bytes.buffer);
  const isIntact =
    read === SLOT_BYTES &&
    view.getUint32(CHECKSUM_PLACE) === crc32c(bytes.subarray(0, CHECKSUM_PLACE));
  const text = new TextDecoder().decode(bytes.subarray(0, COUNT_PLACE));
  if (!isIntact || !text.startsWith(MAGIC)) return undefined;
  return { store: text.slice(MAGIC.length), commits: view.getFloat64(COUNT_PLACE) };
}
