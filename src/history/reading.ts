/**
 * What a monitor remembers of a target, as the API reads it: verdicts that changed, and how suspicious the
 * target was, about once a minute. Moments are of the wall clock, as it was set when they happened.
 */
import type { CombinedVerdict } from "../verdict/mod.ts";

/** Whose verdict it is that changed: this monitor's own, or that of all observers together. */
export const CHANGE_SCOPES = ["own", "combined"] as const;

export type ChangeScope = (typeof CHANGE_SCOPES)[number];

export interface RecordedChange {
  readonly target: string;
  readonly scope: ChangeScope;
  /** A change of this monitor's own verdict is never from or to `partial`. */
  readonly from: CombinedVerdict;
  readonly to: CombinedVerdict;
  /** This monitor's, at that moment; null for a combined verdict, which has none. */
  readonly phi: number | null;
  readonly reason: string;
  readonly atWallMs: number;
}

/** Finite, from 0 up, to three digits. */
export interface PhiSample {
  readonly atWallMs: number;
  readonly phi: number;
  /** The highest since the sample before. */
  readonly peakPhi: number;
}

export interface HistoryQuery {
  readonly target: string;
  readonly fromWallMs: number;
  /** Not included itself. */
  readonly toWallMs: number;
  /** So many changes and samples together, >= 1; a few more where they are of one moment. */
  readonly limit: number;
}

export interface HistoryPage {
  /** Whether anything was ever recorded of a target of that name, and is still kept. */
  readonly isKnown: boolean;
  /** Both from the earliest on. */
  readonly changes: readonly RecordedChange[];
  readonly samples: readonly PhiSample[];
  /** From here on there is more before the query's end; null if that is all. */
  readonly nextFromWallMs: number | null;
}

export type HistoryResult =
  | { readonly ok: true; readonly page: HistoryPage }
  /** `detail` is a sentence. */
  | { readonly ok: false; readonly detail: string };

export interface HistoryReading {
  /** Never rejects. */
  read(query: HistoryQuery): Promise<HistoryResult>;
}
