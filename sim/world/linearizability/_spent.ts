/**
 * How many operations of unknown outcome were made use of, for each queue. Equal counts have one
 * number, so that a configuration carries a number and not a list. Whoever spent less can do all that
 * who spent more can, and that is what keeps dozens of unknown outcomes from being a search of all
 * their subsets.
 */
export class SpentCounts {
  readonly #queueCount: number;
  readonly #counts: Uint32Array[];
  readonly #totals: number[] = [0];
  readonly #numbers = new Map<string, number>();
  /** By number and queue, what one more comes to. */
  readonly #more = new Map<number, number>();

  constructor(queueCount: number) {
    this.#queueCount = queueCount;
    this.#counts = [new Uint32Array(queueCount)];
  }

  count(spent: number, queue: number): number {
    return this.#counts[spent]![queue]!;
  }

  /** The number of the same counts with one more from `queue`. 0 is the number of none at all. */
  oneMore(spent: number, queue: number): number {
    const step = spent * this.#queueCount + queue;
    const known = this.#more.get(step);
    if (known !== undefined) return known;
    const counts = this.#counts[spent]!.slice();
    counts[queue]!++;
    const key = counts.join();
    let number = this.#numbers.get(key);
    if (number === undefined) {
      number = this.#counts.push(counts) - 1;
      this.#totals.push(this.#totals[spent]! + 1);
      this.#numbers.set(key, number);
    }
    this.#more.set(step, number);
    return number;
  }

  /** Whether `less` spent no more than `more` of anything. */
  isWithin(less: number, more: number): boolean {
    if (less === more || less === 0) return true;
    if (this.#totals[less]! >= this.#totals[more]!) return false;
    const [a, b] = [this.#counts[less]!, this.#counts[more]!];
    for (let queue = 0; queue < a.length; queue++) {
      if (a[queue]! > b[queue]!) return false;
    }
    return true;
  }
}
