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
}

/** What the monitor calls with each of its lags (for every probe, so cheaply), and a scrape reads. */
export interface OwnMetrics extends MonitorGauges {
  /** Whole families, each line with its newline, without OpenMetrics' `# EOF`. */
  render(format: MetricsFormat, facts: OwnFacts): Promise<string>;
}

export const NO_OWN_METRICS: OwnMetrics = {
  eventLoopLag: () => {},
  scheduleLag: () => {},
  render: () => Promise.resolve(""),
};
