/**
 * Judges a monitor by its own answers: it asks its own HTTP face, over a new connection each time, and
 * what became of it comes in. A monitor that does not reach itself has no descriptors left, or no
 * ports, or no time; whatever it is, other servers will look dead to it too.
 */
import type { Cause } from "./cause.ts";

export interface SelfProbeOptions {
  /** Between two probes. Shorter finds trouble sooner, and costs a connection (a TLS handshake) each. */
  readonly everyMs: number;
  /** After a failed one: sooner, because the targets fail as well if it is true. */
  readonly retryMs: number;
  /** So many in a row are a doubt; an integer >= 1. One is a hiccup; more give time to blame the servers. */
  readonly failures: number;
}

export const DEFAULT_SELF_PROBE: SelfProbeOptions = { everyMs: 2_000, retryMs: 250, failures: 2 };

/** What became of one probe of oneself. */
export type SelfProbeResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly detail: string };

export class SelfProbe implements Cause {
  readonly doubt = "self_probe";
  readonly #options: SelfProbeOptions;
  #nextMs: number;
  #isOut = false;
  #failedInARow = 0;
  lastPresentMs = Number.NEGATIVE_INFINITY;
  detail = "";

  /** The first is due an interval from now: whoever starts may not be listening yet. */
  constructor(nowMs: number, options: SelfProbeOptions = DEFAULT_SELF_PROBE) {
    this.#options = options;
    this.#nextMs = nowMs + options.everyMs;
  }

  /** Never while one is out. */
  isDue(nowMs: number): boolean {
    return !this.#isOut && nowMs >= this.#nextMs;
  }

  asked(): void {
    this.#isOut = true;
  }

  answered(nowMs: number, result: SelfProbeResult): void {
    this.#isOut = false;
    this.#failedInARow = result.ok ? 0 : this.#failedInARow + 1;
    this.#nextMs = nowMs + (result.ok ? this.#options.everyMs : this.#options.retryMs);
    if (result.ok || this.#failedInARow < this.#options.failures) return;
    this.lastPresentMs = nowMs;
    this.detail = `it did not reach itself ${this.#failedInARow} times in a row: ${result.detail}`;
  }
}
