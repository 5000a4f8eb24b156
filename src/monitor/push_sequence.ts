/**
 * The sequence numbers of one target that reports by itself, to whichever monitor: what comes late or twice does not
 * count, and what another monitor has handed on already is no mistake of the one who sends it here too.
 */

export type PushResult =
  /** It counts. */
  | "heard"
  /** It has come already, by way of another monitor, and counted. */
  | "known"
  /** Not above the last one. */
  | "stale";

export class PushSequence {
  #last = -1;
  /** Whether that came by way of another monitor. */
  #isLastHandedOn = false;

  /** Beats without a number all count. */
  take(sequence: number | undefined, isHandedOn: boolean): PushResult {
    if (sequence === undefined) return "heard";
    if (sequence === this.#last && this.#isLastHandedOn) return "known";
    if (sequence <= this.#last) return "stale";
    this.#last = sequence;
    this.#isLastHandedOn = isHandedOn;
    return "heard";
  }
}
