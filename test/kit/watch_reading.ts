/** Watches as a reader sees them, made of plain numbers: for tests of what is shown of a watch. */
import type { MonitorReading, WatchReading } from "../../src/monitor/mod.ts";
import { makeJudgement } from "./judgement_reading.ts";
import { makeTarget, type TargetPart } from "./target.ts";

export type WatchReadingPart = Partial<Omit<WatchReading, "target">> & {
  readonly target?: TargetPart;
};

/** A target watched for 30 s, up, asked 20 times and answered 19 times, once late. */
export function makeReading({ target: targetPart, ...part }: WatchReadingPart = {}): WatchReading {
  const target = makeTarget(targetPart);
  return {
    target,
    ...makeJudgement(target, 10_000),
    verdict: "up",
    verdictSinceMs: 11_000,
    isOnlyRemembered: () => false,
    phi: (nowMs) => nowMs / 100_000,
    silenceMs: (nowMs) => nowMs - 39_500,
    worsensMs: (to) => (to === "suspect" ? 42_500 : 44_500),
    recoveryCount: 0,
    watchedSinceMs: 10_000,
    lastHeartbeatMs: 39_500,
    intervalMeanMs: 1_000,
    intervalStdDevMs: 62.5,
    sampleCount: 20,
    gapCount: 18,
    probeCount: 20,
    heartbeatCount: 19,
    skippedCount: 0,
    failureCounts: [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0],
    durationBucketCounts: [12, 6, 1, 0, 0, 0, 0, 1],
    durationSumMs: 5_250,
    lastError: null,
    certificateExpiresWallMs: Number.NaN,
    ...part,
  };
}

/** The moment of every reading below, by the monitor's clock. */
export const READING_NOW_MS = 40_000;

/** A monitor of these watches; the array may change while it is read. */
export function makeMonitorReading(watches: readonly WatchReading[]): MonitorReading {
  return {
    nowMs: () => READING_NOW_MS,
    wallMsOf: (monitorMs) => 1_700_000_000_000 + monitorMs,
    get watchCount() {
      return watches.length;
    },
    watches: () => watches,
    watch: (name) => watches.find(({ target }) => target.name === name),
    heartbeat: () => "not_pushed",
    onVerdictChange: () => () => {},
    pausedMs: 1_500,
  };
}
