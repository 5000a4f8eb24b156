/**
 * All that a soak saw and did, as data: it is written down as it is, and the table, the picture and the verdict are made of it alone.
 * Times are milliseconds since all was up.
 */

export interface ProcessLook {
  readonly atMs: number;
  readonly residentMb: number;
  readonly descriptors: number;
}

/** What a monitor says of itself; counts are since it started. */
export interface Metrics {
  readonly skippedProbes: number;
  readonly failedProbes: number;
  readonly probes: number;
  /** Now. */
  readonly targetsUp: number;
  /** Cumulative counts, by the upper bound in seconds as it is written. */
  readonly loopLag: readonly (readonly [bound: string, count: number])[];
}

export interface MetricsLook {
  readonly askedMs: number;
  readonly answeredMs: number;
  /** Absent where it has not answered. */
  readonly metrics?: Metrics;
}

export interface MonitorRecord {
  readonly id: string;
  readonly processLooks: ProcessLook[];
  readonly metricsLooks: MetricsLook[];
}

export interface TroubleRecord {
  readonly what: string;
  readonly fromMs: number;
  readonly untilMs: number;
  /** The monitor that did not run meanwhile. */
  readonly stopped?: string;
  /** Why it did not begin or end as it should. */
  readonly failures: readonly string[];
}

export interface WriteRecord {
  readonly to: string;
  readonly askedMs: number;
  readonly answeredMs: number;
  readonly isAccepted: boolean;
}

export interface SoakRecord {
  readonly minutes: number;
  readonly targetCount: number;
  readonly intervalMs: number;
  readonly monitors: readonly MonitorRecord[];
  readonly troubles: TroubleRecord[];
  readonly writes: WriteRecord[];
  /** Monitors that did not run at the end. */
  readonly died: string[];
  /** What had not come back a while after the last trouble. */
  readonly notCalm: string[];
}
