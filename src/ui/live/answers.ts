/**
 * What the API answers, as far as people are shown it. What an older or a lone monitor does not say is
 * optional here, and whoever shows it does without.
 */
import type { Doubt } from "../../observers/mod.ts";
import type { CombinedVerdict, Verdict } from "../../verdict/mod.ts";

export interface VoteAnswer {
  readonly observer: string;
  readonly verdict: Verdict;
  readonly phi: number;
  readonly since: string | null;
  readonly counted: boolean;
}

export interface CombinedAnswer {
  readonly verdict: CombinedVerdict;
  readonly since: string | null;
  readonly needed: number;
  readonly members: number;
  readonly dissenters: readonly string[];
  /** Of one target alone, not in lists. */
  readonly votes?: readonly VoteAnswer[];
}

/** An item of `GET /targets`, and `GET /targets/NAME`. */
export interface TargetAnswer {
  readonly name: string;
  readonly url: string;
  readonly verdict: Verdict;
  readonly verdictSince: string | null;
  readonly phi: number;
  readonly threshold: number;
  readonly suspectPhi: number;
  readonly watchedSeconds: number;
  readonly lastHeartbeat: string | null;
  readonly silenceSeconds: number;
  readonly heartbeats: number;
  readonly window: { readonly samples: number; readonly meanMs: number; readonly stdDevMs: number };
  readonly probes: {
    readonly total: number;
    readonly skipped: number;
    readonly failures: Readonly<Record<string, number>>;
  };
  readonly lastError: {
    readonly reason: string;
    readonly detail: string;
    readonly at: string | null;
  } | null;
  readonly certificateExpires: string | null;
  readonly combined?: CombinedAnswer;
}

/** `GET /observers`. */
export interface ObserversAnswer {
  readonly self: string;
  readonly members: number;
  readonly needed: number;
  readonly minority: boolean;
  readonly observers: readonly ObserverAnswer[];
}

export interface ObserverAnswer {
  readonly id: string;
  readonly self: boolean;
  readonly heard: boolean;
  readonly silentSeconds: number | null;
  readonly inDoubt: boolean;
  readonly doubts: readonly Doubt[];
  readonly targets: Readonly<Record<Verdict, number>> | null;
}

/** `GET /observers/matrix`: a letter an observer, in their order. */
export interface MatrixAnswer {
  readonly observers: readonly string[];
  readonly targets: Readonly<Record<string, string>>;
}

/** Undefined where nothing is told of it: a target may be called `constructor`, which every object has. */
export function lettersOf(matrix: MatrixAnswer | null, name: string): string | undefined {
  return matrix !== null && Object.hasOwn(matrix.targets, name) ? matrix.targets[name] : undefined;
}

/** `GET /readyz`. */
export interface ReadinessAnswer {
  readonly watching: number;
  readonly revision: number;
  readonly quorum?: boolean;
  readonly halted?: string | null;
  /** What is wrong with its part in the cluster, in sentences. */
  readonly detail?: string;
  readonly pausedSeconds: number;
  readonly version: string;
  readonly observer?: string;
}

/** The data of a `snapshot` event. */
export interface SnapshotData {
  readonly at: string | null;
  readonly targets: readonly {
    readonly target: string;
    readonly verdict: Verdict;
    readonly since: string | null;
    readonly combined?: CombinedVerdict;
  }[];
  /** The oldest first. */
  readonly recent?: readonly EventAnswer[];
}

/** An event other than a snapshot, with its number. */
export type EventAnswer = { readonly id: number } & (
  | { readonly event: "verdict"; readonly data: VerdictData }
  | { readonly event: "combined"; readonly data: CombinedData }
  | { readonly event: "observer"; readonly data: ObserverData }
);

/** The data of a `verdict` event. */
export interface VerdictData {
  readonly target: string;
  readonly from: Verdict;
  readonly to: Verdict;
  readonly phi: number;
  readonly silenceSeconds: number;
  readonly reason: string;
  readonly at: string | null;
}

/** The data of a `combined` event. */
export interface CombinedData {
  readonly target: string;
  readonly from: CombinedVerdict;
  readonly to: CombinedVerdict;
  readonly at: string | null;
  readonly dissenters: readonly string[];
  readonly reason: string;
}

/** The data of an `observer` event. */
export interface ObserverData {
  readonly id: string;
  readonly heard: boolean;
  readonly inDoubt: boolean;
  readonly doubts: readonly Doubt[];
  readonly at: string | null;
}

/** `GET /targets/NAME/explain`, as far as it is words. */
export interface ExplainAnswer {
  readonly sentences: readonly string[];
}

/** `GET /targets/NAME/history`: the earliest first. */
export interface HistoryAnswer {
  /** Where there is more: the moment from which on. */
  readonly next?: string | null;
  readonly changes: readonly {
    readonly at: string | null;
    readonly scope: "own" | "combined";
    readonly from: CombinedVerdict;
    readonly to: CombinedVerdict;
    readonly reason: string;
  }[];
  readonly phi: readonly {
    readonly at: string | null;
    readonly phi: number;
    /** The highest since the sample before. */
    readonly peakPhi: number;
  }[];
}
