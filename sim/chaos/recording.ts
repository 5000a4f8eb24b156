/** What the monitors said while a scenario ran. All times are milliseconds since the run began. */
import type { CombinedVerdict, Verdict } from "../../src/verdict/mod.ts";

/** What one monitor said of all targets at one moment, and of the cluster. */
export interface Sample {
  readonly monitor: string;
  /** When the answer was complete. */
  readonly atMs: number;
  readonly targets: readonly TargetSample[];
  /** Null where it knows none, or knows of no cluster. */
  readonly leader: string | null;
  /** The term that it knows this leader of; null where it knows of no cluster. */
  readonly term: number | null;
  /** Why it does not trust itself; empty while it does, null where it does not say. */
  readonly doubts: readonly string[] | null;
}

export interface TargetSample {
  readonly name: string;
  readonly phi: number;
  readonly verdict: Verdict;
  /** What all observers hold together, as this monitor has it; null if it does not say. */
  readonly combined: CombinedVerdict | null;
}

/** A monitor did not answer in time. */
export interface Silence {
  readonly monitor: string;
  readonly atMs: number;
}

/** Whose verdict it is: the monitor's own, or what it holds together with all observers that it hears. */
export type Scope = "own" | "together";

/** A verdict as `GET /events` told it: a change, or what a new listener was told first. */
export interface VerdictNote {
  readonly scope: Scope;
  readonly monitor: string;
  /** When it arrived here. */
  readonly atMs: number;
  readonly target: string;
  readonly verdict: CombinedVerdict;
  readonly isChange: boolean;
}

export interface Recording {
  readonly samples: readonly Sample[];
  readonly silences: readonly Silence[];
  readonly notes: readonly VerdictNote[];
}

/** A "down", when it was seen here. */
export interface DownSaid {
  readonly monitor: string;
  readonly atMs: number;
  readonly target: string;
}

/** Every time that a monitor said "down", by sample or by event, in the order of time. */
export function downsIn({ samples, notes }: Recording, scope: Scope): DownSaid[] {
  const sampled = samples.flatMap(({ monitor, atMs, targets }) =>
    targets.flatMap(({ name, verdict, combined }) =>
      (scope === "own" ? verdict : combined) === "down" ? [{ monitor, atMs, target: name }] : [],
    ),
  );
  const told = notes.flatMap(({ monitor, atMs, target, verdict, scope: noted }) =>
    noted === scope && verdict === "down" ? [{ monitor, atMs, target }] : [],
  );
  return [...sampled, ...told].toSorted((a, b) => a.atMs - b.atMs);
}
