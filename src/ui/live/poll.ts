/**
 * Does something again and again: the next time a while after the last one is done, so that a slow monitor is not
 * asked more than it answers. It can be told to do it at once.
 */
import type { LiveWorld } from "./world.ts";

export class Poll {
  readonly #timers: LiveWorld["timers"];
  readonly #everyMs: () => number;
  readonly #run: () => Promise<void>;
  #isStarted = false;
  #isRunning = false;
  #isWanted = false;
  #cancel: () => void = () => {};

  /** `run` must not reject. `everyMs` is asked after each run. */
  constructor(timers: LiveWorld["timers"], everyMs: () => number, run: () => Promise<void>) {
    this.#timers = timers;
    this.#everyMs = everyMs;
    this.#run = run;
  }

  start(): void {
    this.#isStarted = true;
    this.now();
  }

  stop(): void {
    this.#isStarted = false;
    this.#cancel();
  }

  /** If it is under way, then once more right after. Nothing if it was not started. */
  now(): void {
    if (!this.#isStarted) return;
    this.#cancel();
    this.#isWanted = this.#isRunning;
    if (!this.#isRunning) void this.#turn();
  }

  async #turn(): Promise<void> {
    this.#isRunning = true;
    await this.#run();
    this.#isRunning = false;
    if (!this.#isStarted) return;
    const delayMs = this.#isWanted ? 0 : this.#everyMs();
    this.#isWanted = false;
    this.#cancel = this.#timers.after(delayMs, () => this.now());
  }
}
