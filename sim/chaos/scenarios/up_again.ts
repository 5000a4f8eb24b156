/** Whether a server that is back is called up again, by every monitor, soon. */
import { type Finding, within } from "../judge/finding.ts";
import { readTargets } from "../monitor_api.ts";
import type { Stage } from "../stage.ts";

/** Two heartbeats in a row make it up, asked for twice a second; the first may wait for its timeout. */
const LIMIT_MS = 5_000;
const ASK_MS = 2_000;

/** Call it when the server has just been put back. */
export async function upAgain(stage: Stage, server: string): Promise<Finding> {
  const fromMs = stage.nowMs();
  const atMs = await stage
    .until(`${server} to be up`, 2 * LIMIT_MS, async () => {
      for (const { url } of stage.monitors) {
        const targets = await readTargets(url, ASK_MS);
        const target = targets?.find(({ name }) => name === server);
        if (target?.verdict !== "up") return undefined;
      }
      return stage.nowMs();
    })
    .catch(() => null);
  const claim = `${server} is back: up at every monitor`;
  return within(claim, atMs === null ? null : atMs - fromMs, LIMIT_MS);
}
