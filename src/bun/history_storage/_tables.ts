/** The statements on the tables of a history: batches in, what was found out. Knows nothing of files and limits. */
import type { Database, Statement } from "bun:sqlite";
import {
  BLOCK_MS,
  blockOf,
  CHANGE_SCOPES,
  COMBINED_VERDICTS,
  decodeBlock,
  encodeSample,
  type Found,
  type HistoryBatch,
  type HistoryQuery,
  MAX_BLOCK_BYTES,
  type PhiColumns,
  type PhiSample,
  type RecordedChange,
  type SavedRecord,
} from "../../history/mod.ts";
import { Names } from "./_names.ts";

interface ChangeRow {
  readonly id: number;
  readonly at: number;
  readonly scope: number;
  readonly old: number;
  readonly new: number;
  readonly phi: number | null;
  readonly reason: string;
}

const CHANGE_FIELDS = "id, at_ms AS at, scope, old, new, phi, reason";

export class Tables {
  readonly names: Names;
  readonly #database: Database;
  readonly #insertChange: Statement<
    unknown,
    [number, number, number, number, number, number | null, string]
  >;
  readonly #appendPhi: Statement<unknown, [number, number, Uint8Array]>;
  readonly #save: Statement<unknown, [number, number, Uint8Array]>;
  readonly #forget: Statement<unknown, [number]>;
  readonly #changes: Statement<ChangeRow, [number, number, number, number]>;
  readonly #sameMoment: Statement<ChangeRow, [number, number, number]>;
  readonly #block: Statement<{ samples: Uint8Array }, [number, number]>;
  readonly #blocks: Statement<{ first: number | null; last: number | null }, []>;

  constructor(database: Database) {
    this.#database = database;
    this.names = new Names(database);
    this.#insertChange = database.prepare(
      "INSERT INTO change (target, at_ms, scope, old, new, phi, reason) VALUES (?, ?, ?, ?, ?, ?, ?)",
    );
    this.#appendPhi = database.prepare(
      "INSERT INTO phi VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE " +
        `SET samples = CAST(samples || ?3 AS BLOB) WHERE length(samples) < ${MAX_BLOCK_BYTES}`,
    );
    this.#save = database.prepare("REPLACE INTO saved VALUES (?, ?, ?)");
    this.#forget = database.prepare("DELETE FROM saved WHERE target = ?");
    this.#changes = database.prepare(
      `SELECT ${CHANGE_FIELDS} FROM change WHERE target = ? AND at_ms >= ? AND at_ms < ? ` +
        "ORDER BY at_ms, id LIMIT ?",
    );
    this.#sameMoment = database.prepare(
      `SELECT ${CHANGE_FIELDS} FROM change WHERE target = ? AND at_ms = ? AND id > ? ORDER BY id`,
    );
    this.#block = database.prepare("SELECT samples FROM phi WHERE block = ? AND target = ?");
    this.#blocks = database.prepare(
      "SELECT (SELECT min(block) FROM phi) AS first, (SELECT max(block) FROM phi) AS last",
    );
  }

  /** One transaction: all of them, or none if it throws. */
  write(batches: readonly HistoryBatch[]): void {
    try {
      this.#database.transaction(() => {
        for (const batch of batches) this.#write(batch);
      })();
    } catch (error) {
      this.names.forget();
      throw error;
    }
  }

  #write({ nowWallMs, changes, phi, saved, forgotten }: HistoryBatch): void {
    for (const change of changes) {
      const { scope, from, to, reason } = change;
      const id = this.names.use(change.target, nowWallMs);
      const [at, which] = [Math.floor(change.atWallMs), CHANGE_SCOPES.indexOf(scope)];
      const [old, next] = [COMBINED_VERDICTS.indexOf(from), COMBINED_VERDICTS.indexOf(to)];
      this.#insertChange.run(id, at, which, old, next, change.phi, reason);
    }
    if (phi !== null) this.#writePhi(nowWallMs, phi);
    for (const { target, bytes } of saved) {
      this.#save.run(this.names.use(target, nowWallMs), Math.floor(nowWallMs), bytes);
    }
    for (const target of forgotten) {
      const id = this.names.find(target);
      if (id !== undefined) this.#forget.run(id);
    }
  }

  #writePhi(atWallMs: number, { targets, phi, peakPhi }: PhiColumns): void {
    const block = blockOf(atWallMs);
    for (const [index, target] of targets.entries()) {
      const sample = { atWallMs, phi: phi[index]!, peakPhi: peakPhi[index]! };
      this.#appendPhi.run(block, this.names.use(target, atWallMs), encodeSample(sample));
    }
  }

  read(query: HistoryQuery): Found {
    const id = this.names.find(query.target);
    if (id === undefined) return { isKnown: false, changes: [], samples: [] };
    return {
      isKnown: true,
      changes: this.#readChanges(id, query),
      samples: this.#readSamples(id, query),
    };
  }

  #readChanges(id: number, query: HistoryQuery): RecordedChange[] {
    const { target, fromWallMs, toWallMs, limit } = query;
    const rows = this.#changes.all(id, Math.ceil(fromWallMs), Math.ceil(toWallMs), limit + 1);
    const last = rows.at(-1);
    if (rows.length > limit) rows.push(...this.#sameMoment.all(id, last!.at, last!.id));
    return rows.flatMap((row) => {
      const scope = CHANGE_SCOPES[row.scope];
      const [from, to] = [COMBINED_VERDICTS[row.old], COMBINED_VERDICTS[row.new]];
      if (scope === undefined || from === undefined || to === undefined) return [];
      return { target, scope, from, to, phi: row.phi, reason: row.reason, atWallMs: row.at };
    });
  }

  /** Block by block: a range of them would lead past all other targets. */
  #readSamples(id: number, { fromWallMs, toWallMs, limit }: HistoryQuery): PhiSample[] {
    const { first, last } = this.#blocks.get()!;
    if (first === null || last === null) return [];
    const samples: PhiSample[] = [];
    const end = Math.min(last, blockOf(toWallMs));
    for (let block = Math.max(first, blockOf(fromWallMs)); block <= end; block++) {
      const row = this.#block.get(block, id);
      if (row === null) continue;
      for (const sample of decodeBlock(block, row.samples)) {
        if (sample.atWallMs >= fromWallMs && sample.atWallMs < toWallMs) samples.push(sample);
      }
      if (samples.length > limit) break;
    }
    return samples;
  }

  /** Every watch that was saved since. */
  savedSince(wallMs: number): SavedRecord[] {
    return this.#database
      .query<{ target: string; bytes: Uint8Array<ArrayBuffer> }, [number]>(
        "SELECT name AS target, record AS bytes FROM saved JOIN target ON target.id = saved.target " +
          "WHERE saved.at_ms >= ?",
      )
      .all(Math.floor(wallMs));
  }

  /** The earliest moment of which anything is told; undefined if there is none. */
  oldestWallMs(): number | undefined {
    const { first } = this.#blocks.get()!;
    const change = this.#database
      .query<{ at: number | null }, []>("SELECT min(at_ms) AS at FROM change")
      .get()!.at;
    const moments = [first === null ? null : first * BLOCK_MS, change].filter((at) => at !== null);
    return moments.length === 0 ? undefined : Math.min(...moments);
  }

  /** Takes out some of what is not from `fromWallMs` to `toWallMs`; false if there was nothing. */
  deleteOutside(fromWallMs: number, toWallMs: number): boolean {
    const [first, last] = [blockOf(fromWallMs), blockOf(toWallMs)];
    const { first: oldest, last: newest } = this.#blocks.get()!;
    let deletedCount = 0;
    for (const block of new Set([oldest, newest])) {
      if (block === null || (block >= first && block <= last)) continue;
      deletedCount += this.#database.run("DELETE FROM phi WHERE block = ?", [block]).changes;
    }
    deletedCount += this.#database.run(
      "DELETE FROM change WHERE id IN (SELECT id FROM change WHERE at_ms < ?1 OR at_ms > ?2 " +
        `LIMIT ${ROWS_A_DELETE})`,
      [Math.floor(fromWallMs), Math.floor(toWallMs)],
    ).changes;
    return deletedCount > 0;
  }

  /** Takes out the watches that were saved before. */
  deleteSavedBefore(wallMs: number): void {
    this.#database.run("DELETE FROM saved WHERE at_ms < ?", [Math.floor(wallMs)]);
  }
}

/** So that whoever asks meanwhile does not wait for long. */
const ROWS_A_DELETE = 2_000;
