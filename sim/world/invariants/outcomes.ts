/**
 * What clients are told is true, and told once: what was dropped never commits, what was acknowledged
 * is committed, and a command takes effect once however often it was tried. An attempt is one call of
 * `propose`; several attempts may carry the same command of a client's session.
 */
import { mustHold } from "./violation.ts";

export type AttemptOutcome = "open" | "committed" | "dropped" | "unknown";

export class Outcomes {
  /** By attempt: what was told. */
  readonly #told: AttemptOutcome[] = [];
  /** By attempt: where it was committed, if it was. */
  readonly #committedAt: (number | undefined)[] = [];
  /** By command (`CLIENT/SEQUENCE`): the attempt that took effect, and where. */
  readonly #effects = new Map<string, { readonly attempt: number; readonly index: number }>();
  readonly #acknowledged: { readonly command: string; readonly attempt: number }[] = [];
  /** The highest index that any client was told of. */
  #acknowledgedIndex = 0;

  get acknowledgedIndex(): number {
    return this.#acknowledgedIndex;
  }

  /** The number of a new attempt. */
  begin(): number {
    this.#told.push("open");
    return this.#told.length - 1;
  }

  /** Attempts that were not told anything. */
  isOpen(attempt: number): boolean {
    return this.#told[attempt] === "open";
  }

  tell(attempt: number, outcome: Exclude<AttemptOutcome, "open">, index = 0): void {
    mustHold(
      this.#told[attempt] === "open",
      "an outcome is given once",
      () => `attempt ${attempt} was told ${this.#told[attempt]}, and now ${outcome}`,
    );
    this.#told[attempt] = outcome;
    const committedAt = this.#committedAt[attempt];
    if (outcome === "dropped") this.#checkDropped(attempt, committedAt);
    if (outcome !== "committed") return;
    mustHold(
      committedAt !== undefined,
      "what is acknowledged is committed",
      () => `attempt ${attempt} is said to be committed at ${index}, and is not`,
    );
    this.#acknowledgedIndex = Math.max(this.#acknowledgedIndex, index);
  }

  /** An entry that carries `attempt` was committed. */
  committed(attempt: number, index: number): void {
    const before = this.#committedAt[attempt];
    mustHold(
      before === undefined,
      "an attempt is committed once",
      () => `attempt ${attempt} is committed at ${before} and at ${index}`,
    );
    this.#committedAt[attempt] = index;
    if (this.#told[attempt] === "dropped") this.#checkDropped(attempt, index);
  }

  /** The world's own state machine took up a command. */
  tookEffect(command: string, attempt: number, index: number): void {
    const before = this.#effects.get(command);
    mustHold(
      before === undefined,
      "a session's command is applied once",
      () => `${command} took effect at ${before?.index} and at ${index}`,
    );
    this.#effects.set(command, { attempt, index });
  }

  /** Whether a command took effect. */
  tookEffectOnce(command: string): boolean {
    return this.#effects.has(command);
  }

  /** Whether it was this attempt by which the command took effect. */
  isEffective(command: string, attempt: number): boolean {
    return this.#effects.get(command)?.attempt === attempt;
  }

  /** A client took the outcome of a command for certain. */
  acknowledge(command: string, attempt: number): void {
    this.#acknowledged.push({ command, attempt });
  }

  /** At the end of a run: each acknowledged command took effect. */
  checkAcknowledged(): void {
    for (const { command, attempt } of this.#acknowledged) {
      mustHold(
        this.#effects.has(command),
        "no acknowledged write is lost",
        () => `${command} was acknowledged (attempt ${attempt}) and never took effect`,
      );
    }
  }

  #checkDropped(attempt: number, index: number | undefined): void {
    mustHold(
      index === undefined,
      "what was dropped never commits",
      () => `attempt ${attempt} was dropped, and is committed at ${index}`,
    );
  }
}
