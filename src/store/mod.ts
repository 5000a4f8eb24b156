export { MemoryConfigStore } from "./memory_store.ts";
export type { MemoryConfigStoreOptions } from "./memory_store.ts";
export type {
  ConfigChange,
  ConfigSnapshot,
  ConfigStore,
  Precondition,
  StoredTarget,
  WriteResult,
} from "./store.ts";
