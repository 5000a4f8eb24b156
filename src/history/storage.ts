/**
 * Where a history is kept, as the recorder sees it. A storage may lose what it was given, and says so; it never
 * holds anybody up. Every batch brings the time along, so that what is too old can be told by whoever
 * keeps no clock.
 */
import type { HistoryQuery, HistoryResult, RecordedChange } from "./reading.ts";

/** φ of some targets at one moment: three columns of one length. */
export interface PhiColumns {
  readonly targets: readonly string[];
  readonly phi: Float64Array<ArrayBuffer>;
  /** The highest since the one before. */
  readonly peakPhi: Float64Array<ArrayBuffer>;
}

export interface SavedRecord {
  readonly target: string;
  /** What `encodeSavedWatch` made. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface HistoryBatch {
  /** When it was put together; all `phi` in it is of this moment. */
  readonly nowWallMs: number;
  readonly changes: readonly RecordedChange[];
  readonly phi: PhiColumns | null;
  readonly saved: readonly SavedRecord[];
  /** Targets whose saved watch is to be forgotten. What happened to them is still told. */
  readonly forgotten: readonly string[];
}

export type BatchResult =
  | { readonly ok: true }
  /** Nothing of it is kept. `detail` is the end of a sentence. */
  | { readonly ok: false; readonly detail: string };

export interface HistoryStorage {
  /** Calls back in the order of the calls, never before it has returned. */
  write(batch: HistoryBatch, done: (result: BatchResult) => void): void;
  /** Sees all that was written before. Never rejects. */
  read(query: HistoryQuery): Promise<HistoryResult>;
  /** Resolves once all that was written before is kept, or given up; never rejects. */
  close(): Promise<void>;
  /** What it takes of the disk, as last heard. */
  readonly sizeBytes: number;
}
