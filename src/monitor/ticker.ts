/**
 * Drives the wheel: one timer of the event loop for everything that waits. It sleeps no longer than the
 * awake clock's tick, so that a pause of the process is seen as one, and it measures how late
 * the loop brings it back: that is the loop's own lag.
 */
import type { Clock, Timers } from "../port.ts";
import type { TimerWheel } from "../probe/mod.ts";

/** Shorter sleeps than the event loop's own resolution would only spin. */
const SHORTEST_SLEEP_MS = 2;

export interface TickerOptions {
  readonly timers: Timers;
  readonly wheel: TimerWheel;
  /** The time of the wheel. */
  readonly nowMs: () => number;
  /** The loop's lag is measured by this one, which does not leave pauses out. */
  readonly clock: Clock;
  readonly longestSleepMs: number;
  /** How late a sleep ended, in seconds. */
  readonly onLoopLag: (seconds: number) => void;
}

/** Starts ticking; the result stops it. */
export function startTicker(options: TickerOptions): () => void {
  const { timers, wheel, nowMs, clock, longestSleepMs, onLoopLag } = options;
  let wakeAtMs = clock.monotonicMs();
  let isStopped = false;
  let cancel = timers.after(0, tick);

  function tick(): void {
    onLoopLag(Math.max(clock.monotonicMs() - wakeAtMs, 0) / 1_000);
    const tickMs = nowMs();
    wheel.advance(tickMs);
    // What rang may have stopped the ticker.
    if (isStopped) return;
    const sleepMs = Math.max(wheel.idleMs(tickMs, longestSleepMs), SHORTEST_SLEEP_MS);
    wakeAtMs = clock.monotonicMs() + sleepMs;
    cancel = timers.after(sleepMs, tick);
  }

  return () => {
    isStopped = true;
    cancel();
  };
}
