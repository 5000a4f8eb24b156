/**
 * One monitor's doubt of itself: the turns of its loop, the lags of its probes, its verdicts' changes and its
 * probes of itself come in; which of DOUBTS hold now, and each change of that, go out. It sets no timer:
 * the monitor's own turns drive it, and whoever asks `doubts()` has the clocks looked at first. So a monitor
 * that was stopped is in doubt when it goes on, whichever of its parts runs first, and a verdict that
 * is wrong because of a stall is never told before the doubt is.
 *
 * Ask `doubts()` at the moment of speaking, and do not keep the answer.
 */
import { type Doubt, DOUBTS } from "../reading.ts";
import { isPushed, type MonitorReading, type VerdictChange } from "../../monitor/mod.ts";
import type { Clock } from "../../port.ts";
import type { Cause } from "./cause.ts";
import { DEFAULT_DOUBT_HOLD, DoubtHold, type DoubtHoldOptions } from "./doubt_hold.ts";
import { LoopLag, type LoopLagOptions, type TurnGap } from "./loop_lag.ts";
import { ManySuspected, type ManySuspectedOptions } from "./many_suspected.ts";
import { Paused, type ClockReadings, type PausedOptions } from "./paused.ts";
import { ScheduleLag, type ScheduleLagOptions } from "./schedule_lag.ts";
import { SelfProbe, type SelfProbeOptions, type SelfProbeResult } from "./self_probe.ts";

/** What is left out has its default. */
export interface SelfDoubtOptions {
  readonly paused?: PausedOptions;
  readonly loopLag?: LoopLagOptions;
  readonly scheduleLag?: ScheduleLagOptions;
  readonly selfProbe?: SelfProbeOptions;
  readonly manySuspected?: ManySuspectedOptions;
  readonly hold?: DoubtHoldOptions;
}

export interface SelfDoubtWorld {
  readonly monitor: MonitorReading;
  readonly clock: Clock;
  /** Asks this monitor's own face, and always answers within a few seconds. Absent where it has none. */
  readonly probeSelf?: (done: (result: SelfProbeResult) => void) => void;
}

export interface SelfDoubtChange {
  /** All that hold now. */
  readonly doubts: readonly Doubt[];
  /** Those that have just begun, and what was seen. */
  readonly began: readonly { readonly doubt: Doubt; readonly detail: string }[];
  readonly ended: readonly Doubt[];
}

/** What others may know of it. */
export interface SelfDoubtReading {
  /** Which hold now, in the order of DOUBTS; the same array while nothing changes. */
  doubts(): readonly Doubt[];
  /** What was seen, in a few words; "" for a doubt that never was. */
  detail(doubt: Doubt): string;
  /** Calls back at each change until the result is called. */
  onChange(listener: (change: SelfDoubtChange) => void): () => void;
}

/** How often all targets are gone through for the longest interval, at the most. */
const INTERVALS_EVERY_MS = 1_000;

/** An interval until each target was asked, and one in which it could answer. */
const INTERVALS_TO_ANSWER = 2;

export class SelfDoubt implements SelfDoubtReading {
  readonly #monitor: MonitorReading;
  readonly #clock: Clock;
  readonly #probeSelf: SelfDoubtWorld["probeSelf"];
  readonly #paused: Paused;
  readonly #loopLag: LoopLag;
  readonly #scheduleLag: ScheduleLag;
  readonly #selfProbe: SelfProbe;
  readonly #manySuspected: ManySuspected;
  readonly #held: readonly { readonly cause: Cause; readonly hold: DoubtHold }[];
  readonly #listeners = new Set<(change: SelfDoubtChange) => void>();
  readonly #unsubscribe: () => void;
  readonly #longestDoubtMs: number;
  #doubts: readonly Doubt[] = [];
  /** As of the last look. */
  #nowMs: number;
  /** When the loop turned last. */
  #lastTurn: ClockReadings;
  /** Whole pauses since then: they are no lag. */
  #pausedSinceTurnMs = 0;
  #askedAgainMs = 0;
  #askedAgainAtMs = Number.NEGATIVE_INFINITY;
  #isClosed = false;

  constructor(world: SelfDoubtWorld, options: SelfDoubtOptions = {}) {
    this.#monitor = world.monitor;
    this.#clock = world.clock;
    this.#probeSelf = world.probeSelf;
    this.#longestDoubtMs = (options.hold ?? DEFAULT_DOUBT_HOLD).mostMs;
    const start = this.#readClocks();
    this.#nowMs = start.nowMs;
    this.#lastTurn = start;
    this.#paused = new Paused(start, options.paused);
    this.#loopLag = new LoopLag(options.loopLag);
    this.#scheduleLag = new ScheduleLag(options.scheduleLag);
    this.#selfProbe = new SelfProbe(start.nowMs, options.selfProbe);
    const fleet = {
      isWorse: (target: string) => isWorse(world.monitor, target),
      fineCount: () => countFine(world.monitor),
    };
    this.#manySuspected = new ManySuspected(fleet, options.manySuspected);
    const causes: readonly Cause[] = [
      this.#paused,
      this.#loopLag,
      this.#scheduleLag,
      this.#selfProbe,
      this.#manySuspected,
    ];
    this.#held = causes.map((cause) => ({ cause, hold: new DoubtHold(options.hold) }));
    this.#unsubscribe = world.monitor.onVerdictChange((change) => this.#verdictChanged(change));
  }

  doubts(): readonly Doubt[] {
    this.#look();
    return this.#doubts;
  }

  detail(doubt: Doubt): string {
    return this.#held.find(({ cause }) => cause.doubt === doubt)?.cause.detail ?? "";
  }

  onChange(listener: (change: SelfDoubtChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** For the monitor: its loop came round. What the turn brings is still to be done. */
  turned(): void {
    if (this.#isClosed) return;
    const clocks = this.#run();
    this.#loopLag.turned(this.#nowMs, this.#gapSinceTurn(clocks));
    this.#lastTurn = clocks;
    this.#pausedSinceTurnMs = 0;
    this.#manySuspected.look(this.#nowMs);
    this.#settle();
    this.#askSelf();
  }

  /** For the monitor: a probe left so late. */
  sent(lagMs: number): void {
    // The moment of the turn that it left in is near enough, and this is called for every probe.
    this.#scheduleLag.sent(this.#nowMs, lagMs);
  }

  /** Hears of nothing any more, and asks itself nothing. What it held last, it goes on to hold. */
  close(): void {
    this.#isClosed = true;
    this.#unsubscribe();
  }

  /** The loop may be between two turns, and what is done now must not go by what it was at the last. */
  #look(): void {
    if (this.#isClosed) return;
    const clocks = this.#run();
    this.#loopLag.look(this.#nowMs, this.#gapSinceTurn(clocks));
    this.#settle();
  }

  #run(): ClockReadings {
    const clocks = this.#readClocks();
    this.#nowMs = clocks.nowMs;
    this.#pausedSinceTurnMs += this.#paused.ran(clocks);
    return clocks;
  }

  #gapSinceTurn({ monotonicMs, pausedMs }: ClockReadings): TurnGap {
    const whole = this.#pausedSinceTurnMs;
    return {
      gapMs: monotonicMs - this.#lastTurn.monotonicMs - whole,
      leftOutMs: pausedMs - this.#lastTurn.pausedMs - whole,
    };
  }

  #readClocks(): ClockReadings {
    // The monitor's clock first: reading it is what finds a pause.
    const nowMs = this.#monitor.nowMs();
    const { pausedMs } = this.#monitor;
    return {
      nowMs,
      pausedMs,
      monotonicMs: this.#clock.monotonicMs(),
      wallMs: this.#clock.wallMs(),
    };
  }

  #verdictChanged({ target, from, to }: VerdictChange): void {
    const wasFine = from === "up" || from === "unknown";
    if (!wasFine || (to !== "suspect" && to !== "down")) return;
    this.#manySuspected.turned(target, this.#serverOf(target), this.#run().nowMs);
    this.#look();
  }

  /** What is on one machine falls silent together. A target that reports by itself stands for itself. */
  #serverOf(name: string): string {
    const target = this.#monitor.watch(name)?.target;
    if (target === undefined || isPushed(target)) return `push:${name}`;
    return new URL(target.url).hostname;
  }

  #askSelf(): void {
    if (this.#probeSelf === undefined || !this.#selfProbe.isDue(this.#nowMs)) return;
    this.#selfProbe.asked();
    this.#probeSelf((result) => {
      if (this.#isClosed) return;
      this.#run();
      this.#selfProbe.answered(this.#nowMs, result);
      this.#settle();
    });
  }

  /** Brings what holds up to date, and tells whoever listens what that changed. */
  #settle(): void {
    const began: { doubt: Doubt; detail: string }[] = [];
    const ended: Doubt[] = [];
    for (const { cause, hold } of this.#held) {
      const wasHeld = hold.isHeld;
      const isHeld = hold.update(this.#nowMs, cause.lastPresentMs, this.#untilAskedAgain);
      if (isHeld && !wasHeld) began.push({ doubt: cause.doubt, detail: cause.detail });
      if (!isHeld && wasHeld) ended.push(cause.doubt);
    }
    if (began.length === 0 && ended.length === 0) return;
    const holds = new Set(
      this.#held.filter(({ hold }) => hold.isHeld).map(({ cause }) => cause.doubt),
    );
    this.#doubts = DOUBTS.filter((doubt) => holds.has(doubt));
    const change = { doubts: this.#doubts, began, ended };
    for (const listener of this.#listeners) listener(change);
  }

  /** How long it takes until every target was asked again and could answer. */
  readonly #untilAskedAgain = (): number => {
    if (this.#nowMs - this.#askedAgainAtMs >= INTERVALS_EVERY_MS) {
      this.#askedAgainAtMs = this.#nowMs;
      let longestMs = 0;
      // As they are asked now, which a budget may have made more often than the config says.
      for (const { target, intervalMs } of this.#monitor.watches()) {
        // One that reports by itself is not asked, and if it does so seldom, no doubt is long enough.
        if (isPushed(target) && intervalMs > this.#longestDoubtMs) continue;
        longestMs = Math.max(longestMs, intervalMs);
      }
      this.#askedAgainMs = INTERVALS_TO_ANSWER * longestMs;
    }
    return this.#askedAgainMs;
  };
}

function isWorse(monitor: MonitorReading, name: string): boolean {
  const verdict = monitor.watch(name)?.verdict;
  return verdict === "suspect" || verdict === "down";
}

function countFine(monitor: MonitorReading): number {
  let count = 0;
  for (const { verdict } of monitor.watches()) {
    if (verdict === "up" || verdict === "unknown") count++;
  }
  return count;
}
