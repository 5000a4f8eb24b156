/**
 * Until when no verdict worsens at the start of a watch, or after a pause of the monitor's own: until the target was
 * asked, or could have reported. A pause excuses no longer than it lasted, and each one by itself: what a long one excused
 * is over once the target was asked since and had the time to answer, whatever short ones came after it.
 */
import type { OwnPause } from "./awake_clock.ts";

/** After a pause of the monitor's own, a target has this many intervals to be heard, or asked, again. */
const INTERVALS_AFTER_WAKING = 2;

export interface Excuses {
  readonly intervalMs: number;
  /** What was asked is given up then. */
  readonly timeoutMs: number;
  readonly isPushed: boolean;
  readonly watchedSinceMs: number;
  /** When it was last asked so that `endsExcuse`; -Infinity before it ever was. */
  readonly askedSinceWakingMs: number;
}

/** -Infinity where there is no excuse. */
export function heardAgainMs(excuses: Excuses, pauses: readonly OwnPause[]): number {
  const { intervalMs, isPushed, watchedSinceMs, askedSinceWakingMs } = excuses;
  const isYetToBeAsked = !isPushed && askedSinceWakingMs === Number.NEGATIVE_INFINITY;
  const firstMs = watchedSinceMs + INTERVALS_AFTER_WAKING * intervalMs;
  let untilMs = isYetToBeAsked ? firstMs : Number.NEGATIVE_INFINITY;
  for (const { wokeMs, lastedMs } of pauses) {
    untilMs = Math.max(untilMs, wokeMs + Math.min(lastedMs, mostExcusedMs(excuses, wokeMs)));
  }
  return untilMs;
}

/** For how long a pause can excuse the target, however long it lasted. One that was asked since also has an interval to answer. */
function mostExcusedMs(excuses: Excuses, wokeMs: number): number {
  const { intervalMs, timeoutMs, askedSinceWakingMs } = excuses;
  if (excuses.isPushed) return INTERVALS_AFTER_WAKING * intervalMs;
  if (askedSinceWakingMs < wokeMs) return Number.POSITIVE_INFINITY;
  // It may have been for a later pause's sake. The first slot with room for a question came by then in any case.
  return Math.min(askedSinceWakingMs - wokeMs, timeoutMs + intervalMs) + intervalMs;
}

/** Whether to ask it at `nowMs` is to give it the first chance, or the first one since a pause that still excuses it. */
export function endsExcuse(
  nowMs: number,
  askedSinceWakingMs: number,
  pauses: readonly OwnPause[],
): boolean {
  if (askedSinceWakingMs === Number.NEGATIVE_INFINITY) return true;
  return pauses.some(
    ({ wokeMs, lastedMs }) => wokeMs > askedSinceWakingMs && wokeMs + lastedMs > nowMs,
  );
}
