/**
 * Has the rhythm changed for good? How late each gap was goes in, and the answer comes out: when so many in a row were as late as one
 * in ten should be, or as early, it has. Chance does that once in 10^12. A backlog that is delivered at once looks like a fast
 * rhythm, too, but not for long: early gaps have to last as long as a number of the gaps before.
 */
const LATE_GAPS = 12;
const EARLY_GAPS = 32;
const EARLY_MEDIANS = 16;

/** How many should be as late. */
export const UNUSUAL_SHARE = 0.1;

export class RhythmWatch {
  /** Gaps in a row that were unusually late, or early if negative. */
  #run = 0;
  /** How long those that were early took. */
  #earlyUs = 0;

  /** One gap ended, so much later than the median; what is further from it than `unusualUs` is unusual. */
  isAnother(gapUs: number, medianUs: number, unusualUs: number): boolean {
    const lateUs = gapUs - medianUs;
    if (lateUs > unusualUs) {
      this.#run = Math.max(this.#run, 0) + 1;
      return this.#run >= LATE_GAPS;
    }
    if (lateUs >= -unusualUs) {
      this.#run = 0;
      return false;
    }
    this.#earlyUs = this.#run < 0 ? this.#earlyUs + gapUs : gapUs;
    this.#run = Math.min(this.#run, 0) - 1;
    return this.#run <= -EARLY_GAPS && this.#earlyUs >= EARLY_MEDIANS * medianUs;
  }

  restart(): void {
    this.#run = 0;
  }
}
