/**
 * The series about what a monitor remembers: what it knows of that at the moment of a scrape in, whole families
 * out.
 */
import { formatFamilies, type MetricsFormat, type Series, single } from "./text.ts";

/** Counts are since the process started. A record is a change of verdict, a sample of φ, or a saved watch. */
export interface HistoryFacts {
  readonly keptRecords: number;
  readonly droppedRecords: number;
  /** On the disk. */
  readonly sizeBytes: number;
  readonly restoredTargets: number;
}

/** In the order in which they are written. */
export const HISTORY_SERIES = {
  keptRecords: {
    name: "phi_history_records_total",
    type: "counter",
    help: "Changes of verdict, samples of phi and states of targets that were written down.",
    labels: [],
  },
  droppedRecords: {
    name: "phi_history_dropped_records_total",
    type: "counter",
    help: "The same that could not be written down, and are lost; watching goes on.",
    labels: [],
  },
  sizeBytes: {
    name: "phi_history_size_bytes",
    type: "gauge",
    help: "What the history takes of the disk; --history-max-bytes at the most.",
    unit: "bytes",
    labels: [],
  },
  restoredTargets: {
    name: "phi_history_restored_targets",
    type: "gauge",
    help: "Targets whose watch went on where an earlier process had ended.",
    labels: [],
  },
} as const satisfies Readonly<Record<string, Series>>;

/** Whole families, each line with its newline. */
export function renderHistory(facts: HistoryFacts, format: MetricsFormat): string {
  return formatFamilies(
    [
      [HISTORY_SERIES.keptRecords, single(facts.keptRecords)],
      [HISTORY_SERIES.droppedRecords, single(facts.droppedRecords)],
      [HISTORY_SERIES.sizeBytes, single(facts.sizeBytes)],
      [HISTORY_SERIES.restoredTargets, single(facts.restoredTargets)],
    ],
    format,
  );
}
