/** What is worth keeping, and how often: pure decisions, so that a test can live through weeks of them. */
import type { WatchReading } from "../monitor/mod.ts";

/** φ of each target is kept this often; more often would show more and be kept for less long. */
export const SAMPLE_EVERY_MS = 60_000;

/** A window of which anything is new is saved at the latest after this. */
const SAVE_NEW_EVERY_MS = 5 * 60_000;
/** A save that is too old is not believed, so it is renewed even if there is nothing new. */
const RENEW_EVERY_MS = 60 * 60_000;

/** How a watch was when it was last saved. */
export interface LastSave {
  readonly heartbeatCount: number;
  /** By the monitor's clock. */
  readonly atMs: number;
}

/**
 * Whether it is time to save a watch again: a young window changes with every heartbeat, an old one is much the same
 * until half of it is new. (A change of verdict is saved at once; that is not asked here.)
 */
export function isSaveDue(
  watch: Pick<WatchReading, "heartbeatCount" | "sampleCount">,
  last: LastSave,
  nowMs: number,
): boolean {
  // A target that was removed and is back counts from none again.
  const isAnother = watch.heartbeatCount < last.heartbeatCount;
  const newCount = watch.heartbeatCount - (isAnother ? 0 : last.heartbeatCount);
  const agoMs = nowMs - last.atMs;
  if (newCount <= 0) return agoMs >= RENEW_EVERY_MS;
  return 2 * newCount >= watch.sampleCount || agoMs >= SAVE_NEW_EVERY_MS;
}
