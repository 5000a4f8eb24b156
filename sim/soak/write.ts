/** Writes to the config for as long as the soak lasts: labels change, one target after the other, through each monitor in turn. The log grows, and is cut. */
import type { House } from "./house.ts";
import { repeat } from "./pause.ts";
import type { SoakRecord } from "./record.ts";

const EVERY_MS = 1_000;
const WITHIN_MS = 10_000;

export async function write(
  house: House,
  { writes }: SoakRecord,
  nowMs: () => number,
  over: AbortSignal,
): Promise<void> {
  await repeat(EVERY_MS, over, async (turn) => {
    const { id, url } = house.monitors[turn % house.monitors.length]!;
    const target = house.targetOf(turn % house.targetCount);
    const init = {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ ...target, labels: { turn: String(turn) } }),
      signal: AbortSignal.any([over, AbortSignal.timeout(WITHIN_MS)]),
    };
    const askedMs = nowMs();
    const isAccepted = await fetch(`${url}/config`, init).then(
      ({ status }) => status === 200,
      () => false,
    );
    if (isAccepted || !over.aborted) {
      writes.push({ to: id, askedMs, answeredMs: nowMs(), isAccepted });
    }
  });
}
