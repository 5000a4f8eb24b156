/** Every series that the project exports, and the exposition that a scraper reads. */
export { ALERT_SERIES, renderAlerts } from "./alerts.ts";
export { createExposition } from "./exposition.ts";
export type { Exposition, ExpositionOptions } from "./exposition.ts";
export { HISTORY_SERIES, renderHistory } from "./history.ts";
export type { HistoryFacts } from "./history.ts";
export { wantsGzip } from "./negotiate.ts";
export { NO_OWN_METRICS } from "./own.ts";
export type { OwnFacts, OwnMetrics } from "./own.ts";
export { OBSERVER_SERIES, renderObservers } from "./observers.ts";
export { RAFT_HISTOGRAMS, RAFT_ROLES, RAFT_SERIES, renderRaft } from "./raft.ts";
export type { RaftFacts, RaftPeerFacts, RaftRole } from "./raft.ts";
export { COMBINED_SERIES, OWN_SERIES, PROCESS_SERIES, SERIES, TARGET_SERIES } from "./series.ts";
export { formatFamily } from "./text.ts";
export type { MetricsFormat, Sample, Series } from "./text.ts";
