/** The ground floor: what the core asks of the world, made of Bun and Node. */
export { writeTextFile } from "./atomic_file.ts";
export type { WriteTextFile, WriteTextFileResult } from "./atomic_file.ts";
export { openBytes } from "./byte_source.ts";
export type { ByteSource, OpenBytes } from "./byte_source.ts";
export { bunClock } from "./clock.ts";
export { bunDial } from "./dial.ts";
export {
  bunFetch,
  bunFetchAt,
  bunFetchAtUnproxied,
  bunFetchTrusting,
  bunFetchUnverified,
} from "./fetch.ts";
export { readBytes, readTextFile } from "./files.ts";
export { openHistoryStorage } from "./history_storage/mod.ts";
export type { HistoryStorageOptions, OpenedHistory } from "./history_storage/mod.ts";
export { openRaftStorage } from "./raft_storage/mod.ts";
export type { RaftStorage, RaftStorageOptions, RaftStorageResult } from "./raft_storage/mod.ts";
export {
  applyWrite,
  checkNothingIsLost,
  damageInFrames,
  EMPTY_STATE,
  entryChecksum,
  identityChecksum,
  loadSnapshot,
  loadStore,
  packSnapshot,
  packWrite,
  snapshotRowChecksum,
  stateChecksum,
  STORE_PAGE_BYTES,
  StoreRefused,
  unpackEntries,
  unpackSnapshot,
  WAL_FORMAT,
  WAL_FRAME_BYTES,
  WAL_FRAME_HEADER_BYTES,
  WAL_HEADER_BYTES,
  WAL_MAGIC,
  walSumOf,
} from "./raft_storage/format.ts";
export type {
  Checked,
  Identity,
  LogRow,
  PackedSnapshot,
  ReadableTables,
  StoreState,
  WalSums,
  WritableTables,
} from "./raft_storage/format.ts";
export { bunPeerCrypto, createPeerSockets } from "./peer/mod.ts";
export type { PeerTls } from "./peer/mod.ts";
export { bunRandom } from "./random.ts";
export { bunResolve } from "./resolve.ts";
export { bunTimers } from "./timers.ts";
export { listen } from "./serve.ts";
export type { Listener, ListenOptions, ListenResult } from "./serve.ts";
export type { TlsPair } from "./tls_pair.ts";
export { renameProcess } from "./process_name.ts";
export { onHangup, shutdownRequested } from "./signals.ts";
export { OPENAPI_VIEWER } from "./openapi_viewer.ts";
export { PAGE } from "./page.ts";
export { openFilesLimit } from "./open_files.ts";
export { createOwnMetrics } from "./own_metrics.ts";
