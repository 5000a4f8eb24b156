/** What the two threads say to each other. The order of the answers is that of the requests. */
import type {
  BatchResult,
  HistoryBatch,
  HistoryQuery,
  HistoryResult,
  RetentionLimits,
  SavedRecord,
} from "../../history/mod.ts";

export interface FileOptions {
  readonly path: string;
  readonly limits: RetentionLimits;
  /** As `HistoryStorageOptions` have it. */
  readonly minFreeBytes: number;
  /** What is too old is told by it. */
  readonly nowWallMs: number;
}

export type HistoryRequest =
  /** The first. */
  | { readonly kind: "open"; readonly options: FileOptions }
  | { readonly kind: "write"; readonly batch: HistoryBatch }
  | { readonly kind: "read"; readonly query: HistoryQuery }
  /** The last. */
  | { readonly kind: "close" };

export type HistoryReply =
  | { readonly kind: "opened"; readonly saved: readonly SavedRecord[] }
  /** For people. */
  | { readonly kind: "notice"; readonly line: string }
  /** The next so many batches are kept, or lost. */
  | { readonly kind: "written"; readonly count: number; readonly result: BatchResult }
  | { readonly kind: "found"; readonly result: HistoryResult }
  | { readonly kind: "size"; readonly sizeBytes: number }
  | { readonly kind: "closed" };
