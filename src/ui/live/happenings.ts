/** What happened, as sentences: events in, the last some hundreds out, the newest first. */
import { type CombinedVerdict, type Doubt, DOUBT_WORDS } from "../../verdict/mod.ts";
import { listInWords } from "../words.ts";
import type { EventAnswer } from "./answers.ts";
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
  /** It was over when somebody began to watch, or while nobody was reached. */
  readonly isPast: boolean;
  /** Why, or what is the matter; for people. */
  readonly detail: string;
}

const KEPT = 300;

export class Happenings {
  #newestFirst: readonly Happening[] = [];
  #number = 0;
  /** Of the last event. */
  #lastId = 0;

  get all(): readonly Happening[] {
    return this.#newestFirst;
  }

  /** What a snapshot tells of before: of that, what is not here yet. */
  addPast(events: readonly EventAnswer[]): void {
    for (const event of events) if (event.id > this.#lastId) this.add(event, true);
  }

  add(event: EventAnswer, isPast = false): void {
    this.#lastId = Math.max(this.#lastId, event.id);
    const rest = { number: ++this.#number, atMs: momentOf(event.data.at), isPast };
    const happening = { ...rest, ...tell(event) };
    this.#newestFirst = [happening, ...this.#newestFirst.slice(0, KEPT - 1)];
  }
}

function tell({ event, data }: EventAnswer): Omit<Happening, "number" | "atMs" | "isPast"> {
  if (event === "observer") {
    const detail = describeObserver(data.heard, data.doubts);
    return { kind: "observer", subject: data.id, verdict: null, from: null, detail };
  }
  const { target, from, to, reason } = data;
  const kind = event === "verdict" ? "own" : event;
  return { kind, subject: target, verdict: to, from, detail: reason };
}

export function describeObserver(isHeard: boolean, doubts: readonly Doubt[]): string {
  if (!isHeard) return "is not heard any more";
  if (doubts.length === 0) return "is heard and sound";
  return `doubts itself: ${describeDoubts(doubts)}`;
}

/** A doubt of a later version is said by its name. */
export function describeDoubts(doubts: readonly Doubt[]): string {
  return listInWords(doubts.map((doubt) => DOUBT_WORDS[doubt] ?? doubt));
}
