/**
 * Operations standing in lines, each in one at most, and who is the first of each line that is left.
 * They leave from anywhere, and come back to where they stood; the last that left comes back first.
 */
import { NONE } from "./_targets.ts";

export class Lines {
  /** By line, in the order of standing. */
  readonly #ranks: readonly number[][];
  /** By line. Invariant: all before it have left, and it has not. */
  readonly #first: Int32Array;
  /** By rank: where in its line it stands. */
  readonly #index: Int32Array;
  readonly #hasLeft: Uint8Array;

  constructor(lineCount: number, rankCount: number) {
    this.#ranks = Array.from({ length: lineCount }, () => []);
    this.#first = new Int32Array(lineCount);
    this.#index = new Int32Array(rankCount);
    this.#hasLeft = new Uint8Array(rankCount);
  }

  /** At the end of the line. */
  add(line: number, rank: number): void {
    this.#index[rank] = this.#ranks[line]!.push(rank) - 1;
  }

  /** The first that is left, or `NONE`. */
  firstOf(line: number): number {
    return this.#ranks[line]![this.#first[line]!] ?? NONE;
  }

  /** All that ever stood in it. */
  all(line: number): readonly number[] {
    return this.#ranks[line]!;
  }

  /** Whether another is the first now. */
  leave(line: number, rank: number): boolean {
    this.#hasLeft[rank] = 1;
    if (this.firstOf(line) !== rank) return false;
    const ranks = this.#ranks[line]!;
    let first = this.#first[line]! + 1;
    while (first < ranks.length && this.#hasLeft[ranks[first]!] === 1) first++;
    this.#first[line] = first;
    return true;
  }

  /** Whether it is the first now. */
  comeBack(line: number, rank: number): boolean {
    this.#hasLeft[rank] = 0;
    if (this.#index[rank]! >= this.#first[line]!) return false;
    this.#first[line] = this.#index[rank]!;
    return true;
  }
}
