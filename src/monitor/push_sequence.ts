/**
 * The sequence numbers of one target that reports by itself, to whichever monitor: what comes late or twice does not
 * count, and what another monitor has handed on already is no mistake of the one who sends it here too. A counter that
 * begins again is refused where the last number is known. Where a monitor that does not know it lets the counter begin, all follow:
 * else the sender would hear from that one that its beats count, while for the others none does.
 */

export type PushResult =
  /** It counts. */
  | "heard"
  /** It has come already, by way of another monitor, and counted. */
  | "known"
  /** Not above the last one. */
  | "stale";

/** How a beat came. */
export interface PushArrival {
  /** By way of another monitor. */
  readonly isHandedOn: boolean;
  readonly nowMs: number;
  /** Two beats that come closer together than this may have been sent at any time. */
  readonly burstMs: number;
}

export class PushSequence {
  #last = -1;
  /** Whether that came by way of another monitor. */
  #isLastHandedOn = false;
  /** Below the last one, and handed on since one counted: the first such number, or a lower one after it. Infinity: none. */
  #lower = Number.POSITIVE_INFINITY;
  #lowerMs = Number.NaN;

  /** Beats without a number all count. */
  take(sequence: number | undefined, arrival: PushArrival): PushResult {
    const { isHandedOn } = arrival;
    if (sequence !== undefined) {
      if (sequence === this.#last && this.#isLastHandedOn) return "known";
      if (sequence <= this.#last && !this.#beginsAgain(sequence, arrival)) return "stale";
      this.#last = sequence;
      this.#isLastHandedOn = isHandedOn;
    }
    this.#lower = Number.POSITIVE_INFINITY;
    return "heard";
  }

  /**
   * Whether a number that is not above the last one is of a counter that began again: such numbers rise, in the sender's
   * rhythm, while no other counts. Those that are only late come beside others that count, or all at once.
   */
  #beginsAgain(sequence: number, { isHandedOn, nowMs, burstMs }: PushArrival): boolean {
    if (!isHandedOn || sequence === this.#last) return false;
    if (sequence > this.#lower) return nowMs - this.#lowerMs >= burstMs;
    if (sequence < this.#lower) {
      this.#lower = sequence;
      this.#lowerMs = nowMs;
    }
    return false;
  }
}
