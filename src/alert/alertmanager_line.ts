/**
 * What one address of an Alertmanager is told, one thing after the other. It takes for true what it hears last, and
 * of two requests under way either may come last: a repetition that an end overtakes would raise again what is over.
 */
export class AlertmanagerLine {
  /** Never rejects. */
  #last: Promise<unknown> = Promise.resolve();
  #isRepeating = false;
  #restCount = 0;

  /**
   * Does this when what came before has ended, which it always has to; the result is undefined if somebody else
   * sends by then, and this was not done.
   */
  tell<Outcome>(work: () => Promise<Outcome>): Promise<Outcome | undefined> {
    const restCount = this.#restCount;
    const told = this.#last.then(() => (restCount === this.#restCount ? work() : undefined));
    this.#last = told.catch(() => undefined);
    return told;
  }

  /** As `tell`, but not at all while a repetition waits or is under way: of a mute address that is always so. */
  repeat(work: () => Promise<unknown>): void {
    if (this.#isRepeating) return;
    this.#isRepeating = true;
    const ended = () => {
      this.#isRepeating = false;
    };
    void this.tell(work).then(ended, ended);
  }

  /** Somebody else sends now: what waits would come too late. */
  rest(): void {
    this.#restCount++;
  }
}
