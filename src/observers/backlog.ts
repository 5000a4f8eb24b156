/**
 * Work that comes up many times in a turn of the event loop and is done at its end, in slices with turns in
 * between, so that much of it holds nobody up.
 */
import type { Timers } from "../port.ts";

export interface BacklogOptions<Item> {
  readonly timers: Pick<Timers, "yieldToLoop">;
  readonly itemsASlice: number;
  /** In the order in which they were added. */
  readonly work: (items: readonly Item[]) => void;
}

export class Backlog<Item> {
  readonly #options: BacklogOptions<Item>;
  #waiting: Item[] = [];
  #isRunning = false;
  #isClosed = false;

  constructor(options: BacklogOptions<Item>) {
    this.#options = options;
  }

  add(item: Item): void {
    this.#waiting.push(item);
    if (this.#isRunning || this.#isClosed) return;
    this.#isRunning = true;
    queueMicrotask(() => void this.#run());
  }

  /** What waits is not done any more. */
  close(): void {
    this.#isClosed = true;
    this.#waiting = [];
  }

  async #run(): Promise<void> {
    const { timers, itemsASlice, work } = this.#options;
    for (;;) {
      const batch = this.#waiting;
      this.#waiting = [];
      for (let start = 0; start < batch.length && !this.#isClosed; start += itemsASlice) {
        work(batch.slice(start, start + itemsASlice));
        if (start + itemsASlice < batch.length || this.#waiting.length > 0) {
          await timers.yieldToLoop();
        }
      }
      if (this.#waiting.length === 0) break;
    }
    this.#isRunning = false;
  }
}
