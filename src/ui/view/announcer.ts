/**
 * Tells those who do not look at the screen what changed: happenings in, sentences into a live region out, at
 * most one lot every few seconds. Many changes at once are said as one number, and what is past is not said.
 */
import type { Happening } from "../live/happenings.ts";
import type { LiveWorld } from "../live/world.ts";
import { BADNESS, countOf, listInWords, WORST_FIRST } from "../words.ts";

const EVERY_MS = 3_000;
/** More than these in one breath nobody can follow. */
const MAX_NAMED = 3;

export class Announcer {
  readonly #region: HTMLElement;
  readonly #timers: LiveWorld["timers"];
  #waiting: Happening[] = [];
  #newest = 0;
  #isQuiet = false;

  constructor(region: HTMLElement, timers: LiveWorld["timers"]) {
    this.#region = region;
    this.#timers = timers;
  }

  update(happenings: readonly Happening[]): void {
    const news = happenings.filter(({ number, isPast }) => number > this.#newest && !isPast);
    this.#newest = happenings[0]?.number ?? this.#newest;
    this.#waiting.push(...news.toReversed());
    this.#speak();
  }

  #speak(): void {
    if (this.#isQuiet || this.#waiting.length === 0) return;
    this.#region.textContent = announce(this.#waiting);
    this.#waiting = [];
    this.#isQuiet = true;
    this.#timers.after(EVERY_MS, () => {
      this.#isQuiet = false;
      this.#speak();
    });
  }
}

/** Oldest first in. A target is named once, with what it is now. */
export function announce(happenings: readonly Happening[]): string {
  const joint = happenings.some(({ kind }) => kind === "combined");
  const told = happenings.filter(({ kind }) => kind !== "own" || !joint);
  const last = new Map(told.map((happening) => [happening.subject, happening]));
  const [observers, targets] = [
    [...last.values()].filter(({ kind }) => kind === "observer"),
    [...last.values()].filter(({ kind }) => kind !== "observer"),
  ];
  const sentences = observers
    .slice(0, MAX_NAMED)
    .map(({ subject, detail }) => `${subject} ${detail}.`);
  if (targets.length > MAX_NAMED) {
    const counts = WORST_FIRST.flatMap((verdict) => {
      const count = targets.filter((target) => target.verdict === verdict).length;
      return count === 0 ? [] : [`${count} ${count === 1 ? "is" : "are"} ${verdict}`];
    });
    return [
      ...sentences,
      `${countOf(targets.length, "target")} changed: ${listInWords(counts)}.`,
    ].join(" ");
  }
  const worstFirst = targets.toSorted(
    (left, right) => BADNESS[left.verdict ?? "up"] - BADNESS[right.verdict ?? "up"],
  );
  return [
    ...sentences,
    ...worstFirst.map(({ subject, verdict }) => `${subject} is ${verdict}.`),
  ].join(" ");
}
