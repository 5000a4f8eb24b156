/**
 * What can be fuzzed, as the runner sees it: a target opens a session, and a session makes rounds. A round
 * is some hundred cases that follow from one seed and from nothing else: it begins by putting what it
 * attacks into a known state, so that the seed of a round that failed is all that is needed to see it again.
 */
import type { Minimum } from "./minimum.ts";

export interface FuzzTarget {
  readonly name: string;
  /** What is counted: `requests`. */
  readonly unit: string;
  /** How many of them the full form makes. */
  readonly fullCount: number;
  /** Of a round. */
  readonly casesPerRound: number;
  /**
   * Resident memory that the rounds after the warm-up may add, for 10,000 cases, before it is called a leak.
   * It is far above what a heap drifts by, and far below what would be lost if each case left its bytes behind.
   */
  readonly allowedBytesPer10k: number;
  /** What a run of more than one round must have seen. */
  readonly minima: readonly Minimum[];
  open(): Promise<FuzzSession>;
}

export interface FuzzSession {
  /** What is wrong, a sentence each; none if all is well. */
  round(seed: number, cases: number): Promise<readonly string[]>;
  /** Of the process that is attacked. */
  residentBytes(): number;
  openDescriptors(): number;
  /** Whatever must hold at the end: no descriptor is left, nothing was logged that is a defect. */
  finish(): Promise<readonly string[]>;
  /** How often what came of the cases, for people. */
  readonly tally: Tally;
  close(): Promise<void>;
}

/** Counts by name. */
export class Tally {
  readonly #counts = new Map<string, number>();

  add(name: string, count = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + count);
  }

  of(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /** `200: 12, 400: 3`, by name. */
  toString(): string {
    const names = [...this.#counts.keys()].toSorted();
    return names.map((name) => `${name}: ${this.#counts.get(name)}`).join(", ");
  }
}
