/** What happened while somebody watched, as sentences: events in, the last some hundreds out, the newest first. */
import type { Doubt } from "../../observers/mod.ts";
import type { CombinedVerdict } from "../../verdict/mod.ts";
import { listInWords } from "../words.ts";
import type { CombinedData, ObserverData, VerdictData } from "./answers.ts";
import { momentOf } from "./moment.ts";

export interface Happening {
  /** Rises by one from each to the next. */
  readonly number: number;
  /** Whose verdict it was; `observer` if none changed. */
  readonly kind: "combined" | "own" | "observer";
  /** Unix time by the monitor's clock; NaN if it was not said. */
  readonly atMs: number;
  /** The target, or the observer. */
  readonly subject: string;
  /** What it became; null for an observer. */
  readonly verdict: CombinedVerdict | null;
  readonly from: CombinedVerdict | null;
  /** Why, or what is the matter; for people. */
  readonly detail: string;
}

const KEPT = 300;

export class Happenings {
  #newestFirst: readonly Happening[] = [];
  #number = 0;

  get all(): readonly Happening[] {
    return this.#newestFirst;
  }

  addVerdict({ target, from, to, reason, at }: VerdictData): void {
    this.#add({ kind: "own", subject: target, verdict: to, from, detail: reason, at });
  }

  addCombined({ target, from, to, reason, at }: CombinedData): void {
    this.#add({ kind: "combined", subject: target, verdict: to, from, detail: reason, at });
  }

  addObserver({ id, heard, doubts, at }: ObserverData): void {
    const detail = describeObserver(heard, doubts);
    this.#add({ kind: "observer", subject: id, verdict: null, from: null, detail, at });
  }

  #add({ at, ...rest }: Omit<Happening, "number" | "atMs"> & { readonly at: string | null }): void {
    const happening = { number: ++this.#number, atMs: momentOf(at), ...rest };
    this.#newestFirst = [happening, ...this.#newestFirst.slice(0, KEPT - 1)];
  }
}

export function describeObserver(isHeard: boolean, doubts: readonly Doubt[]): string {
  if (!isHeard) return "is not heard any more";
  if (doubts.length === 0) return "is heard and sound";
  return `doubts itself: ${describeDoubts(doubts)}`;
}

const DOUBT_WORDS: Readonly<Record<Doubt, string>> = {
  paused: "its process did not run for a while",
  loop_lag: "its event loop comes back late",
  schedule_lag: "its probes are sent late",
  self_probe: "it does not reach itself",
  many_suspected: "many targets became suspicious to it at once",
};

/** A doubt of a later version is said by its name. */
export function describeDoubts(doubts: readonly Doubt[]): string {
  return listInWords(doubts.map((doubt) => DOUBT_WORDS[doubt] ?? doubt));
}
