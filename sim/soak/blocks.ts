/**
 * The time of a soak in blocks, each a whole cycle of troubles, so that all of them have gone through the same. Of memory a block's figure is its low
 * point, what a collection of garbage leaves: between two collections it goes up and down by far more than it grows.
 */
import type { ProcessLook, TroubleRecord } from "./record.ts";
import type { Point } from "./trend.ts";

/** What is learnt and compiled once is no growth. */
export const WARM_UP_BLOCKS = 3;
/** Of the looks in a block: not the very lowest, which one odd look would make. */
const LOW_SHARE = 0.1;

/** From the end of the last trouble of a cycle to that of the next; one that was cut off is none. */
export function blocksOf(
  troubles: readonly TroubleRecord[],
  cycleSize: number,
): { readonly fromMs: number; readonly untilMs: number }[] {
  const ends = troubles.filter((_, turn) => (turn + 1) % cycleSize === 0);
  return ends.map(({ untilMs }, cycle) => ({ fromMs: ends[cycle - 1]?.untilMs ?? 0, untilMs }));
}

/** After the warm-up. */
export function lowPointsMb(
  looks: readonly ProcessLook[],
  troubles: readonly TroubleRecord[],
  cycleSize: number,
): Point[] {
  return blocksOf(troubles, cycleSize)
    .slice(WARM_UP_BLOCKS)
    .flatMap(({ fromMs, untilMs }) => {
      const values = looks
        .filter(({ atMs }) => atMs >= fromMs && atMs < untilMs)
        .map(({ residentMb }) => residentMb);
      const value = values.toSorted((a, b) => a - b)[Math.floor(LOW_SHARE * values.length)];
      return value === undefined ? [] : [{ hours: (fromMs + untilMs) / 2 / 3_600_000, value }];
    });
}
