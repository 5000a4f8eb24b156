/** What is asked about the one target that is looked at closely: its numbers twice a second, and its explanation. */
import type { TargetAnswer } from "../live/answers.ts";
import type { LiveFeed } from "../live/feed.ts";
import { Poll } from "../live/poll.ts";
import type { LiveWorld } from "../live/world.ts";

const TARGET_EVERY_MS = 500;
const EXPLAIN_EVERY_MS = 2_000;
const ABSENT_EVERY_MS = 60_000;

export interface Explained {
  readonly sentences: readonly string[];
}

export class Explanation {
  readonly #feed: LiveFeed;
  readonly #onChange: () => void;
  readonly #polls: readonly Poll[];
  #name: string | null = null;
  target: TargetAnswer | undefined;
  /** Null while there is none, and where the monitor gives none. */
  explained: Explained | null = null;
  #isAbsent = false;

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
        () => (this.#isAbsent ? ABSENT_EVERY_MS : EXPLAIN_EVERY_MS),
        () => this.#askExplanation(),
      ),
    ];
  }

  /** Null for nobody. */
  look(name: string | null): void {
    if (name === this.#name) return;
    this.#name = name;
    this.target = undefined;
    this.explained = null;
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

  async #askTarget(): Promise<void> {
    const name = this.#name;
    if (name === null) return;
    const answer = await this.#feed.ask<TargetAnswer>(`/targets/${encodeURIComponent(name)}`);
    if (name !== this.#name || answer.kind !== "ok") return;
    this.target = answer.body;
    this.#feed.trails.push(name, { atMs: this.#feed.clock.wallMs(), phi: answer.body.phi });
    this.#onChange();
  }

  async #askExplanation(): Promise<void> {
    const name = this.#name;
    if (name === null) return;
    const path = `/targets/${encodeURIComponent(name)}/explain`;
    const answer = await this.#feed.ask<{ readonly sentences?: readonly string[] }>(path);
    if (name !== this.#name || answer.kind === "silent") return;
    const sentences = answer.kind === "ok" ? answer.body.sentences : undefined;
    this.#isAbsent = sentences === undefined;
    this.explained = sentences === undefined ? null : { sentences };
    this.#onChange();
  }
}
