/** What the monitor holds in numbers, as the API says it: names, seconds, and times that people can read. */
import {
  type MonitorReading,
  type VerdictChange,
  type WatchReading,
  PROBE_FAILURE_REASONS,
} from "../monitor/mod.ts";
import { formatRfc3339 } from "./rfc3339.ts";
import type { SnapshotEntry, TargetView, VerdictEvent } from "./schemas.ts";

export function viewTarget(watch: WatchReading, monitor: MonitorReading): TargetView {
  const nowMs = monitor.nowMs();
  const { target, lastError } = watch;
  return {
    name: target.name,
    url: target.url,
    verdict: watch.verdict,
    verdictSince: formatRfc3339(monitor.wallMsOf(watch.verdictSinceMs)),
    phi: watch.phi(nowMs),
    threshold: target.monitor.threshold,
    suspectPhi: suspectPhi(watch),
    watchedSeconds: seconds(nowMs - watch.watchedSinceMs),
    lastHeartbeat: formatRfc3339(monitor.wallMsOf(watch.lastHeartbeatMs)),
    silenceSeconds: seconds(silenceMs(watch, nowMs)),
    heartbeats: watch.heartbeatCount,
    window: {
      samples: watch.sampleCount,
      meanMs: thousandths(watch.intervalMeanMs),
      stdDevMs: thousandths(watch.intervalStdDevMs),
    },
    probes: {
      total: watch.probeCount,
      skipped: watch.skippedCount,
      failures: failuresByReason(watch.failureCounts),
    },
    lastError: lastError && {
      reason: lastError.reason,
      detail: lastError.detail,
      at: formatRfc3339(lastError.atWallMs),
    },
    certificateExpires: formatRfc3339(watch.certificateExpiresWallMs),
  };
}

export function viewVerdict(watch: WatchReading, monitor: MonitorReading): SnapshotEntry {
  return {
    target: watch.target.name,
    verdict: watch.verdict,
    since: formatRfc3339(monitor.wallMsOf(watch.verdictSinceMs)),
  };
}

export function viewChange(change: VerdictChange): VerdictEvent {
  const { target, from, to, phi, reason } = change;
  const at = formatRfc3339(change.atWallMs);
  return { target, from, to, phi, silenceSeconds: seconds(change.silenceMs), reason, at };
}

/** The φ from which the target is suspect. */
export function suspectPhi({ target }: WatchReading): number {
  return target.monitor.threshold * target.monitor.suspectRatio;
}

/** Since the last heartbeat; since the watch began where that was the later, for nobody listened before. */
export function silenceMs(
  { lastHeartbeatMs, watchedSinceMs }: WatchReading,
  nowMs: number,
): number {
  return nowMs - (lastHeartbeatMs > watchedSinceMs ? lastHeartbeatMs : watchedSinceMs);
}

/** Only reasons that occurred. */
function failuresByReason(counts: readonly number[] | null): Record<string, number> {
  const failures: Record<string, number> = {};
  for (const [index, reason] of PROBE_FAILURE_REASONS.entries()) {
    const count = counts?.[index] ?? 0;
    if (count > 0) failures[reason] = count;
  }
  return failures;
}

/** Milliseconds as seconds with three places: more would be noise. */
function seconds(ms: number): number {
  return Math.round(ms) / 1_000;
}

function thousandths(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
