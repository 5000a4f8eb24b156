/** What a monitor remembers: verdicts that changed, φ now and then, and the rhythms it had learnt. */
export { BLOCK_MS, blockOf, decodeBlock, encodeSample, MAX_BLOCK_BYTES } from "./phi_block.ts";
export { COMBINED_VERDICTS } from "../verdict/mod.ts";
export { pageOf } from "./page.ts";
export type { Found } from "./page.ts";
export { CHANGE_SCOPES } from "./reading.ts";
export type {
  ChangeScope,
  HistoryPage,
  HistoryQuery,
  HistoryReading,
  HistoryResult,
  PhiSample,
  RecordedChange,
} from "./reading.ts";
export { Recorder } from "./recorder.ts";
export type { RecorderWorld } from "./recorder.ts";
export { budgetOf, keptSpan, MIN_HISTORY_BYTES, nextCutoff, watermarksOf } from "./retention.ts";
export type { ByteBudget, RetentionLimits } from "./retention.ts";
export { decodeSavedWatch, encodeSavedWatch } from "./saved_watch_codec.ts";
export type {
  BatchResult,
  HistoryBatch,
  HistoryStorage,
  PhiColumns,
  SavedRecord,
} from "./storage.ts";
export type { RecorderStats } from "./tally.ts";
