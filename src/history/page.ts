/** One answer of a history: what was found, in order, cut so that the next answer goes on without a gap or a repetition. */
import type { HistoryPage, HistoryQuery, PhiSample, RecordedChange } from "./reading.ts";

/** What there is from the query's start on. Each list holds more than the limit, or all that there is before the end. */
export interface Found {
  readonly isKnown: boolean;
  /** From the earliest on. All of the last one's moment are there. */
  readonly changes: readonly RecordedChange[];
  /** As the changes. */
  readonly samples: readonly PhiSample[];
}

/** Cut between two moments, never within one: so the page may be shorter than asked for, or, within one moment, longer. */
export function pageOf({ limit }: HistoryQuery, { isKnown, changes, samples }: Found): HistoryPage {
  if (changes.length + samples.length <= limit) {
    return { isKnown, changes, samples, nextFromWallMs: null };
  }
  const moments = [...changes, ...samples].map(({ atWallMs }) => atWallMs);
  moments.sort((a, b) => a - b);
  const [first, firstLeftOut] = [moments[0]!, moments[limit]!];
  const nextFromWallMs = first < firstLeftOut ? firstLeftOut : first + 1;
  const isOnPage = ({ atWallMs }: { readonly atWallMs: number }) => atWallMs < nextFromWallMs;
  return {
    isKnown,
    changes: changes.filter(isOnPage),
    samples: samples.filter(isOnPage),
    nextFromWallMs,
  };
}
