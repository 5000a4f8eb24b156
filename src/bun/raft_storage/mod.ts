export { openRaftStorage } from "./open.ts";
export type { RaftStorage, RaftStorageOptions, RaftStorageResult } from "./open.ts";
export type { RaftStorageStats } from "./_client.ts";
export type { CommitReport } from "./_protocol.ts";
export type { RaftStorageRefusal, RefusalKind } from "./_refusal.ts";
