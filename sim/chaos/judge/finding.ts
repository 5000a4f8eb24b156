/** One thing that a scenario claims, and whether what was seen bears it out. */
export interface Finding {
  /** A sentence that is true if the claim is met. */
  readonly claim: string;
  /** Null if it was not to be known, and that is not met. */
  readonly isMet: boolean | null;
  /** What was seen, in words and numbers. */
  readonly measured: string;
  /** Whether it is a claim that a machine short of processors may break by itself. */
  readonly needsProcessors?: boolean;
}

/** The measured value and its bound as one finding. Both are milliseconds; `null` was never seen to end. */
export function within(claim: string, measuredMs: number | null, limitMs: number): Finding {
  const bound = `<= ${seconds(limitMs)}`;
  if (measuredMs === null) return { claim: `${claim} ${bound}`, isMet: false, measured: "never" };
  return {
    claim: `${claim} ${bound}`,
    isMet: measuredMs <= limitMs,
    measured: seconds(measuredMs),
  };
}

/** Milliseconds as seconds with two places: `1.25 s`. */
export function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}

/** The first few of a list, and how many more there are. */
export function some(items: readonly string[], limit = 3): string {
  const shown = items.slice(0, limit).join("; ");
  return items.length > limit ? `${shown}; and ${items.length - limit} more` : shown;
}
