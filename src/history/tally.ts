/**
 * What became of the records: how many were kept, how many were lost, and two lines for people, one when a loss
 * begins and one when nothing has been lost for a while. A disk that fails now and then is one loss, not many.
 */
import type { Clock } from "../port.ts";

export interface TallyWorld {
  readonly clock: Clock;
  readonly tell: (level: "info" | "warning", line: string) => void;
}

/** Since the start. A record is a change, a sample of φ, or a saved watch. */
export interface RecorderStats {
  readonly keptCount: number;
  readonly droppedCount: number;
}

/** Nothing is lost any more once nothing was lost for so long. */
const MENDED_AFTER_MS = 60_000;

export class Tally {
  readonly #world: TallyWorld;
  #keptCount = 0;
  #droppedCount = 0;
  /**
   * How many were lost when it was last said that nothing is lost any more. Invariant: at most `#droppedCount`, and
   * less exactly while history is being lost.
   */
  #toldCount = 0;
  #lastLossMs = Number.NEGATIVE_INFINITY;

  constructor(world: TallyWorld) {
    this.#world = world;
  }

  get stats(): RecorderStats {
    return { keptCount: this.#keptCount, droppedCount: this.#droppedCount };
  }

  keep(count: number): void {
    this.#keptCount += count;
    const lossAgoMs = this.#world.clock.monotonicMs() - this.#lastLossMs;
    if (!this.#isLosing || lossAgoMs < MENDED_AFTER_MS) return;
    const lostCount = this.#droppedCount - this.#toldCount;
    this.#toldCount = this.#droppedCount;
    this.#world.tell("info", `history is kept again; ${lostCount} records were lost`);
  }

  /** `why` is the end of a sentence. */
  lose(count: number, why: string): void {
    if (count === 0) return;
    const isNews = !this.#isLosing;
    this.#droppedCount += count;
    this.#lastLossMs = this.#world.clock.monotonicMs();
    if (isNews) this.#world.tell("warning", `history is being lost: ${why}. Watching goes on`);
  }

  get #isLosing(): boolean {
    return this.#toldCount < this.#droppedCount;
  }
}
