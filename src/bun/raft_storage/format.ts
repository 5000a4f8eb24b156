/**
 * What a store is made of, without the files: rows with their checksums, what a write does to them, how all of them
 * are checked, and the frames of the write-ahead log. For the simulated disk, which keeps these in
 * memory, so that damage there is found by the same code as on a real one.
 */
export { checkNothingIsLost, loadSnapshot, loadStore } from "./_load.ts";
export {
  packSnapshot,
  packWrite,
  unpackEntries,
  unpackSnapshot,
  type PackedSnapshot,
} from "./_packed.ts";
export { StoreRefused } from "./_refusal.ts";
export {
  EMPTY_STATE,
  entryChecksum,
  identityChecksum,
  snapshotRowChecksum,
  stateChecksum,
  type Identity,
  type StoreState,
} from "./_rows.ts";
export { PAGE_BYTES as STORE_PAGE_BYTES } from "./_schema.ts";
export type { Checked, LogRow, ReadableTables, WritableTables } from "./_tables.ts";
export {
  damageInFrames,
  FORMAT as WAL_FORMAT,
  FRAME_BYTES as WAL_FRAME_BYTES,
  FRAME_HEADER_BYTES as WAL_FRAME_HEADER_BYTES,
  HEADER_BYTES as WAL_HEADER_BYTES,
  MAGIC as WAL_MAGIC,
  sumOf as walSumOf,
  type Sums as WalSums,
} from "./_wal_scan.ts";
export { applyWrite } from "./_write.ts";
