/**
 * Asks one target over HTTP or HTTPS. Between two questions it holds one kept line at most; a second
 * question, asked while the first is still out, goes over a line of its own, and when both are
 * answered one of the two is kept. All else is the exchange's, which lives as long as its question.
 */
import type { HttpLine } from "./_http_line.ts";
import { type ExchangeOwner, HttpExchange } from "./http_exchange.ts";
import {
  type HttpPlan,
  type HttpProbeOptions,
  type HttpProbeWorld,
  makeHttpPlan,
} from "./http_plan.ts";
import type { ProbeOutcome, Prober } from "./outcome.ts";

export class HttpProber implements Prober, ExchangeOwner {
  readonly #plan: HttpPlan;
  /** May have been ended by the server since. */
  #kept: HttpLine | null = null;
  #first: HttpExchange | null = null;
  #second: HttpExchange | null = null;
  #isClosed = false;

  /** Throws a `TypeError` or `RangeError` on options that no probe could be made of. */
  constructor(options: HttpProbeOptions, world: HttpProbeWorld) {
    this.#plan = makeHttpPlan(options, world);
  }

  /** Throws an `Error` when two questions are out, or after `close`: both are the caller's defects. */
  ask(fresh: boolean, done: (outcome: ProbeOutcome) => void): void {
    if (this.#isClosed) throw new Error("Cannot ask: the HttpProber is closed");
    const isBusy = this.#first !== null || this.#second !== null;
    if (this.#first !== null && this.#second !== null) {
      throw new Error("Cannot ask: two questions are out");
    }
    // Two sockets a target, never three: beside a question that hangs, the kept line makes room.
    if (fresh && isBusy) this.#dropKept();
    const exchange = new HttpExchange(this.#plan, fresh ? null : this.#takeKept(), this, done);
    if (this.#first === null) this.#first = exchange;
    else this.#second = exchange;
    exchange.start();
  }

  close(): void {
    this.#isClosed = true;
    this.#first?.close();
    this.#second?.close();
    this.#first = null;
    this.#second = null;
    this.#dropKept();
  }

  settled(exchange: HttpExchange, line: HttpLine | null): void {
    if (exchange === this.#first) this.#first = null;
    else this.#second = null;
    if (line === null) return;
    if (this.#kept?.isOpen) line.close();
    else this.#kept = line;
  }

  #takeKept(): HttpLine | null {
    const line = this.#kept;
    this.#kept = null;
    return line?.isOpen ? line : null;
  }

  #dropKept(): void {
    this.#kept?.close();
    this.#kept = null;
  }
}
