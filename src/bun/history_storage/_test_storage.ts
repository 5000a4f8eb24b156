/** Histories in directories of their own, for the tests of this folder. */
import { existsSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type {
  BatchResult,
  HistoryBatch,
  HistoryPage,
  HistoryQuery,
  HistoryStorage,
  RecordedChange,
  SavedRecord,
} from "../../history/mod.ts";
import { HISTORY_FILE, openHistoryStorage, type HistoryStorageOptions } from "./open.ts";

export const NOW_MS = Date.UTC(2026, 0, 31, 12);
export const MINUTE_MS = 60_000;
export const DAY_MS = 24 * 60 * MINUTE_MS;
const MIB = 1024 * 1024;

/** A directory that is gone once it is disposed of. */
export function temporaryDirectory(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), "phi-history-"));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}

export interface TestHistory {
  readonly storage: HistoryStorage;
  readonly saved: readonly SavedRecord[];
  readonly notices: readonly string[];
  readonly tryToWrite: (batch: Partial<HistoryBatch>) => Promise<BatchResult>;
  /** Throws if it is lost. */
  readonly write: (batch: Partial<HistoryBatch>) => Promise<void>;
  /** Everything of `target`, or what `query` asks for. Throws if it cannot be read. */
  readonly read: (target: string, query?: Partial<HistoryQuery>) => Promise<HistoryPage>;
}

/** Opens one on the thread of the test. */
export async function openTestHistory(
  directory: string,
  options: Partial<HistoryStorageOptions> = {},
): Promise<TestHistory> {
  const notices: string[] = [];
  const { storage, saved } = openHistoryStorage({
    directory,
    limits: { maxAgeMs: 7 * DAY_MS, maxBytes: 64 * MIB },
    // The machine's disk is no part of the test.
    minFreeBytes: Number.NEGATIVE_INFINITY,
    nowWallMs: NOW_MS,
    onNotice: (line) => notices.push(line),
    inThread: true,
    ...options,
  });
  const tryToWrite = (batch: Partial<HistoryBatch>) =>
    new Promise<BatchResult>((done) => {
      storage.write({ ...EMPTY, nowWallMs: options.nowWallMs ?? NOW_MS, ...batch }, done);
    });
  const write = async (batch: Partial<HistoryBatch>) => {
    const result = await tryToWrite(batch);
    if (!result.ok) throw new Error(result.detail);
  };
  const read = async (target: string, query: Partial<HistoryQuery> = {}) => {
    const all = { target, fromWallMs: 0, toWallMs: NOW_MS + 400 * DAY_MS, limit: 100_000 };
    const result = await storage.read({ ...all, ...query });
    if (!result.ok) throw new Error(result.detail);
    return result.page;
  };
  return { storage, saved: await saved, notices, tryToWrite, write, read };
}

const EMPTY: HistoryBatch = { nowWallMs: NOW_MS, changes: [], phi: null, saved: [], forgotten: [] };

export function change(target: string, atWallMs: number, part: Partial<RecordedChange> = {}) {
  return {
    target,
    scope: "own",
    from: "up",
    to: "suspect",
    phi: 8.25,
    reason:
      "no heartbeat for 4.000 s: phi reached 8 (intervals: mean 1.000 s, standard deviation 0.012 s)",
    atWallMs,
    ...part,
  } satisfies RecordedChange;
}

/** φ of these targets, the same for all. */
export function phiOf(targets: readonly string[], phi: number, peakPhi = phi) {
  const column = (value: number) => new Float64Array(targets.length).fill(value);
  return { targets, phi: column(phi), peakPhi: column(peakPhi) };
}

export function record(target: string, bytes: number, fill = 7): SavedRecord {
  return { target, bytes: new Uint8Array(bytes).fill(fill) };
}

/** What all files of a history take. */
export function bytesOnDisk(directory: string): number {
  return ["", "-wal", "-shm", "-journal", ".aside"]
    .map((suffix) => join(directory, HISTORY_FILE + suffix))
    .filter((path) => existsSync(path))
    .reduce((sum, path) => sum + statSync(path).size, 0);
}
