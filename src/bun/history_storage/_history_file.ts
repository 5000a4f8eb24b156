/**
 * One history file that is open, within its bounds. Every call blocks until the disk is done, and throws what
 * SQLite throws. A file that is damaged, or is somebody else's, is put aside and never read again: history is worth
 * keeping, and not worth mending.
 */
import { Database } from "bun:sqlite";
import { renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import {
  BLOCK_MS,
  budgetOf,
  type ByteBudget,
  type Found,
  type HistoryBatch,
  type HistoryQuery,
  keptSpan,
  MIN_HISTORY_BYTES,
  nextCutoff,
  type RetentionLimits,
  type SavedRecord,
  watermarksOf,
} from "../../history/mod.ts";
import { freeBytes } from "../free_space.ts";
import { readPragma } from "../sqlite.ts";
import type { FileOptions } from "./_protocol.ts";
import { createTables, openTables, PAGE_BYTES } from "./_schema.ts";
import { Tables } from "./_tables.ts";

/** A saved watch that is older is not believed by anybody. */
const SAVED_FOR_MS = 24 * 3_600_000;
/** Deletions at a time, each of a half hour and some hundred changes: about a second of work. */
const MAX_DELETES = 50;
/** So large the database may be on any disk. */
const SMALLEST_BYTES = budgetOf(MIN_HISTORY_BYTES).databaseBytes;

/** Thrown where there is a file that is no history of this format. */
export class ForeignFile extends Error {
  override readonly name = "ForeignFile";
}

export class HistoryFile {
  readonly #path: string;
  readonly #limits: RetentionLimits;
  readonly #minFreeBytes: number;
  readonly #budget: ByteBudget;
  readonly #database: Database;
  readonly #tables: Tables;
  /** How large the database may be now. It is larger where more was allowed before. */
  #limitBytes = 0;

  /** Opens the file at `path`, or creates it. Throws `ForeignFile`, or what SQLite throws. */
  constructor({ path, limits, minFreeBytes }: Omit<FileOptions, "nowWallMs">) {
    this.#path = path;
    this.#limits = limits;
    this.#minFreeBytes = minFreeBytes;
    this.#budget = budgetOf(limits.maxBytes);
    this.#database = new Database(path, { create: true, readwrite: true });
    try {
      if (isEmpty(this.#database)) createTables(this.#database, this.#budget);
      else requireKnown(openTables(this.#database, this.#budget));
      this.#tables = new Tables(this.#database);
      this.fitToDisk();
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

  /** What it takes of the disk, with the write-ahead log and with what was put aside. */
  get sizeBytes(): number {
    return sizeOf(this.#path) + this.#walBytes + this.#asideBytes;
  }

  /**
   * Looks at the disk, and decides how large the database may be now: what was put aside is part of what it may take,
   * and some of the disk stays free. SQLite lets a file that is larger already stay so.
   */
  fitToDisk(): void {
    const onDiskBytes = Math.max(SMALLEST_BYTES, this.#fileBytes + this.#roomBytes);
    const allowedBytes = Math.min(this.#budget.databaseBytes - this.#asideBytes, onDiskBytes);
    this.#limitBytes = Math.max(PAGE_BYTES, allowedBytes);
    this.#database.run(`PRAGMA max_page_count = ${pagesIn(this.#limitBytes)}`);
  }

  /** Whether more than is good is in use. */
  get isNearlyFull(): boolean {
    return this.#usedBytes > watermarksOf(this.#limitBytes).highBytes;
  }

  /**
   * Takes out what is too old, a day or so at a time. Names and saved watches go last: where a clock is wrong for a
   * moment, all of it seems old.
   */
  dropOld(nowWallMs: number): void {
    const [fromWallMs, toWallMs] = keptSpan(nowWallMs, this.#limits);
    if (!this.#deleteOutside(fromWallMs, toWallMs)) return;
    this.#tables.deleteSavedBefore(nowWallMs - SAVED_FOR_MS);
    this.#tables.names.deleteUnseenSince(fromWallMs);
    this.#shrink();
  }

  /** Takes out what was put aside and then the oldest, until there is room. False if nothing is left that could go. */
  makeRoom(nowWallMs: number): boolean {
    let hasDeleted = this.#deleteAside();
    const { lowBytes } = watermarksOf(this.#limitBytes);
    for (let count = 0; count < MAX_DELETES; count++) {
      if (hasDeleted && this.#usedBytes <= lowBytes) break;
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

  /** Whether nothing of it is left. */
  #deleteOutside(fromWallMs: number, toWallMs: number): boolean {
    for (let count = 0; count < MAX_DELETES; count++) {
      if (!this.#tables.deleteOutside(fromWallMs, toWallMs)) return true;
    }
    return false;
  }

  get #walBytes(): number {
    return sizeOf(`${this.#path}-wal`);
  }

  get #asideBytes(): number {
    return sizeOf(asideOf(this.#path));
  }

  /** It is of use to nobody but whoever wants to look at it. False if there is none. */
  #deleteAside(): boolean {
    if (this.#asideBytes === 0) return false;
    rmSync(asideOf(this.#path), { force: true });
    this.fitToDisk();
    return true;
  }

  /** By how much the database may grow on this disk; the write-ahead log grows as well, and goes into the file. */
  get #roomBytes(): number {
    const free = freeBytes(dirname(this.#path)) ?? Number.POSITIVE_INFINITY;
    const logGrowsBytes = Math.max(0, this.#budget.logBytes - this.#walBytes);
    const fileGrowsBytes = Math.max(0, this.#fileBytes - sizeOf(this.#path));
    return Math.max(0, free - this.#minFreeBytes - logGrowsBytes - fileGrowsBytes);
  }

  /** Of the database, with what is still in the write-ahead log. */
  get #fileBytes(): number {
    return this.#pages("page_count") * PAGE_BYTES;
  }

  get #usedBytes(): number {
    return this.#fileBytes - this.#pages("freelist_count") * PAGE_BYTES;
  }

  #pages(pragma: "page_count" | "freelist_count"): number {
    return Number(readPragma(this.#database, pragma));
  }

  /** Where the file is larger than it may be, since less is allowed than before: hands back what is free. */
  #shrink(): void {
    const surplus = this.#pages("page_count") - pagesIn(this.#limitBytes);
    if (surplus <= 0) return;
    this.#database.run(`PRAGMA incremental_vacuum(${surplus})`);
    this.fitToDisk();
  }
}

/** Gives the file another name, in place of whatever has that; a new one can be created then. */
export function putAside(path: string): void {
  renameSync(path, asideOf(path));
  for (const suffix of ["-wal", "-shm", "-journal"]) rmSync(path + suffix, { force: true });
}

function asideOf(path: string): string {
  return `${path}.aside`;
}

function isEmpty(database: Database): boolean {
  return Number(readPragma(database, "page_count")) === 0;
}

function requireKnown(whyNot: string | undefined): void {
  if (whyNot !== undefined) throw new ForeignFile(whyNot);
}

function pagesIn(bytes: number): number {
  return Math.floor(bytes / PAGE_BYTES);
}

/** 0 for what is no file. */
function sizeOf(path: string): number {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats?.isFile() === true ? stats.size : 0;
}
