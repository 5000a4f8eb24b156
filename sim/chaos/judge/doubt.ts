/**
 * Who doubted itself while an outage was to be seen, by its own account. What such a monitor says is not
 * counted by the others, which is what it promises; where too few are left nothing can be held together.
 */
import type { Fault } from "../faults.ts";
import type { Recording } from "../recording.ts";

/** A doubt that is no reason: when most of them have only this one, they count. */
const COUNTED_DOUBT = "many_suspected";

/** The doubts of each of these monitors in the time in which the outage is to be detected; those without are left out. */
export function doubtsDuring(
  { samples }: Recording,
  monitors: readonly string[],
  { fromMs }: Fault,
  detectionMs: number,
): Map<string, readonly string[]> {
  const doubting = new Map<string, readonly string[]>();
  for (const monitor of monitors) {
    const seen = samples.filter(
      (sample) =>
        sample.monitor === monitor && sample.atMs >= fromMs && sample.atMs <= fromMs + detectionMs,
    );
    const doubts = new Set(seen.flatMap((sample) => sample.doubts));
    doubts.delete(COUNTED_DOUBT);
    if (doubts.size > 0) doubting.set(monitor, [...doubts]);
  }
  return doubting;
}
