/**
 * Time for tests: a clock and timers that stand still until `pass` moves them, ringing what is due on
 * the way in order. `stop` moves the clock alone, as when the process is stopped: timers are then
 * late, as they are in life.
 */
import type { Clock, Timers } from "../../src/port.ts";

interface Waiting {
  readonly dueMs: number;
  readonly run: () => void;
}

export class VirtualTime implements Clock, Timers {
  #monotonicMs = 1_000;
  wall = Date.UTC(2026, 0, 1);
  readonly #waiting = new Set<Waiting>();

  monotonicMs(): number {
    return this.#monotonicMs;
  }

  wallMs(): number {
    return this.wall;
  }

  after(delayMs: number, run: () => void): () => void {
    const waiting = { dueMs: this.#monotonicMs + delayMs, run };
    this.#waiting.add(waiting);
    return () => this.#waiting.delete(waiting);
  }

  yieldToLoop(): Promise<void> {
    return Promise.resolve();
  }

  get waitingCount(): number {
    return this.#waiting.size;
  }

  pass(ms: number): void {
    const endMs = this.#monotonicMs + ms;
    for (let next = this.#next(endMs); next !== undefined; next = this.#next(endMs)) {
      this.#waiting.delete(next);
      this.#moveTo(Math.max(next.dueMs, this.#monotonicMs));
      next.run();
    }
    // What ran may have taken longer than that, and a clock never goes back.
    this.#moveTo(Math.max(endMs, this.#monotonicMs));
  }

  stop(ms: number): void {
    this.#moveTo(this.#monotonicMs + ms);
  }

  #next(endMs: number): Waiting | undefined {
    let next: Waiting | undefined;
    for (const waiting of this.#waiting) {
      if (waiting.dueMs <= endMs && (next === undefined || waiting.dueMs < next.dueMs))
        next = waiting;
    }
    return next;
  }

  #moveTo(monotonicMs: number): void {
    this.wall += monotonicMs - this.#monotonicMs;
    this.#monotonicMs = monotonicMs;
  }
}
