/**
 * Asks one target over HTTP or HTTPS. It has one kept connection at most; a second question, asked
 * while the first is still out, goes over a connection of its own, and when both are answered one of
 * the two is kept. All else is the exchange's.
 */
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
  /** Holds the kept connection, if there is one. */
  #first: HttpExchange;
  /** Exists while a second question is out, or keeps its connection while the first still is. */
  #second: HttpExchange | null = null;
  #isClosed = false;

  /** Throws a `TypeError` or `RangeError` on options that no probe could be made of. */
  constructor(options: HttpProbeOptions, world: HttpProbeWorld) {
    this.#plan = makeHttpPlan(options, world);
    this.#first = new HttpExchange(this.#plan, this);
  }

  /** Throws an `Error` when two questions are out, or after `close`: both are the caller's defects. */
  ask(fresh: boolean, done: (outcome: ProbeOutcome) => void): void {
    if (this.#isClosed) throw new Error("Cannot ask: the HttpProber is closed");
    if (!this.#first.isBusy && !(fresh && this.#first.hasConnection)) return this.#first.ask(done);
    if (this.#second?.isBusy) throw new Error("Cannot ask: two questions are out");
    // A second connection that was kept while the first question is out is the one kept; with `fresh`
    // it must be left alone, but there is no third place, and it is worth less than a new one.
    if (fresh) this.#second?.close();
    this.#second ??= new HttpExchange(this.#plan, this);
    this.#second.ask(done);
  }

  close(): void {
    this.#isClosed = true;
    this.#first.close();
    this.#second?.close();
    this.#second = null;
  }

  /** Of two connections one is kept: never more than one is idle. */
  settled(exchange: HttpExchange): void {
    const second = this.#second;
    if (second === null) return;
    const other = exchange === this.#first ? second : this.#first;
    if (other.isBusy) return;
    if (other.hasConnection) exchange.close();
    if (!this.#first.hasConnection) this.#first = second;
    this.#second = null;
  }
}
