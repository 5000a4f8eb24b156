/**
 * Drives the wheel: one timer of the event loop for everything that waits. It sleeps no longer than the
 * awake clock's tick, so that a pause of the process is seen as one, and it measures how late
 * the loop brings it back: that is the loop's own lag.
 */
import type { Timers } from "../port.ts";
import type { TimerWheel } from "../probe/mod.ts";

/** Shorter sleeps than the event loop's own resolution would only spin. */
const SHORTEST_SLEEP_MS = 2;

export interface TickerOptions {
  readonly timers: Timers;
  readonly wheel: TimerWheel;
  readonly nowMs: () => number;
  readonly longestSleepMs: number;
  /** How late a sleep ended, in seconds. */
  readonly onLoopLag: (seconds: number) => void;
}

/** Starts ticking; the result stops it. */
export function startTicker(options: TickerOptions): () => void {
  const { timers, wheel, nowMs, longestSleepMs, onLoopLag } = options;
  let wakeAtMs = nowMs();
  let cancel = timers.after(0, tick);

  function tick(): void {
    const tickMs = nowMs();
    onLoopLag(Math.max(tickMs - wakeAtMs, 0) / 1_000);
    wheel.advance(tickMs);
    const sleepMs = Math.max(wheel.idleMs(tickMs, longestSleepMs), SHORTEST_SLEEP_MS);
    wakeAtMs = nowMs() + sleepMs;
    cancel = timers.after(sleepMs, tick);
  }

  return () => cancel();
}
