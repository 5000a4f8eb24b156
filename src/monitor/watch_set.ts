/**
 * All targets under watch, without clock, timers or network of its own: what an isolate can do. Pushed
 * heartbeats come in here; verdict changes go out to whoever listens. `Monitor` adds the probing
 * and the alarms.
 */
import type { Target } from "../config/mod.ts";
import type { Verdict } from "../verdict/mod.ts";
import type { OwnPause } from "./awake_clock.ts";
import type {
  HeartbeatResult,
  PushedBeat,
  PushedBeats,
  VerdictChange,
  WatchEvent,
  WatchEvents,
} from "./reading.ts";
import type { RememberedMonitor, SavedWatch } from "./saved_watch.ts";
import { isPushed } from "./translate.ts";
import { Watch, type WatchOwner } from "./watch.ts";

/** The time a set of watches lives by. */
export interface WatchTime {
  nowMs(): number;
  wallMsOf(monitorMs: number): number;
  /** See `AwakeClock`. */
  readonly pausedMs: number;
  readonly excusingPauses: readonly OwnPause[];
}

/** For an owner with alarms: when a watch should be settled. */
export interface WatchAlarms {
  moved(watch: Watch): void;
  rang(watch: Watch, nowMs: number): void;
  retimed(watch: Watch): void;
}

/** What an earlier process has saved of a target. */
export type Recall = (name: string) => SavedWatch | undefined;

const NO_ALARMS: WatchAlarms = { moved: () => {}, rang: () => {}, retimed: () => {} };

export class WatchSet implements RememberedMonitor, WatchEvents, PushedBeats, WatchOwner {
  readonly #time: WatchTime;
  readonly #alarms: WatchAlarms;
  readonly #watches = new Map<string, Watch>();
  readonly #listeners = new Set<(change: VerdictChange) => void>();
  readonly #watchListeners = new Set<(event: WatchEvent) => void>();
  readonly #pushListeners = new Set<(beat: PushedBeat) => void>();

  constructor(time: WatchTime, alarms: WatchAlarms = NO_ALARMS) {
    this.#time = time;
    this.#alarms = alarms;
  }

  /**
   * Begins a watch, or changes the settings of the one by that name, which keeps its history. `recall` says
   * where an earlier process ended with it, if it did.
   */
  put(target: Target, recall?: Recall): Watch {
    const nowMs = this.nowMs();
    const known = this.#watches.get(target.name);
    if (known !== undefined) {
      known.update(target, nowMs);
      this.#tell({ kind: "changed", watch: known });
      return known;
    }
    const watch = new Watch(target, nowMs, this, recall?.(target.name));
    this.#watches.set(target.name, watch);
    this.#alarms.moved(watch);
    this.#tell({ kind: "began", watch });
    return watch;
  }

  /** The watch that ended, if there was one. */
  remove(name: string): Watch | undefined {
    const watch = this.#watches.get(name);
    if (watch === undefined) return undefined;
    this.#watches.delete(name);
    this.#tell({ kind: "ended", watch });
    return watch;
  }

  /** Brings every verdict up to date; for owners that have no alarms. */
  settle(): void {
    const nowMs = this.nowMs();
    for (const watch of this.#watches.values()) watch.settle(nowMs);
  }

  heartbeat(name: string, sequence?: number): HeartbeatResult {
    const watch = this.#watches.get(name);
    if (watch === undefined) return "unknown_target";
    if (!isPushed(watch.target)) return "not_pushed";
    const result = watch.pushed(this.nowMs(), sequence, false);
    if (result === "heard") {
      for (const listener of this.#pushListeners) listener({ target: name, sequence });
    }
    return result === "stale" ? "stale" : "accepted";
  }

  handedOn(name: string, sequence: number | undefined): void {
    const watch = this.#watches.get(name);
    if (watch !== undefined && isPushed(watch.target)) watch.pushed(this.nowMs(), sequence, true);
  }

  onPushed(listener: (beat: PushedBeat) => void): () => void {
    this.#pushListeners.add(listener);
    return () => this.#pushListeners.delete(listener);
  }

  watch(name: string): Watch | undefined {
    return this.#watches.get(name);
  }

  watches(): Iterable<Watch> {
    return this.#watches.values();
  }

  get watchCount(): number {
    return this.#watches.size;
  }

  nowMs(): number {
    return this.#time.nowMs();
  }

  wallMsOf(monitorMs: number): number {
    return this.#time.wallMsOf(monitorMs);
  }

  get pausedMs(): number {
    return this.#time.pausedMs;
  }

  get excusingPauses(): readonly OwnPause[] {
    return this.#time.excusingPauses;
  }

  onVerdictChange(listener: (change: VerdictChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  onWatch(listener: (event: WatchEvent) => void): () => void {
    this.#watchListeners.add(listener);
    return () => this.#watchListeners.delete(listener);
  }

  #tell(event: WatchEvent): void {
    for (const listener of this.#watchListeners) listener(event);
  }

  verdictChanged(watch: Watch, from: Verdict, atMs: number, phi: number, reason: string): void {
    const change: VerdictChange = {
      target: watch.target.name,
      from,
      to: watch.verdict,
      phi,
      silenceMs: watch.silenceMs(atMs),
      reason,
      atWallMs: this.wallMsOf(atMs),
    };
    for (const listener of this.#listeners) listener(change);
  }

  moved(watch: Watch): void {
    this.#alarms.moved(watch);
  }

  rang(watch: Watch, nowMs: number): void {
    this.#alarms.rang(watch, nowMs);
  }

  retimed(watch: Watch): void {
    this.#alarms.retimed(watch);
  }
}
