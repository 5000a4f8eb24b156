/** What one observer holds of one target. */
export const VERDICTS = ["unknown", "up", "suspect", "down"] as const;

export type Verdict = (typeof VERDICTS)[number];
