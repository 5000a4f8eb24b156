export { openRaftStorage } from "./open.ts";
export type { RaftStorage, RaftStorageOptions, RaftStorageResult } from "./open.ts";
