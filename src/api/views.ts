/** What the monitor holds in numbers, as the API says it: names, seconds, and times that people can read. */
import {
  type MonitorReading,
  type VerdictChange,
  type WatchReading,
  PROBE_FAILURE_REASONS,
} from "../monitor/mod.ts";
import type { ObserversReading } from "../observers/mod.ts";
import { viewCombined, viewCombinedWithVotes } from "./observer_views.ts";
import { formatRfc3339 } from "../moment/mod.ts";
import { viewBudget, viewDetector, viewQuality } from "./quality_views.ts";
import { seconds, thousandths } from "./rounding.ts";
import type { SnapshotEntry, TargetDetail, TargetView, VerdictEvent } from "./schemas.ts";

/** What is read of a target: what this monitor sees, and what all observers hold of it where there are any. */
export interface TargetSources {
  readonly monitor: MonitorReading;
  readonly observers?: ObserversReading;
}

/** For lists. */
export function viewTarget(watch: WatchReading, { monitor, observers }: TargetSources): TargetView {
  const combined = observers?.combined(watch.target.name);
  return {
    ...viewWatch(watch, monitor),
    ...(combined !== undefined && { combined: viewCombined(combined) }),
  };
}

export function viewTargetDetail(
  watch: WatchReading,
  { monitor, observers }: TargetSources,
): TargetDetail {
  const combined = observers?.combined(watch.target.name);
  return {
    ...viewWatch(watch, monitor),
    ...(combined !== undefined && { combined: viewCombinedWithVotes(combined) }),
    detector: viewDetector(watch, monitor.nowMs()),
    quality: viewQuality(watch, monitor),
    budget: viewBudget(watch, monitor.nowMs()),
  };
}

function viewWatch(watch: WatchReading, monitor: MonitorReading): Omit<TargetView, "combined"> {
  const nowMs = monitor.nowMs();
  const { target, lastError } = watch;
  return {
    name: target.name,
    url: target.url,
    verdict: watch.verdict,
    verdictSince: formatRfc3339(monitor.wallMsOf(watch.verdictSinceMs)),
    phi: watch.phi(nowMs),
    threshold: watch.downPhi,
    suspectPhi: watch.suspectPhi,
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

export function viewVerdict(
  watch: WatchReading,
  { monitor, observers }: TargetSources,
): SnapshotEntry {
  const combined = observers?.combinedVerdict(watch.target.name);
  return {
    target: watch.target.name,
    verdict: watch.verdict,
    since: formatRfc3339(monitor.wallMsOf(watch.verdictSinceMs)),
    ...(combined !== undefined && { combined }),
  };
}

export function viewChange(change: VerdictChange): VerdictEvent {
  const { target, from, to, phi, reason } = change;
  const at = formatRfc3339(change.atWallMs);
  return { target, from, to, phi, silenceSeconds: seconds(change.silenceMs), reason, at };
}

/** Since the last heartbeat; since the watch began where that was the later, for nobody listened before. */
export function silenceMs(
  { lastHeartbeatMs, watchedSinceMs }: WatchReading,
  nowMs: number,
): number {
  return nowMs - (lastHeartbeatMs > watchedSinceMs ? lastHeartbeatMs : watchedSinceMs);
}

/** Only reasons that occurred. */
function failuresByReason(counts: ArrayLike<number> | null): Record<string, number> {
  const failures: Record<string, number> = {};
  for (const [index, reason] of PROBE_FAILURE_REASONS.entries()) {
    const count = counts?.[index] ?? 0;
    if (count > 0) failures[reason] = count;
  }
  return failures;
}
