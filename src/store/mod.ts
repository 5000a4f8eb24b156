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
export type { ConfigMember, RaftConfigStoreOptions } from "./raft_store.ts";
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
