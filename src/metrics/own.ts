/**
 * What a monitor measures of itself, as an interface: the runtime implements it, because its measuring
 * needs a process. Where there is none (an isolate), `NO_OWN_METRICS` measures nothing and writes nothing.
 */
import type { MonitorGauges } from "../monitor/mod.ts";
import type { MetricsFormat } from "./text.ts";

/** What a scrape knows of the monitor, for the series that are nobody's to observe. */
export interface OwnFacts {
  readonly targetCount: number;
  readonly pausedSeconds: number;
  /** Undefined where no config is followed: there is no such series then. */
  readonly configRevision: number | undefined;
  /** Whether this monitor is a member of a cluster: there are no histograms of one else. */
  readonly isMember?: boolean;
}

/** What the monitor calls with each of its lags (for every probe, so cheaply), and a scrape reads. */
export interface OwnMetrics extends MonitorGauges {
  /** From a write's arrival at this member to its outcome, whatever that was. */
  readonly raftCommit: (seconds: number) => void;
  /** What the disk took for one batch. */
  readonly raftSync: (seconds: number) => void;
  /** Whole families, each line with its newline, without OpenMetrics' `# EOF`. */
  render(format: MetricsFormat, facts: OwnFacts): Promise<string>;
}

export const NO_OWN_METRICS: OwnMetrics = {
  eventLoopLag: () => {},
  scheduleLag: () => {},
  raftCommit: () => {},
  raftSync: () => {},
  render: () => Promise.resolve(""),
};
