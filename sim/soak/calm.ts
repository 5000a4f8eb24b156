/** The calm before the first trouble and after the last: what of a monitor is not as it should be, and the wait until all is. */
import type { House } from "./house.ts";
import { askMetrics, lookAtProcess } from "./look.ts";
import { pause } from "./pause.ts";

const LOOK_EVERY_MS = 2_000;
/** A client's connections and the files of a log that is being cut come and go. */
export const MORE_DESCRIPTORS = 48;

export interface Calm {
  readonly withinMs: number;
  /** Of each monitor by its place; not looked at if not given. */
  readonly descriptorsAtRest?: readonly (number | undefined)[];
}

/** What is off: empty as soon as nothing is, and else what still was when the time had passed. */
export async function waitForCalm(
  house: House,
  { withinMs, descriptorsAtRest }: Calm,
  over: AbortSignal,
): Promise<readonly string[]> {
  const endMs = performance.now() + withinMs;
  while (true) {
    const off: string[] = [];
    for (const [place, { id, pid, url }] of house.monitors.entries()) {
      const metrics = await askMetrics(url, over);
      if (metrics === undefined) off.push(`${id} does not answer`);
      else if (metrics.targetsUp !== house.targetCount) {
        off.push(`${id} has ${metrics.targetsUp} of ${house.targetCount} targets up`);
      }
      const rest = descriptorsAtRest?.[place];
      const held = pid === undefined ? undefined : lookAtProcess(pid)?.descriptors;
      if (rest !== undefined && held !== undefined && held > rest + MORE_DESCRIPTORS) {
        off.push(`${id} holds ${held} descriptors, at rest ${rest}`);
      }
    }
    if (off.length === 0 || over.aborted || performance.now() > endMs) return off;
    await pause(LOOK_EVERY_MS, over);
  }
}
