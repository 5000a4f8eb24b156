/**
 * A run told for people: one line for each thing worth knowing, with its virtual time. A seed is told
 * only when it is replayed; during a batch nobody listens, and nothing is put into words.
 */
export class Story {
  readonly #nowUs: () => number;
  readonly #tellLine: (line: string) => void;

  constructor(nowUs: () => number, tellLine: (line: string) => void) {
    this.#nowUs = nowUs;
    this.#tellLine = tellLine;
  }

  /** `who` is a member, a client, or what else acts. */
  tell(who: string, what: string): void {
    const ms = (this.#nowUs() / 1_000).toFixed(3).padStart(10);
    this.#tellLine(`${ms} ms  ${who.padEnd(8)} ${what}`);
  }
}
