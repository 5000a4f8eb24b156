/**
 * Why a verdict is what it is: one watch, and what is known of the observers, go in; an explanation comes
 * out. It looks once and keeps nothing, and computes nothing that the detector has not already.
 */
import { isPushed, type MonitorReading, type WatchReading } from "../monitor/mod.ts";
import type { ObserversReading, SelfDoubtReading } from "../observers/mod.ts";
import type { Explanation, ExplainedObserver, Fit, SelfDoubted } from "./explanation.ts";

export interface ExplainSources {
  readonly monitor: Pick<MonitorReading, "nowMs" | "wallMsOf">;
  /** This monitor's name. */
  readonly observer?: string | undefined;
  readonly selfDoubt?: Pick<SelfDoubtReading, "doubts" | "detail"> | undefined;
  /** Absent where there are no others. */
  readonly observers?: ObserversReading | undefined;
}

export function explain(watch: WatchReading, sources: ExplainSources): Explanation {
  const { monitor, observers } = sources;
  const nowMs = monitor.nowMs();
  const { target } = watch;
  const { upAfterHeartbeats } = target.monitor;
  const wallMsOf = (atMs: number) => (Number.isFinite(atMs) ? monitor.wallMsOf(atMs) : null);
  const silenceMs = watch.silenceMs(nowMs);
  return {
    target: target.name,
    observer: sources.observer ?? null,
    atWallMs: monitor.wallMsOf(nowMs),
    verdict: watch.verdict,
    verdictSinceWallMs: monitor.wallMsOf(watch.verdictSinceMs),
    watchedSinceWallMs: monitor.wallMsOf(watch.watchedSinceMs),
    lastHeartbeatWallMs: wallMsOf(watch.lastHeartbeatMs),
    silenceMs,
    silenceSinceWallMs: monitor.wallMsOf(nowMs - silenceMs),
    intervalMs: watch.intervalMs,
    isPushed: isPushed(target),
    phi: watch.phi(nowMs),
    suspectPhi: watch.suspectPhi,
    downPhi: watch.downPhi,
    model: watch.model,
    isConfident: watch.isConfident(nowMs),
    detectionMs: Number.isFinite(watch.detectionMs) ? watch.detectionMs : null,
    fit: fitOf(watch, silenceMs),
    budget: watch.budget(),
    feasibleInstead: watch.feasibleInstead(),
    quality: watch.quality(nowMs),
    judgedSinceWallMs: monitor.wallMsOf(watch.judgedSinceMs),
    calibration: watch.calibration(),
    suspectWallMs: wallMsOf(watch.worsensMs("suspect")),
    downWallMs: wallMsOf(watch.worsensMs("down")),
    recovery:
      watch.verdict === "down"
        ? { heartbeats: watch.recoveryCount, needed: upAfterHeartbeats }
        : null,
    probeCount: watch.probeCount,
    failureCount: sumOf(watch.failureCounts ?? []),
    lastError: watch.lastError,
    selfDoubts: selfDoubtsOf(sources),
    combined: observers?.combined(target.name) ?? null,
    isMinority: observers?.isMinority ?? false,
    observers: observersOf(target.name, observers),
  };
}

function fitOf(watch: WatchReading, silenceMs: number): Fit {
  const { intervalMeanMs, intervalStdDevMs, model } = watch;
  const { monitor } = watch.target;
  // Only a normal distribution has a least deviation, and a timeout bears no pause.
  const isFitted = model === "akka" || model === "normal";
  const leastStdDevMs = isFitted ? monitor.minStdDeviationMillis : 0;
  const acceptablePauseMs = model === "fixed" ? 0 : monitor.acceptableHeartbeatPauseMillis;
  const stdDevInForceMs = Math.max(intervalStdDevMs, leastStdDevMs);
  const lateMs = silenceMs - intervalMeanMs - acceptablePauseMs;
  return {
    sampleCount: watch.sampleCount,
    gapCount: watch.gapCount,
    meanMs: intervalMeanMs,
    stdDevMs: intervalStdDevMs,
    leastStdDevMs,
    stdDevInForceMs,
    acceptablePauseMs,
    deviations: stdDevInForceMs > 0 ? lateMs / stdDevInForceMs : 0,
  };
}

function selfDoubtsOf({ selfDoubt, observers }: ExplainSources): SelfDoubted[] {
  const doubts =
    selfDoubt?.doubts() ?? observers?.observers().find(({ isSelf }) => isSelf)?.doubts ?? [];
  return doubts.map((doubt) => ({ doubt, detail: selfDoubt?.detail(doubt) ?? "" }));
}

function observersOf(target: string, observers: ObserversReading | undefined): ExplainedObserver[] {
  if (observers === undefined) return [];
  const votes = observers.combined(target)?.votes ?? [];
  return observers.observers().map((observer) => ({
    ...observer,
    vote: votes.find((vote) => vote.observer === observer.id) ?? null,
  }));
}

function sumOf(counts: ArrayLike<number>): number {
  return Array.from(counts).reduce((sum, count) => sum + count, 0);
}
