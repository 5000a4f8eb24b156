/**
 * A bar that says how far a long command is, for whoever watches the terminal: shares of the work go in, a line
 * that overwrites itself comes out. What is done before anybody wonders shows none, and nobody watching a
 * pipe gets one.
 */
import type { Clock } from "../../port.ts";

const FIRST_AFTER_MS = 700;
const EVERY_MS = 100;
const CELLS = 30;

export class ProgressBar {
  readonly #draw: ((text: string) => void) | undefined;
  readonly #clock: Clock;
  #nextMs: number;
  #isShown = false;

  /** `draw` is undefined where there is no terminal. */
  constructor(draw: ((text: string) => void) | undefined, clock: Clock) {
    this.#draw = draw;
    this.#clock = clock;
    this.#nextMs = clock.monotonicMs() + FIRST_AFTER_MS;
  }

  /** `share` is 0..1, or undefined where nobody knows. True if something was drawn. */
  show(what: string, share: number | undefined, more = ""): boolean {
    if (this.#draw === undefined) return false;
    const nowMs = this.#clock.monotonicMs();
    if (nowMs < this.#nextMs) return false;
    this.#nextMs = nowMs + EVERY_MS;
    this.#isShown = true;
    this.#draw(`\r\u001b[K${lineOf(what, share)}${more}`);
    return true;
  }

  /** Takes it away, so that what comes next begins at the left. */
  clear(): void {
    if (this.#isShown) this.#draw?.("\r\u001b[K");
    this.#isShown = false;
  }
}

function lineOf(what: string, share: number | undefined): string {
  if (share === undefined) return what;
  const done = Math.min(CELLS, Math.floor(share * CELLS));
  const percent = String(Math.floor(share * 100)).padStart(3);
  return `${what} [${"#".repeat(done)}${"-".repeat(CELLS - done)}] ${percent} %`;
}
