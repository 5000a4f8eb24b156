export { DEFAULT_CONFIG_LIMITS } from "./config_state.ts";
export type { ConfigLimits } from "./config_state.ts";
export { MemoryConfigStore } from "./memory_store.ts";
export type { MemoryConfigStoreOptions } from "./memory_store.ts";
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
