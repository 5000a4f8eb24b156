/** What is asked about the one target that is looked at closely: its numbers, its explanation, and what it was. */
import type { ExplainAnswer, HistoryAnswer, TargetAnswer } from "../live/answers.ts";
import type { Answer } from "../live/asker.ts";
import type { LiveFeed } from "../live/feed.ts";
import { Poll } from "../live/poll.ts";
import { TargetHistory } from "../live/target_history.ts";
import type { LiveWorld } from "../live/world.ts";

/** The list asks as often about what is in view, so that the curve has a point twice a second. */
const TARGET_EVERY_MS = 1_000;
const EXPLAIN_EVERY_MS = 2_000;
const HISTORY_EVERY_MS = 30_000;
/** Of what a monitor does not have, or an unknown target. */
const ABSENT_EVERY_MS = 60_000;

export class Explanation {
  readonly #feed: LiveFeed;
  readonly #onChange: () => void;
  readonly #polls: readonly Poll[];
  #name: string | null = null;
  /** Of that target. */
  #past = new TargetHistory();
  target: TargetAnswer | undefined;
  /** The monitor says that it does not watch such a target. */
  isUnwatched = false;
  /** Null while there is none, and where the monitor gives none. */
  explained: ExplainAnswer | null = null;
  /** The same. */
  history: HistoryAnswer | null = null;

  constructor(feed: LiveFeed, { timers }: LiveWorld, onChange: () => void) {
    this.#feed = feed;
    this.#onChange = onChange;
    this.#polls = [
      new Poll(
        timers,
        () => TARGET_EVERY_MS,
        () => this.#askTarget(),
      ),
      new Poll(
        timers,
        () => everyMs(this.explained, EXPLAIN_EVERY_MS),
        () => this.#askExplanation(),
      ),
      new Poll(
        timers,
        () => everyMs(this.history, HISTORY_EVERY_MS),
        () => this.#askHistory(),
      ),
    ];
  }

  /** Null for nobody. */
  look(name: string | null): void {
    if (name === this.#name) return;
    this.#name = name;
    this.#past = new TargetHistory();
    this.target = undefined;
    this.isUnwatched = false;
    this.explained = null;
    this.history = null;
    for (const poll of this.#polls) {
      if (name === null) poll.stop();
      else poll.start();
    }
  }

  pause(isPaused: boolean): void {
    for (const poll of this.#polls) {
      if (isPaused || this.#name === null) poll.stop();
      else poll.start();
    }
  }

  /** Undefined if somebody looks elsewhere by now. */
  async #ask<Body>(what: string): Promise<Answer<Body> | undefined> {
    const name = this.#name;
    if (name === null) return undefined;
    const answer = await this.#feed.ask<Body>(`/targets/${encodeURIComponent(name)}${what}`);
    return name === this.#name ? answer : undefined;
  }

  async #askTarget(): Promise<void> {
    const answer = await this.#ask<TargetAnswer>("");
    if (answer?.kind === "absent") {
      this.isUnwatched = true;
      this.target = undefined;
      this.#onChange();
    }
    if (answer?.kind !== "ok") return;
    this.isUnwatched = false;
    const { name, phi, verdict } = answer.body;
    const before = this.target;
    this.target = answer.body;
    this.#feed.trails.push(name, { atMs: this.#feed.clock.wallMs(), phi });
    // Why it is what it is by now.
    if (before !== undefined && before.verdict !== verdict) {
      for (const poll of this.#polls.slice(1)) poll.now();
    }
    this.#onChange();
  }

  async #askExplanation(): Promise<void> {
    const answer = await this.#ask<ExplainAnswer>("/explain");
    if (answer === undefined || answer.kind === "silent") return;
    this.explained = answer.kind === "ok" ? answer.body : null;
    this.#onChange();
  }

  async #askHistory(): Promise<void> {
    const ask = (query: string) => this.#ask<HistoryAnswer>(`/history?${query}`);
    const answer = await this.#past.read(ask);
    if (answer === undefined || answer.kind === "silent") return;
    this.history = answer.kind === "ok" ? answer.body : null;
    this.#onChange();
  }
}

function everyMs(known: unknown, usualMs: number): number {
  return known === null ? ABSENT_EVERY_MS : usualMs;
}
