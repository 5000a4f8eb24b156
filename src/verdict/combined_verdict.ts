/** What all observers together hold of one target. */
export const COMBINED_VERDICTS = ["unknown", "up", "suspect", "partial", "down"] as const;

export type CombinedVerdict = (typeof COMBINED_VERDICTS)[number];
