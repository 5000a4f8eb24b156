/** Whether servers that are back are called up again, by every monitor, and no longer held for down together, soon. */
import { type Finding, within } from "../judge/finding.ts";
import { whyNotUp } from "../readiness.ts";
import type { Stage } from "../stage.ts";

/** Two heartbeats in a row make it up, asked for twice a second; the first may wait for its timeout. */
const LIMIT_MS = 5_000;

/** Call it when they have just been put back. */
export async function upAgain(
  stage: Stage,
  servers: readonly string[],
  limitMs = LIMIT_MS,
): Promise<Finding> {
  const fromMs = stage.nowMs();
  const atMs = await stage
    .until(`${servers.join(", ")} to be up`, 2 * limitMs, async () => {
      for (const { url } of stage.monitors) {
        if ((await whyNotUp(url, servers)) !== undefined) return undefined;
      }
      return stage.nowMs();
    })
    .catch(() => null);
  const who = servers.length === 1 ? `${servers[0]} is` : `${servers.length} servers are`;
  const claim = `${who} back: up at every monitor, and not down together`;
  return within(claim, atMs === null ? null : atMs - fromMs, limitMs);
}
