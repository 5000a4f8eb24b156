/** Leads numbers over orders of magnitude to places on a line, equal ratios being equally far apart. */

/** More of them than these and they are drawn at powers of ten alone. */
const MOST_FINE_DECADES = 2.5;
/** Labels beyond these would touch. */
const MOST_TICKS = 10;

export class LogScale {
  readonly #low: number;
  readonly #high: number;
  readonly #from: number;
  readonly #to: number;

  /** `low` > 0 is at `from`, and `high` at `to`. */
  constructor(low: number, high: number, from: number, to: number) {
    this.#low = low;
    this.#high = high > low ? high : low * 10;
    this.#from = from;
    this.#to = to;
  }

  place(value: number): number {
    const share = Math.log(value / this.#low) / Math.log(this.#high / this.#low);
    return this.#from + share * (this.#to - this.#from);
  }

  /** 1, 2 and 5 of each power of ten that are on it, or fewer where there are many powers. */
  ticks(): number[] {
    const decades = Math.log10(this.#high / this.#low);
    const steps = decades <= MOST_FINE_DECADES ? [1, 2, 5] : [1];
    const every = Math.ceil(decades / MOST_TICKS);
    const ticks: number[] = [];
    const last = Math.floor(Math.log10(this.#high));
    for (let power = Math.floor(Math.log10(this.#low)); power <= last; power++) {
      if (power % every !== 0) continue;
      for (const step of steps) {
        // A quotient, because 10^-3 is no whole multiple of anything.
        const value = power < 0 ? step / 10 ** -power : step * 10 ** power;
        if (value >= this.#low * 0.999 && value <= this.#high * 1.001) ticks.push(value);
      }
    }
    return ticks;
  }
}
