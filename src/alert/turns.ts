/**
 * When somebody has a turn: soon after something happened, together with what happens meanwhile, and every now
 * and then if nothing does. One turn at a time; what happens during one leads to another.
 */
import type { Timers } from "../port.ts";

export interface TurnsOptions {
  readonly timers: Pick<Timers, "after">;
  /** What happens within so long is dealt with together. */
  readonly togetherMs: number;
  /** The longest time between two turns. */
  readonly everyMs: number;
  readonly turn: () => Promise<void>;
  /** A turn failed, which none should; the next ones come all the same. */
  readonly onDefect: (error: unknown) => void;
}

export class Turns {
  readonly #options: TurnsOptions;
  #isTurning = false;
  /** Something happened during a turn. */
  #isDueAgain = false;
  /** Of the timer that runs: how long it was set to. Undefined while none does. */
  #waitMs: number | undefined;
  #cancel: () => void = () => {};
  #isClosed = false;

  /** The first turn comes soon. */
  constructor(options: TurnsOptions) {
    this.#options = options;
    this.#wait(options.togetherMs);
  }

  happened(): void {
    if (this.#isTurning) this.#isDueAgain = true;
    else this.#wait(this.#options.togetherMs);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
  }

  /** A timer that rings sooner is left alone: or those who never cease to happen would put a turn off for ever. */
  #wait(delayMs: number): void {
    if (this.#isClosed || (this.#waitMs !== undefined && this.#waitMs <= delayMs)) return;
    this.#cancel();
    this.#waitMs = delayMs;
    this.#cancel = this.#options.timers.after(delayMs, () => void this.#turn());
  }

  async #turn(): Promise<void> {
    const { turn, onDefect, togetherMs, everyMs } = this.#options;
    this.#waitMs = undefined;
    this.#isTurning = true;
    this.#isDueAgain = false;
    try {
      await turn();
    } catch (error) {
      onDefect(error);
    }
    this.#isTurning = false;
    this.#wait(this.#isDueAgain ? togetherMs : everyMs);
  }
}
