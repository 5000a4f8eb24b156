/** What the monitors said while a scenario ran. All times are milliseconds since the run began. */
import type { Verdict } from "../../src/verdict/mod.ts";

/** What one monitor said of all targets at one moment, and of the cluster. */
export interface Sample {
  readonly monitor: string;
  /** When the answer was complete. */
  readonly atMs: number;
  readonly targets: readonly TargetSample[];
  /** Null where it knows none, or knows of no cluster. */
  readonly leader: string | null;
}

export interface TargetSample {
  readonly name: string;
  readonly phi: number;
  readonly verdict: Verdict;
}

/** A monitor did not answer in time. */
export interface Silence {
  readonly monitor: string;
  readonly atMs: number;
}

/** A verdict as `GET /events` told it: a change, or what a new listener was told first. */
export interface VerdictNote {
  readonly monitor: string;
  /** When it arrived here. */
  readonly atMs: number;
  readonly target: string;
  readonly verdict: Verdict;
  readonly isChange: boolean;
}

export interface Recording {
  readonly samples: readonly Sample[];
  readonly silences: readonly Silence[];
  readonly notes: readonly VerdictNote[];
}

/** Every time that a monitor said "down", by sample or by event, in the order of time. */
export function downsIn({ samples, notes }: Recording): VerdictNote[] {
  const sampled = samples.flatMap(({ monitor, atMs, targets }) =>
    targets.map(({ name, verdict }) => ({
      monitor,
      atMs,
      target: name,
      verdict,
      isChange: false,
    })),
  );
  return [...sampled, ...notes]
    .filter(({ verdict }) => verdict === "down")
    .toSorted((a, b) => a.atMs - b.atMs);
}
