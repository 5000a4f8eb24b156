/**
 * One history file that is open, within its bounds. Every call blocks until the disk is done, and throws what
 * SQLite throws. A file that is damaged, or is somebody else's, is put aside and never read again: history is worth
 * keeping, and not worth mending.
 */
import { Database } from "bun:sqlite";
import { renameSync, rmSync, statSync } from "node:fs";
import {
  BLOCK_MS,
  budgetOf,
  type ByteBudget,
  type Found,
  type HistoryBatch,
  type HistoryQuery,
  keptSpan,
  nextCutoff,
  type RetentionLimits,
  type SavedRecord,
} from "../../history/mod.ts";
import { readPragma } from "../sqlite.ts";
import { createTables, openTables, PAGE_BYTES } from "./_schema.ts";
import { Tables } from "./_tables.ts";

/** A saved watch that is older is not believed by anybody. */
const SAVED_FOR_MS = 24 * 3_600_000;
/** Deletions at a time, each of a half hour or some thousand changes: about a second of work. */
const MAX_DELETES = 50;

/** Thrown where there is a file that is no history of this format. */
export class ForeignFile extends Error {
  override readonly name = "ForeignFile";
}

export class HistoryFile {
  readonly #path: string;
  readonly #limits: RetentionLimits;
  readonly #budget: ByteBudget;
  readonly #database: Database;
  readonly #tables: Tables;

  /** Opens the file at `path`, or creates it. Throws `ForeignFile`, or what SQLite throws. */
  constructor(path: string, limits: RetentionLimits) {
    this.#path = path;
    this.#limits = limits;
    this.#budget = budgetOf(limits.maxBytes);
    this.#database = new Database(path, { create: true, readwrite: true });
    try {
      if (isEmpty(this.#database)) createTables(this.#database, this.#budget);
      else requireKnown(openTables(this.#database, this.#budget));
      this.#tables = new Tables(this.#database);
      this.#limitPages();
    } catch (error) {
      this.#database.close();
      throw error;
    }
  }

  write(batches: readonly HistoryBatch[]): void {
    this.#tables.write(batches);
  }

  read(query: HistoryQuery): Found {
    return this.#tables.read(query);
  }

  /** The watches whose state may still be believed. */
  saved(nowWallMs: number): SavedRecord[] {
    return this.#tables.savedSince(nowWallMs - SAVED_FOR_MS);
  }

  /** What it takes of the disk, with the write-ahead log. */
  get sizeBytes(): number {
    return sizeOf(this.#path) + sizeOf(`${this.#path}-wal`);
  }

  /** Whether more than is good is in use. */
  get isNearlyFull(): boolean {
    return this.#usedBytes > this.#budget.highWaterBytes;
  }

  /** Takes out what is too old. */
  dropOld(nowWallMs: number): void {
    const [fromWallMs, toWallMs] = keptSpan(nowWallMs, this.#limits);
    this.#deleteOutside(fromWallMs, toWallMs);
    this.#tables.deleteSavedBefore(nowWallMs - SAVED_FOR_MS);
    this.#tables.names.deleteUnseenSince(fromWallMs);
    this.#shrink();
  }

  /** Takes out the oldest, until there is room. False if nothing is left that could go. */
  makeRoom(nowWallMs: number): boolean {
    let hasDeleted = false;
    for (let count = 0; count < MAX_DELETES; count++) {
      if (hasDeleted && this.#usedBytes <= this.#budget.lowWaterBytes) break;
      const oldestWallMs = this.#tables.oldestWallMs();
      if (oldestWallMs === undefined) break;
      const cutoffWallMs = nextCutoff(oldestWallMs, nowWallMs, BLOCK_MS);
      this.#deleteOutside(cutoffWallMs, Number.MAX_SAFE_INTEGER);
      this.#tables.names.deleteUnseenSince(cutoffWallMs);
      hasDeleted = true;
    }
    this.#shrink();
    return hasDeleted;
  }

  close(): void {
    this.#database.close(true);
  }

  #deleteOutside(fromWallMs: number, toWallMs: number): void {
    for (let count = 0; count < MAX_DELETES; count++) {
      if (!this.#tables.deleteOutside(fromWallMs, toWallMs)) return;
    }
  }

  get #usedBytes(): number {
    return (this.#pages("page_count") - this.#pages("freelist_count")) * PAGE_BYTES;
  }

  #pages(pragma: "page_count" | "freelist_count"): number {
    return Number(readPragma(this.#database, pragma));
  }

  /** Where the file is larger than it may be, since less is allowed than before: hands back what is free. */
  #shrink(): void {
    const surplus = this.#pages("page_count") - this.#maxPages;
    if (surplus <= 0) return;
    this.#database.run(`PRAGMA incremental_vacuum(${surplus})`);
    this.#limitPages();
  }

  get #maxPages(): number {
    return Math.floor(this.#budget.databaseBytes / PAGE_BYTES);
  }

  /** SQLite lets a file that is larger already stay so. */
  #limitPages(): void {
    this.#database.run(`PRAGMA max_page_count = ${this.#maxPages}`);
  }
}

/** Gives the file another name, in place of whatever has that; a new one can be created then. */
export function putAside(path: string): void {
  renameSync(path, `${path}.aside`);
  for (const suffix of ["-wal", "-shm", "-journal"]) rmSync(path + suffix, { force: true });
}

function isEmpty(database: Database): boolean {
  return Number(readPragma(database, "page_count")) === 0;
}

function requireKnown(whyNot: string | undefined): void {
  if (whyNot !== undefined) throw new ForeignFile(whyNot);
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
