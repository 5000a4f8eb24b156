/**
 * A monitor's history on SQLite, in a Worker: `history.sqlite` in its data directory, bounded by age and by bytes. It
 * always opens, in time or not: what cannot be kept is lost, and told to whoever wrote it.
 */
import { join, resolve } from "node:path";
import {
  type HistoryStorage,
  MIN_HISTORY_BYTES,
  type RetentionLimits,
  type SavedRecord,
} from "../../history/mod.ts";
import { diskWorker, inThread } from "../disk_worker.ts";
import { MIN_FREE_BYTES } from "../free_space.ts";
import { HistoryClient } from "./_client.ts";
import type { HistoryReply, HistoryRequest } from "./_protocol.ts";
import { HistoryService } from "./_service.ts";

export const HISTORY_FILE = "history.sqlite";

export interface HistoryStorageOptions {
  /** Has to be there. Other files in it are left alone. */
  readonly directory: string;
  readonly limits: RetentionLimits;
  /**
   * Where no more than this is free it stays as large as it is, or as it has to be to be of any use. Default 128 MiB:
   * twice what a Raft member wants, which is not to be kept from leading by its history. -Infinity: it takes all.
   */
  readonly minFreeBytes?: number;
  readonly nowWallMs: number;
  /** What has to be said once, to people. */
  readonly onNotice: (line: string) => void;
  /** Does it all on the caller's thread, which then waits for the disk: for tests. */
  readonly inThread?: boolean;
}

export interface OpenedHistory {
  readonly storage: HistoryStorage;
  /** Resolves to the watches that an earlier process has saved; to none of them where they cannot be had. */
  readonly saved: Promise<readonly SavedRecord[]>;
}

/** Throws `RangeError` for limits that leave room for nothing. */
export function openHistoryStorage(options: HistoryStorageOptions): OpenedHistory {
  const { directory, limits, nowWallMs, onNotice, minFreeBytes = 2 * MIN_FREE_BYTES } = options;
  if (!(limits.maxBytes >= MIN_HISTORY_BYTES && limits.maxAgeMs > 0)) {
    throw new RangeError(
      `Cannot open a history: it needs some time and ${MIN_HISTORY_BYTES} bytes at the least`,
    );
  }
  const start =
    options.inThread === true
      ? inThread<HistoryRequest, HistoryReply>((answer) => new HistoryService(answer))
      : diskWorker<HistoryRequest, HistoryReply>("history_storage");
  const storage = new HistoryClient(start, onNotice);
  const path = join(resolve(directory), HISTORY_FILE);
  return { storage, saved: storage.open({ path, limits, minFreeBytes, nowWallMs }) };
}
