export { HISTORY_FILE, openHistoryStorage } from "./open.ts";
export type { HistoryStorageOptions, OpenedHistory } from "./open.ts";
