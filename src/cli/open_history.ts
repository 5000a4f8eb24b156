/**
 * Opens what the monitor remembers, if it is to remember anything: where its history goes, and what an earlier process
 * knew of each target. The disk is waited for only so long; a monitor that knows nothing watches all the same.
 */
import type { HistoryStorageOptions, OpenedHistory } from "../bun/mod.ts";
import { decodeSavedWatch, type HistoryStorage, type SavedRecord } from "../history/mod.ts";
import type { Recall } from "../monitor/mod.ts";
import type { Clock, Timers } from "../port.ts";
import { IN_MEMORY, type MonitorArguments } from "./monitor_flags.ts";

export interface HistoryGrants {
  readonly openHistoryStorage: (options: HistoryStorageOptions) => OpenedHistory;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly tell: (level: "info" | "warning", line: string) => void;
}

export interface OpenHistory {
  readonly storage: HistoryStorage;
  /** Each target once. */
  readonly recall: Recall;
}

const DAY_MS = 86_400_000;
const LONGEST_WAIT_MS = 5_000;

/** Undefined where none is to be kept. The data directory has to be there. */
export async function openHistory(
  { datadir, historyDays, historyMaxBytes }: MonitorArguments,
  { openHistoryStorage, clock, timers, tell }: HistoryGrants,
): Promise<OpenHistory | undefined> {
  if (datadir === IN_MEMORY || historyDays === 0 || historyMaxBytes === 0) return undefined;
  const { storage, saved } = openHistoryStorage({
    directory: datadir,
    limits: { maxAgeMs: historyDays * DAY_MS, maxBytes: historyMaxBytes },
    nowWallMs: clock.wallMs(),
    onNotice: (line) => tell("warning", `history: ${line}`),
  });
  const records = await withinWait(saved, timers);
  if (records === undefined) {
    tell("warning", "history: the disk keeps it waiting; every target is watched as a new one");
  }
  const bytesOf = new Map(records?.map(({ target, bytes }) => [target, bytes]));
  const recall: Recall = (name) => {
    const bytes = bytesOf.get(name);
    bytesOf.delete(name);
    return bytes && decodeSavedWatch(name, bytes);
  };
  return { storage, recall };
}

/** Undefined if it takes too long. */
async function withinWait(
  saved: Promise<readonly SavedRecord[]>,
  timers: Timers,
): Promise<readonly SavedRecord[] | undefined> {
  const { promise: tooLate, resolve } = Promise.withResolvers<undefined>();
  const cancel = timers.after(LONGEST_WAIT_MS, () => resolve(undefined));
  const records = await Promise.race([saved, tooLate]);
  cancel();
  return records;
}
