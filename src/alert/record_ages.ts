/**
 * How long what is in the record has been there, on this monitor's own clock. The record holds the wall time of
 * whoever led, and the clocks of two that lead after each other may differ by a day: their difference is no
 * duration. Every monitor keeps this, whether it leads or not. It has not seen what was before it began, or what
 * came and went before it caught up: of nothing it says that it is older than it is.
 */
import type { AlertContents, Incident, Notice } from "../store/mod.ts";

interface Ending {
  /** For how long it was seen open. */
  readonly lastedMs: number;
  /** Since when it has been seen over. */
  readonly sinceMs: number;
}

export class RecordAges {
  /** By number: since when each notice, and each open incident, has been seen. */
  #seenMs: ReadonlyMap<number, number> = new Map();
  /** By number, of each incident that is over. */
  #endings: ReadonlyMap<number, Ending> = new Map();
  #contents: AlertContents | undefined;

  /** To be told of each change soon. */
  look(contents: AlertContents, nowMs: number): void {
    if (contents === this.#contents) return;
    this.#contents = contents;
    const [seenMs, endings] = [new Map<number, number>(), new Map<number, Ending>()];
    for (const { number } of contents.notices.values()) {
      seenMs.set(number, this.#seenMs.get(number) ?? nowMs);
    }
    for (const { number, closing } of contents.incidents.values()) {
      const openedMs = this.#seenMs.get(number) ?? nowMs;
      if (closing === undefined) {
        seenMs.set(number, openedMs);
      } else {
        const begun = { lastedMs: nowMs - openedMs, sinceMs: nowMs };
        endings.set(number, this.#endings.get(number) ?? begun);
      }
    }
    this.#seenMs = seenMs;
    this.#endings = endings;
  }

  /** For how long it has been under way, at the least. */
  ofNotice({ number }: Pick<Notice, "number">, nowMs: number): number {
    return nowMs - (this.#seenMs.get(number) ?? nowMs);
  }

  /** For how long an incident that is over went on, at the least. */
  ofEnded({ number }: Pick<Incident, "number">): number {
    return this.#endings.get(number)?.lastedMs ?? 0;
  }

  /** For how long an incident has been over, at the least. */
  sinceEnd({ number }: Pick<Incident, "number">, nowMs: number): number {
    return nowMs - (this.#endings.get(number)?.sinceMs ?? nowMs);
  }
}
