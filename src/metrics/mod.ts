/** Every series that the project exports, and the exposition that a scraper reads. */
export { createExposition } from "./exposition.ts";
export type { Exposition, ExpositionOptions } from "./exposition.ts";
export type { HistoryFacts } from "./history.ts";
export { parsePreferences, wantsGzip } from "./negotiate.ts";
export type { Preference } from "./negotiate.ts";
export { NO_OWN_METRICS } from "./own.ts";
export type { OwnFacts, OwnMetrics } from "./own.ts";
export { RAFT_HISTOGRAMS } from "./raft.ts";
export type { RaftFacts, RaftPeerFacts } from "./raft.ts";
export { OWN_SERIES, PROCESS_SERIES, SERIES, TARGET_SERIES } from "./series.ts";
export { formatFamily } from "./text.ts";
export type { MetricsFormat, Sample, Series } from "./text.ts";
