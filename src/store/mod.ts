/** Where the config lives: in memory, or replicated; and the record of what was alerted. */
export type {
  AlertAnswer,
  AlertCommand,
  AlertContents,
  Closing,
  Incident,
  Matcher,
  NewIncident,
  NewNotice,
  Notice,
  Silence,
  Telling,
  TextByName,
} from "./alert_record.ts";
export { ALERT_LIMITS } from "./alert_state.ts";
export type { AlertLimits } from "./alert_state.ts";
export { AlertMachine } from "./alert_machine.ts";
export { ALERT_FORMAT_VERSION } from "./alert_codec.ts";
export { ClusterMachine, STATE_FORMAT_VERSION } from "./cluster_machine.ts";
export type { ClusterMachineOptions } from "./cluster_machine.ts";
export { RaftAlertRecord } from "./raft_alert_record.ts";
export type { AlertRecord, AlertResult } from "./raft_alert_record.ts";
export type { LogMember } from "./log_access.ts";
export { ConfigMachine } from "./config_machine.ts";
export type { ConfigMachineOptions } from "./config_machine.ts";
export { DEFAULT_CONFIG_LIMITS } from "./config_state.ts";
export type { ConfigLimits } from "./config_state.ts";
export type { ConfigWrite } from "./config_write.ts";
export { MemoryConfigStore } from "./memory_store.ts";
export type { MemoryConfigStoreOptions } from "./memory_store.ts";
export { MemoryLog } from "./memory_log_storage.ts";
export type { MemoryLogOptions } from "./memory_log_storage.ts";
export { RaftConfigStore } from "./raft_store.ts";
export type { RaftConfigStoreOptions } from "./raft_store.ts";
export type {
  ConfigChange,
  ConfigSnapshot,
  ConfigStore,
  DecidedResult,
  Idempotency,
  Precondition,
  ReadResult,
  StoredTarget,
  WriteOptions,
  WriteResult,
} from "./store.ts";
export { foundingState } from "./founding.ts";
