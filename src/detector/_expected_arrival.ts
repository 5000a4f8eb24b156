/**
 * When the next heartbeat should arrive, as Chen, Toueg and Aguilera (2002, NFD-E) estimate it: sequence numbers and
 * arrivals go in, EA = mean(A - s·interval) + (s + 1)·interval comes out, the mean over the last arrivals. It knows that a
 * late arrival does not make the next one late, which no mean of gaps does. But a sender that stops for a while, or
 * sends at another interval, leaves that schedule for good. So when eight arrivals in a row are on the same side of it by more than
 * half an interval, the estimate begins anew with them, and with their own interval if that is another.
 */

/** Arrivals in a row, off by more than this share of an interval, that make another schedule. */
const SLIPPED_ARRIVALS = 8;
const SLIPPED_SHARE = 1 / 2;
/** Their interval is another one if it differs by more than this share. */
const OTHER_INTERVAL_SHARE = 1 / 4;

const US_PER_MS = 1000;

export class ExpectedArrival {
  #intervalMs: number;
  /** Ring of A - s·interval in whole microseconds from the first one, so that their sum is exact. */
  readonly #offsetsUs: Float64Array;
  #count = 0;
  #next = 0;
  #sumUs = 0;
  #firstSequence = 0;
  #firstMs = NaN;
  #lastSequence = -1;
  #lastMs = NaN;
  /** Ring of the newest arrivals, to begin anew with. */
  readonly #newestSequences = new Float64Array(SLIPPED_ARRIVALS);
  readonly #newestMs = new Float64Array(SLIPPED_ARRIVALS);
  #heard = 0;
  /** Arrivals in a row that were too late, or too early if negative. */
  #slipped = 0;

  /** Over the last `windowArrivals`, an integer >= 1. */
  constructor(intervalMs: number, windowArrivals: number) {
    this.#intervalMs = intervalMs;
    this.#offsetsUs = new Float64Array(windowArrivals);
  }

  /** When the last heartbeat arrived; NaN before the first. */
  get lastMs(): number {
    return this.#lastMs;
  }

  /** When the next heartbeat after the newest should arrive; NaN before the first. */
  get nextMs(): number {
    return this.expectedMs(this.#lastSequence + 1);
  }

  /** When heartbeat `sequence` should arrive; NaN before the first. */
  expectedMs(sequence: number): number {
    const offsetMs = this.#sumUs / this.#count / US_PER_MS;
    return this.#firstMs + (sequence - this.#firstSequence) * this.#intervalMs + offsetMs;
  }

  /** False, and nothing happens, if `sequence` is no newer than the last one. */
  heard(sequence: number, arrivalMs: number): boolean {
    if (sequence <= this.#lastSequence) return false;
    this.#noticeSlip(arrivalMs - this.expectedMs(sequence));
    this.#newestSequences[this.#heard % SLIPPED_ARRIVALS] = sequence;
    this.#newestMs[this.#heard % SLIPPED_ARRIVALS] = arrivalMs;
    this.#heard++;
    if (Math.abs(this.#slipped) >= SLIPPED_ARRIVALS) this.#rebase();
    else this.#add(sequence, arrivalMs);
    this.#lastSequence = sequence;
    this.#lastMs = arrivalMs;
    return true;
  }

  #noticeSlip(lateMs: number): void {
    const slackMs = this.#intervalMs * SLIPPED_SHARE;
    if (lateMs > slackMs) this.#slipped = Math.max(this.#slipped, 0) + 1;
    else if (lateMs < -slackMs) this.#slipped = Math.min(this.#slipped, 0) - 1;
    else this.#slipped = 0;
  }

  #add(sequence: number, arrivalMs: number): void {
    if (this.#count === 0) {
      this.#firstSequence = sequence;
      this.#firstMs = arrivalMs;
    }
    const dueMs = this.#firstMs + (sequence - this.#firstSequence) * this.#intervalMs;
    const offsetUs = Math.round((arrivalMs - dueMs) * US_PER_MS);
    if (this.#count < this.#offsetsUs.length) this.#count++;
    else this.#sumUs -= this.#offsetsUs[this.#next]!;
    this.#offsetsUs[this.#next] = offsetUs;
    this.#sumUs += offsetUs;
    this.#next = (this.#next + 1) % this.#offsetsUs.length;
  }

  #rebase(): void {
    const oldest = this.#heard % SLIPPED_ARRIVALS;
    const newest = (this.#heard - 1) % SLIPPED_ARRIVALS;
    const intervalMs =
      (this.#newestMs[newest]! - this.#newestMs[oldest]!) /
      (this.#newestSequences[newest]! - this.#newestSequences[oldest]!);
    const isOther =
      Math.abs(intervalMs - this.#intervalMs) > OTHER_INTERVAL_SHARE * this.#intervalMs;
    if (isOther && intervalMs > 0) this.#intervalMs = intervalMs;
    this.#count = 0;
    this.#next = 0;
    this.#sumUs = 0;
    this.#slipped = 0;
    for (let arrival = 0; arrival < SLIPPED_ARRIVALS; arrival++) {
      const index = (oldest + arrival) % SLIPPED_ARRIVALS;
      this.#add(this.#newestSequences[index]!, this.#newestMs[index]!);
    }
  }
}
