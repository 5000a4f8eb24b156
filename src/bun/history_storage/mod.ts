export { openHistoryStorage } from "./open.ts";
export type { HistoryStorageOptions, OpenedHistory } from "./open.ts";
