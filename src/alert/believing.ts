/**
 * Which changes of the combined verdict this monitor believes. One that hears no majority of the observers holds
 * what it sees itself, and that is nothing known of a target: what it knew is in doubt from then on, and what
 * changes is kept for later. When enough are heard again, their word has to arrive and to be weighed first.
 */
import type { CombinedChange } from "../observers/mod.ts";
import type { VerdictWatch } from "./verdict_watch.ts";

/** From when a majority is heard until what did not change by its word is taken for its word. */
const BELIEVE_AFTER_MS = 3_000;

export class Believing {
  readonly #verdicts: Pick<VerdictWatch, "onChange" | "doubtAll" | "believeAll">;
  /** What was held last of each target while it was not to be believed. */
  readonly #kept = new Map<string, CombinedChange>();
  #isInDoubt = false;
  /** When a majority was heard again; undefined while none is. */
  #heardSinceMs: number | undefined;

  constructor(verdicts: Pick<VerdictWatch, "onChange" | "doubtAll" | "believeAll">) {
    this.#verdicts = verdicts;
  }

  onChange(change: CombinedChange, isMinority: boolean, nowMs: number): void {
    this.look(isMinority, nowMs);
    if (isMinority) {
      this.#kept.set(change.target, change);
    } else {
      this.#kept.delete(change.target);
      this.#verdicts.onChange(change, nowMs);
    }
  }

  /** To be asked again and again; says whether what is known has changed. */
  look(isMinority: boolean, nowMs: number): boolean {
    if (isMinority) {
      const isNews = !this.#isInDoubt || this.#heardSinceMs !== undefined;
      if (isNews) this.#verdicts.doubtAll();
      this.#isInDoubt = true;
      this.#heardSinceMs = undefined;
      return isNews;
    }
    if (!this.#isInDoubt) return false;
    this.#heardSinceMs ??= nowMs;
    if (nowMs - this.#heardSinceMs < BELIEVE_AFTER_MS) return false;
    this.#isInDoubt = false;
    this.#heardSinceMs = undefined;
    for (const change of this.#kept.values()) this.#verdicts.onChange(change, nowMs);
    this.#kept.clear();
    this.#verdicts.believeAll();
    return true;
  }

  /** It is not watched any more. */
  forget(target: string): void {
    this.#kept.delete(target);
  }
}
