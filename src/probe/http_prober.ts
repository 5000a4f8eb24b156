/**
 * Asks one target over HTTP or HTTPS. Between two questions it holds one kept line at most; a question
 * that is asked while others are still out goes over a line of its own: over the kept one, which has answered since
 * they were asked, or over a new one where lines that are used again do not seem to be answered. When all are
 * answered one of the lines is kept. All else is the exchange's, which lives as long as its question.
 *
 * A firewall may forget an idle connection without a word, and some servers never answer a second question on one:
 * each kept line would cost a probe, every second one would fail, and what was down would never be up again.
 * So after a used line was not answered the next questions take new ones, more of them each time in a row.
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

/** After so many used lines in a row that were not answered, the questions that take new ones do not become more. */
const MOST_DOUBLINGS = 6;

/** How lines that are used again have fared. Never changed, so that all probers of servers that are well share one. */
interface Reuse {
  /** Whether they are answered, by what was seen last; false until it was seen. */
  readonly isAnswered: boolean;
  /** So many in a row were not answered. */
  readonly unansweredCount: number;
  /** So many questions are still to take a new line. */
  readonly newLinesLeft: number;
}

const UNSEEN: Reuse = { isAnswered: false, unansweredCount: 0, newLinesLeft: 0 };
const ANSWERED: Reuse = { ...UNSEEN, isAnswered: true };

export class HttpProber implements Prober, ExchangeOwner {
  readonly #plan: HttpPlan;
  /** May have been ended by the server since. */
  #kept: HttpLine | null = null;
  /** The latest question that is out; it knows the one before. Mostly there is one, and a list would be larger. */
  #latest: HttpExchange | null = null;
  /** Null once this is closed. */
  #reuse: Reuse | null = UNSEEN;

  /** Throws a `TypeError` or `RangeError` on options that no probe could be made of. */
  constructor(options: HttpProbeOptions, world: HttpProbeWorld) {
    this.#plan = makeHttpPlan(options, world);
  }

  /** Throws an `Error` after `close`, which is the caller's defect. */
  ask(done: (outcome: ProbeOutcome) => void): void {
    if (this.#reuse === null) throw new Error("Cannot ask: the HttpProber is closed");
    // A socket for each question, and none beside: next to one that hangs, the kept line makes room or is used.
    if (!this.#takesUsed(this.#reuse)) this.dropKept();
    const exchange = new HttpExchange(this.#plan, this.#takeKept(), this, done);
    exchange.before = this.#latest;
    this.#latest = exchange;
    exchange.start();
  }

  dropKept(): void {
    this.#kept?.close();
    this.#kept = null;
  }

  close(): void {
    this.#reuse = null;
    for (let exchange = this.#latest; exchange !== null; exchange = exchange.before)
      exchange.close();
    this.#latest = null;
    this.dropKept();
  }

  settled(exchange: HttpExchange, line: HttpLine | null): void {
    if (exchange.isReused) this.#sawReuse(exchange.isAnswered);
    // A later question was answered on a new line while an older one still waits on a used one.
    else if (line !== null && isAnyReused(exchange.before) && this.#reuse !== null)
      this.#reuse = { ...this.#reuse, isAnswered: false };
    this.#forget(exchange);
    if (line === null) return;
    if (this.#kept?.isOpen) line.close();
    else this.#kept = line;
  }

  #sawReuse(isAnswered: boolean): void {
    if (this.#reuse === null) return;
    if (isAnswered) {
      this.#reuse = ANSWERED;
      return;
    }
    // Several that were out when the network went away are one.
    if (this.#reuse.newLinesLeft > 0) {
      this.#reuse = { ...this.#reuse, isAnswered };
      return;
    }
    const unansweredCount = Math.min(this.#reuse.unansweredCount + 1, MOST_DOUBLINGS);
    this.#reuse = { isAnswered, unansweredCount, newLinesLeft: 2 ** unansweredCount };
  }

  /**
   * Always where nothing is out. Of a server that is slower than the interval each question would otherwise take a
   * connection more; of one that answers each connection once, all would hang. One question at a time tries it.
   */
  #takesUsed(reuse: Reuse): boolean {
    if (reuse.newLinesLeft === 0) return reuse.isAnswered || !isAnyReused(this.#latest);
    this.#reuse = { ...reuse, newLinesLeft: reuse.newLinesLeft - 1 };
    return false;
  }

  #forget(exchange: HttpExchange): void {
    if (exchange === this.#latest) {
      this.#latest = exchange.before;
      return;
    }
    let after = this.#latest;
    while (after !== null && after.before !== exchange) after = after.before;
    if (after !== null) after.before = exchange.before;
  }

  #takeKept(): HttpLine | null {
    const line = this.#kept;
    this.#kept = null;
    return line?.isOpen ? line : null;
  }
}

/** Of this one and those that were asked before it and are still out. */
function isAnyReused(latest: HttpExchange | null): boolean {
  let exchange = latest;
  while (exchange !== null && !exchange.isReused) exchange = exchange.before;
  return exchange !== null;
}
