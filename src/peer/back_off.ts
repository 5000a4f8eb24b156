/** How long to wait before the next dial. */
import type { Random } from "../port.ts";
import type { PeerLimits } from "./limits.ts";

/**
 * Twice as long with each failure, within the bounds, and a random half of it, so that those who lost the
 * same peer do not come back together. `failures`: those before this one.
 */
export function backOffMs(
  failures: number,
  { minBackOffMs, maxBackOffMs }: Pick<PeerLimits, "minBackOffMs" | "maxBackOffMs">,
  random: Random,
): number {
  const fullMs = Math.min(minBackOffMs * 2 ** failures, maxBackOffMs);
  return Math.max(minBackOffMs, fullMs * (0.5 + random() / 2));
}
