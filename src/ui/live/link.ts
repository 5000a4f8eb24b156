/**
 * Whether what is shown is live: what was heard and missed in, one word out. Live is only what a monitor that
 * answers has just said; anything else is shown as old, with the moment from which it is.
 */
import type { Clock } from "../../port.ts";

/** So long after the last sign of life nothing is called live any more. Something is asked every second or two. */
export const SILENT_MS = 6_000;

export type LinkState =
  /** Not heard yet, or heard while the stream of events is still to come. */
  | { readonly kind: "connecting" }
  | { readonly kind: "live" }
  | {
      readonly kind: "lost";
      /** By this reader's clock: when the monitor was heard last; null if it never was. */
      readonly sinceWallMs: number | null;
      /** For people; no capital, no full stop. */
      readonly why: string;
    };

export class Link {
  readonly #clock: Clock;
  #begunMs: number;
  #heardMs = Number.NEGATIVE_INFINITY;
  #heardWallMs: number | null = null;
  /** The same moment by the monotonic clock, and not forgotten when the link starts over. */
  #lastHeardMs = 0;
  /** Why the last request failed that nothing was heard after. */
  #missed: string | null = null;
  #isStreaming = false;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#begunMs = clock.monotonicMs();
  }

  /** The monitor answered, or sent something by itself. */
  heard(): void {
    this.#heardMs = this.#clock.monotonicMs();
    this.#heardWallMs = this.#clock.wallMs();
    this.#lastHeardMs = this.#heardMs;
    this.#missed = null;
  }

  /** A request failed that was sent at `sentMs`. If something was heard since then, it proves nothing. */
  missed(sentMs: number, why: string): void {
    if (this.#heardMs < sentMs) this.#missed = why;
  }

  /** The stream of events stands, and what it missed has been told; or it does not. */
  streaming(isStreaming: boolean): void {
    this.#isStreaming = isStreaming;
  }

  /** Nobody has looked for a while: what was heard says nothing about now, and its absence neither. */
  startOver(): void {
    this.#begunMs = this.#clock.monotonicMs();
    this.#heardMs = Number.NEGATIVE_INFINITY;
    this.#missed = null;
    this.#isStreaming = false;
  }

  /** Since the monitor was heard last; 0 if it never was. */
  get silentMs(): number {
    return this.#heardWallMs === null ? 0 : this.#clock.monotonicMs() - this.#lastHeardMs;
  }

  state(): LinkState {
    const sinceWallMs = this.#heardWallMs;
    if (this.#missed !== null) return { kind: "lost", sinceWallMs, why: this.#missed };
    const silentMs = this.#clock.monotonicMs() - Math.max(this.#heardMs, this.#begunMs);
    if (silentMs > SILENT_MS) return { kind: "lost", sinceWallMs, why: "it does not answer" };
    const isHeard = this.#heardMs > Number.NEGATIVE_INFINITY;
    return { kind: isHeard && this.#isStreaming ? "live" : "connecting" };
  }
}
