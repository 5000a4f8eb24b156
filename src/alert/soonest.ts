/** The soonest of some moments: when there may be something to do again. */
export class Soonest {
  #ms = Infinity;

  note(ms: number): void {
    this.#ms = Math.min(this.#ms, ms);
  }

  /** Infinity if none was noted. */
  get ms(): number {
    return this.#ms;
  }
}
