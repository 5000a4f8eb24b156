export type {
  ConfigChange,
  ConfigSnapshot,
  ConfigStore,
  Precondition,
  StoredTarget,
  WriteResult,
} from "./store.ts";
