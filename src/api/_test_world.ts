/** What the tests of this folder hand to the API: a monitor, a store and a clock that only do as they are told. */
import { makeJudgement } from "../../test/kit/judgement_reading.ts";
import type { Target } from "../config/mod.ts";
import { decodeTarget } from "../config/mod.ts";
import type {
  HeartbeatResult,
  MonitorReading,
  VerdictChange,
  WatchReading,
} from "../monitor/mod.ts";
import type { Clock, Timers } from "../port.ts";
import { PROBE_FAILURE_REASONS } from "../probe/mod.ts";
import type { Verdict } from "../verdict/mod.ts";

/** 2026-01-31T12:00:00Z at the monitor's moment 0. */
export const WALL_ORIGIN_MS = 1_769_860_800_000;

export function makeTarget(input: object): Target {
  const decoded = decodeTarget({ url: "http://10.1.0.101:8080/heartbeat", ...input });
  if (!decoded.ok) throw new Error(decoded.errors.map((error) => error.message).join("; "));
  return decoded.target;
}

export function makeWatch(input: object, reading: Partial<WatchReading> = {}): WatchReading {
  const target = makeTarget(input);
  return {
    target,
    ...makeJudgement(target, 0),
    verdict: "up",
    verdictSinceMs: 1_000,
    isOnlyRemembered: () => false,
    phi: () => 0.25,
    silenceMs: (nowMs) => nowMs - 59_500,
    worsensMs: (to) => (to === "suspect" ? 62_500 : 64_500),
    recoveryCount: 0,
    watchedSinceMs: 0,
    lastHeartbeatMs: 59_500,
    intervalMeanMs: 1_000.123_456,
    intervalStdDevMs: 12.5,
    sampleCount: 60,
    gapCount: 58,
    probeCount: 61,
    heartbeatCount: 60,
    skippedCount: 1,
    failureCounts: null,
    durationBucketCounts: [],
    durationSumMs: 0,
    lastError: null,
    certificateExpiresWallMs: Number.NaN,
    ...reading,
  };
}

export function failureCounts(reason: (typeof PROBE_FAILURE_REASONS)[number], count: number) {
  return PROBE_FAILURE_REASONS.map((candidate) => (candidate === reason ? count : 0));
}

export class FakeMonitor implements MonitorReading {
  readonly #watches = new Map<string, WatchReading>();
  readonly #listeners = new Set<(change: VerdictChange) => void>();
  readonly heartbeats: [string, number | undefined][] = [];
  heartbeatResult: HeartbeatResult | null = null;
  now = 60_000;
  pausedMs = 0;

  constructor(...watches: WatchReading[]) {
    for (const watch of watches) this.add(watch);
  }

  add(watch: WatchReading): void {
    this.#watches.set(watch.target.name, watch);
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  change(target: string, from: Verdict, to: Verdict): void {
    const atWallMs = this.wallMsOf(this.now);
    const change = { target, from, to, phi: 8.5, silenceMs: 4_200, reason: "silence", atWallMs };
    for (const listener of this.#listeners) listener(change);
  }

  nowMs(): number {
    return this.now;
  }

  wallMsOf(monitorMs: number): number {
    return WALL_ORIGIN_MS + monitorMs;
  }

  get watchCount(): number {
    return this.#watches.size;
  }

  watches(): Iterable<WatchReading> {
    return this.#watches.values();
  }

  watch(name: string): WatchReading | undefined {
    return this.#watches.get(name);
  }

  heartbeat(name: string, sequence?: number): HeartbeatResult {
    if (this.heartbeatResult !== null) return this.heartbeatResult;
    if (!this.#watches.has(name)) return "unknown_target";
    this.heartbeats.push([name, sequence]);
    return "accepted";
  }

  onVerdictChange(listener: (change: VerdictChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

export class FakeTimers implements Timers {
  #waiting: { atMs: number; run: () => void }[] = [];
  #nowMs = 0;
  yieldCount = 0;

  get waitingCount(): number {
    return this.#waiting.length;
  }

  after(delayMs: number, run: () => void): () => void {
    const entry = { atMs: this.#nowMs + delayMs, run };
    this.#waiting.push(entry);
    return () => {
      this.#waiting = this.#waiting.filter((other) => other !== entry);
    };
  }

  advance(ms: number): void {
    this.#nowMs += ms;
    const due = this.#waiting.filter(({ atMs }) => atMs <= this.#nowMs);
    this.#waiting = this.#waiting.filter(({ atMs }) => atMs > this.#nowMs);
    for (const { run } of due) run();
  }

  async yieldToLoop(): Promise<void> {
    this.yieldCount++;
    await Promise.resolve();
  }
}

export const fakeClock: Clock = {
  monotonicMs: () => 60_000,
  wallMs: () => WALL_ORIGIN_MS + 60_000,
};
