/**
 * A heartbeat that is late makes the next gap shorter, where the sender keeps a schedule and each one is delayed by itself; where it
 * sleeps between heartbeats it does not. Gaps go in, and how far from the median the next one is expected comes out. The idea: the correlation of a
 * gap with the one before tells how much of a delay swings back, all of it at -1/2, nothing at 0 (a moving average of order one: gap = median + e - share · e
 * of the gap before), and the last e is known. What is out of the ordinary, a lost heartbeat or a stall, has left the
 * schedule and says nothing about the next gap.
 */

/** Ordinary is what is within so many quartile distances of what was expected, and within this share of the median. */
const ORDINARY_QUARTILES = 8;
const ORDINARY_MEDIANS = 1 / 2;

/** Correlations are of about so many gaps, and none is believed before a number of them. */
const CORRELATED_GAPS = 1_000;
const LEAST_GAPS = 100;
/** A correlation that is weaker may be chance. */
const LEAST_CORRELATION = 0.05;
/** All of it would never forget where it began. */
const MOST_SHARE = 0.95;

export class Swing {
  #gaps = 0;
  /** What a new gap counts for in the means: one over the gaps so far, up to CORRELATED_GAPS. */
  #rate = 1;
  #share = 0;
  /** What of the last gap was not expected; 0 if it was out of the ordinary. */
  #surpriseUs = 0;
  /** Distance of the last gap from the median, or 0, and the means of its square and its product with the one before. */
  #offUs = 0;
  #squareUs = 0;
  #productUs = 0;

  /** How much of a delay swings back: 0..1. */
  get share(): number {
    return this.#share;
  }

  /** By how much the next gap is expected to be longer than the median. */
  get expectedOffUs(): number {
    return -this.#share * this.#surpriseUs;
  }

  /** One gap ended: `offUs` longer than the median, and `lateUs` longer than expected. */
  notice(offUs: number, lateUs: number, quartileUs: number, medianUs: number): void {
    const ordinaryUs = Math.min(ORDINARY_QUARTILES * quartileUs, ORDINARY_MEDIANS * medianUs);
    this.#surpriseUs = Math.abs(lateUs) <= ordinaryUs ? lateUs : 0;
    const ordinaryOffUs = Math.abs(offUs) <= ordinaryUs ? offUs : 0;
    if (this.#gaps < CORRELATED_GAPS) this.#rate = 1 / ++this.#gaps;
    const rate = this.#rate;
    this.#squareUs += rate * (ordinaryOffUs * ordinaryOffUs - this.#squareUs);
    this.#productUs += rate * (ordinaryOffUs * this.#offUs - this.#productUs);
    this.#offUs = ordinaryOffUs;
  }

  /** Has the share follow the correlation. */
  fit(): void {
    if (this.#gaps < LEAST_GAPS || this.#squareUs === 0) return;
    const correlation = Math.max(this.#productUs / this.#squareUs, -1 / 2);
    // A moving average of order one has the correlation -share / (1 + share²).
    this.#share =
      correlation > -LEAST_CORRELATION
        ? 0
        : Math.min((1 - Math.sqrt(1 - 4 * correlation ** 2)) / (-2 * correlation), MOST_SHARE);
  }

  /** Starts anew, from a share that was learnt elsewhere, if there is one. */
  restart(share = 0): void {
    this.#gaps = 0;
    this.#share = Math.min(Math.max(share, 0), MOST_SHARE);
    this.#surpriseUs = 0;
    this.#offUs = 0;
    this.#squareUs = 0;
    this.#productUs = 0;
  }
}
