/**
 * The pipeline for a set of targets: schedule -> probe -> detector -> verdict. A monitor shares nothing with
 * another one. Targets come in by `put` and `remove` (whoever owns the config calls them); readings
 * and verdict changes go out. All of it runs on one wheel and one clock, which stands still while the
 * process does not run.
 */
import type { Target } from "../config/mod.ts";
import type { Clock, Random, Timers } from "../port.ts";
import {
  evenPhase,
  ProbeSchedule,
  TimerWheel,
  type ProbeOutcome,
  type Prober,
  type ScheduleGround,
  type ScheduleListener,
  USUAL_PROBES_OUT,
} from "../probe/mod.ts";
import { AwakeClock, DEFAULT_AWAKE_CLOCK } from "./awake_clock.ts";
import { asksAlike } from "./question.ts";
import type {
  HeartbeatResult,
  PushedBeat,
  PushedBeats,
  VerdictChange,
  WatchEvent,
  WatchEvents,
} from "./reading.ts";
import type { RememberedMonitor, RememberedWatch } from "./saved_watch.ts";
import { startTicker } from "./ticker.ts";
import { isPushed, mostProbesOut } from "./translate.ts";
import type { Watch } from "./watch.ts";
import { type Recall, WatchSet, type WatchAlarms } from "./watch_set.ts";

/** What the monitor measures of itself, in seconds. */
export interface MonitorGauges {
  eventLoopLag(seconds: number): void;
  scheduleLag(seconds: number): void;
}

export interface MonitorWorld {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly random: Random;
  readonly gauges: MonitorGauges;
  /** Called once, with what deadlines need; the result makes the prober of each target. */
  readonly makeProbers: (wheel: TimerWheel, nowMs: () => number) => (target: Target) => Prober;
  /** Asked when a watch begins, until `recallNoMore`. Without it every one knows nothing at first. */
  readonly recall?: Recall;
}

/**
 * A connection that was kept over longer pauses is not used again: a firewall may have forgotten it. More loses a probe where
 * firewalls forget sooner; less makes connections anew that were well.
 */
const LONG_PAUSE_MS = 60_000;

export class Monitor
  implements RememberedMonitor, WatchEvents, PushedBeats, WatchAlarms, ScheduleListener<Watch>
{
  readonly #gauges: MonitorGauges;
  readonly #makeProber: (target: Target) => Prober;
  #recall: Recall | undefined;
  readonly #clock: AwakeClock;
  readonly #nowMs: () => number;
  readonly #wheel: TimerWheel;
  readonly #ground: ScheduleGround<Watch>;
  readonly #watches: WatchSet;
  readonly #stopTicker: () => void;
  /** Where the even spread of phases begins, so that two monitors do not ask in step. */
  readonly #phaseOffset: number;
  #phaseIndex = 0;
  #recalledCount = 0;

  constructor(world: MonitorWorld) {
    this.#gauges = world.gauges;
    this.#recall = world.recall;
    this.#clock = new AwakeClock(world.clock);
    this.#nowMs = () => this.#clock.nowMs();
    this.#wheel = new TimerWheel(this.#nowMs());
    this.#ground = { wheel: this.#wheel, listener: this, earlier: new Map() };
    this.#watches = new WatchSet(this.#clock, this);
    this.#makeProber = world.makeProbers(this.#wheel, this.#nowMs);
    this.#phaseOffset = world.random();
    this.#stopTicker = startTicker({
      timers: world.timers,
      wheel: this.#wheel,
      nowMs: this.#nowMs,
      clock: world.clock,
      longestSleepMs: DEFAULT_AWAKE_CLOCK.tickMs,
      onLoopLag: (seconds) => world.gauges.eventLoopLag(seconds),
    });
  }

  /** Begins to watch a target, or changes how; a known name keeps its history. */
  put(target: Target): void {
    const before = this.#watches.watch(target.name)?.target;
    const beforeMs = this.#watches.watch(target.name)?.intervalMs;
    const watch = this.#watches.put(target, this.#recall);
    if (before !== undefined && asksAlike(before, target)) return this.retimed(watch);
    if (before === undefined && isRecalled(watch)) this.#recalledCount++;
    const grid = { firstMs: this.#firstMs(watch, beforeMs), intervalMs: watch.intervalMs };
    const { schedule } = watch;
    if (schedule !== null && before?.url === target.url) {
      const untilMs = this.nowMs() + target.timeoutMillis;
      return schedule.askOtherwise(this.#makeProber(target), grid, untilMs);
    }
    schedule?.close();
    watch.schedule = null;
    if (isPushed(target)) return;
    watch.schedule = new ProbeSchedule(this.#ground, this.#makeProber(target), watch, grid);
  }

  /**
   * Each target's first slot, within an interval from now and apart from all others'. One that was watched before, every
   * `beforeMs`, is asked no later than without the change, if its silence goes on meanwhile.
   */
  #firstMs(watch: Watch, beforeMs: number | undefined): number {
    const { schedule, intervalMs, lastHeartbeatMs } = watch;
    if (schedule !== null && beforeMs === intervalMs) return schedule.dueMs;
    const nowMs = this.nowMs();
    const firstMs = nowMs + evenPhase(this.#phaseIndex++, this.#phaseOffset) * intervalMs;
    if (beforeMs === undefined || watch.silenceMs(nowMs) === 0) return firstMs;
    if (schedule !== null) return Math.min(firstMs, schedule.dueMs);
    // It has reported by itself until now, or should have.
    const nextMs = Number.isNaN(lastHeartbeatMs) ? nowMs : lastHeartbeatMs + intervalMs;
    return Math.min(firstMs, Math.max(nextMs, nowMs));
  }

  /** From now on a watch that begins knows nothing, even if there was one by that name. */
  recallNoMore(): void {
    this.#recall = undefined;
  }

  remove(name: string): void {
    const watch = this.#watches.remove(name);
    if (watch === undefined) return;
    this.#wheel.clear(watch);
    watch.schedule?.close();
  }

  /** Stops asking, frees every socket and every timer. */
  close(): void {
    this.#stopTicker();
    for (const watch of this.#watches.watches()) {
      watch.schedule?.close();
      watch.schedule = null;
    }
  }

  heartbeat(name: string, sequence?: number): HeartbeatResult {
    return this.#watches.heartbeat(name, sequence);
  }

  watch(name: string): RememberedWatch | undefined {
    return this.#watches.watch(name);
  }

  watches(): Iterable<RememberedWatch> {
    return this.#watches.watches();
  }

  get watchCount(): number {
    return this.#watches.watchCount;
  }

  nowMs(): number {
    return this.#nowMs();
  }

  wallMsOf(monitorMs: number): number {
    return this.#clock.wallMsOf(monitorMs);
  }

  get pausedMs(): number {
    return this.#clock.pausedMs;
  }

  /** How many watches went on where an earlier process had ended. */
  get recalledCount(): number {
    return this.#recalledCount;
  }

  onVerdictChange(listener: (change: VerdictChange) => void): () => void {
    return this.#watches.onVerdictChange(listener);
  }

  onWatch(listener: (event: WatchEvent) => void): () => void {
    return this.#watches.onWatch(listener);
  }

  onPushed(listener: (beat: PushedBeat) => void): () => void {
    return this.#watches.onPushed(listener);
  }

  handedOn(name: string, sequence: number | undefined): void {
    this.#watches.handedOn(name, sequence);
  }

  asked(watch: Watch, nowMs: number, lagMs: number): void {
    watch.asked(nowMs);
    // Of a target that is asked rarely one lost probe is an alarm.
    if (watch.pausedUnheardMs > LONG_PAUSE_MS) watch.schedule?.dropKept();
    this.#gauges.scheduleLag(lagMs / 1_000);
  }

  skipped(watch: Watch, slots: number): void {
    watch.skippedCount += slots;
  }

  mostOut({ verdict, verdictSinceMs, target, intervalMs }: Watch): number {
    // What is down has nothing left to be in time for; but those that were asked before must not keep it from being asked.
    const isLongDown = verdict === "down" && this.nowMs() - verdictSinceMs > target.timeoutMillis;
    return isLongDown ? USUAL_PROBES_OUT : mostProbesOut(target, intervalMs);
  }

  answered(watch: Watch, outcome: ProbeOutcome): void {
    watch.probed(outcome, this.nowMs());
  }

  answeredBefore(watch: Watch, outcome: ProbeOutcome): void {
    watch.probedBefore(outcome, this.nowMs());
  }

  /**
   * An alarm is only ever brought forward here: a heartbeat mostly moves the next change later, and then
   * the alarm rings once in vain and is set anew, instead of being moved at every heartbeat.
   */
  moved(watch: Watch): void {
    const nextMs = watch.nextChangeMs();
    if (nextMs === Number.POSITIVE_INFINITY) return;
    if (watch.isSet && watch.dueMs <= nextMs) return;
    this.#wheel.set(watch, nextMs);
  }

  rang(watch: Watch, nowMs: number): void {
    watch.settle(nowMs);
    this.moved(watch);
  }

  retimed(watch: Watch): void {
    watch.schedule?.changeInterval(watch.intervalMs, this.nowMs());
  }
}

/** Of one that has just begun. */
function isRecalled({ verdict, sampleCount }: Watch): boolean {
  return verdict !== "unknown" || sampleCount > 0;
}
