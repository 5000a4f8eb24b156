/**
 * Until when no verdict worsens at the start of a watch, or after a pause of the monitor's own: until the target was
 * asked, or could have reported. A pause excuses no longer than it lasted.
 */

/** After a pause of the monitor's own, a target has this many intervals to be heard, or asked, again. */
const INTERVALS_AFTER_WAKING = 2;

export interface Excuses {
  readonly intervalMs: number;
  readonly isPushed: boolean;
  readonly watchedSinceMs: number;
  /** When it was first asked since the monitor last went on; -Infinity before it ever was. */
  readonly askedSinceWakingMs: number;
}

/** What a monitor knows of its own pauses; see `AwakeClock`. */
export interface Pauses {
  readonly wokeMs: number;
  readonly excusedUntilMs: number;
}

/** After a pause an asked target also has an interval to answer. */
export function heardAgainMs(excuses: Excuses, { wokeMs, excusedUntilMs }: Pauses): number {
  const { intervalMs, askedSinceWakingMs } = excuses;
  if (excuses.isPushed) {
    return Math.min(wokeMs + INTERVALS_AFTER_WAKING * intervalMs, excusedUntilMs);
  }
  if (askedSinceWakingMs === Number.NEGATIVE_INFINITY) {
    const firstMs = excuses.watchedSinceMs + INTERVALS_AFTER_WAKING * intervalMs;
    return Math.max(firstMs, excusedUntilMs);
  }
  if (askedSinceWakingMs < wokeMs) return excusedUntilMs;
  return Math.min(askedSinceWakingMs + intervalMs, excusedUntilMs);
}
