/**
 * One observer's verdict on one target: heartbeats, failed probes and levels of suspicion go in,
 * `unknown | up | suspect | down` comes out. It knows neither time nor the detector: whoever owns
 * it looks up `nextLevel`, arranges to be called when φ gets there, and passes φ in. The idea is
 * that getting worse is a matter of φ alone, and getting better one of heartbeats alone.
 */
import type { Verdict } from "./verdict.ts";

export interface VerdictOptions {
  /**
   * φ from which a target is suspect; > 0, at most `downPhi`. Lower warns sooner and for less;
   * equal to `downPhi` there is no warning.
   */
  readonly suspectPhi: number;
  /** φ from which a target is down. Higher is slower, lower more often wrong. */
  readonly downPhi: number;
  /**
   * Consecutive heartbeats that bring a target up again after a down; an integer >= 1. More keeps
   * a flapping target down, fewer believe a recovery sooner.
   */
  readonly upAfterHeartbeats: number;
}

/**
 * From `unknown`, where it starts, and from `up` and `suspect`: a heartbeat makes it `up`, φ from
 * `suspectPhi` on `suspect`, φ from `downPhi` on `down`. From `down` only `upAfterHeartbeats`
 * consecutive heartbeats lead, back `up`; a failed probe or φ from `suspectPhi` on in between
 * starts the count again.
 *
 * ```ts
 * const machine = new VerdictMachine({ suspectPhi: 8, downPhi: 16, upAfterHeartbeats: 2 });
 * machine.heartbeat();
 * machine.verdict; // "up"
 * machine.suspicion(8);
 * machine.verdict; // "suspect"
 * ```
 */
export class VerdictMachine {
  #options: VerdictOptions;
  #verdict: Verdict;
  /** Heartbeats in a row since it was down. Invariant: 0 unless it is. */
  #recoveryCount = 0;

  /**
   * The options are kept, not copied, so that a hundred thousand targets can share one object. With a
   * `verdict` it goes on from there: what was down takes the whole recovery.
   *
   * @throws {RangeError} If an option is out of its range.
   */
  constructor(options: VerdictOptions, verdict: Verdict = "unknown") {
    requireOptions("create", options);
    this.#options = options;
    this.#verdict = verdict;
  }

  get verdict(): Verdict {
    return this.#verdict;
  }

  /** Those in force. */
  get options(): VerdictOptions {
    return this.#options;
  }

  /** Heartbeats in a row since it was down, while it still is; else 0. */
  get recoveryCount(): number {
    return this.#recoveryCount;
  }

  /**
   * The φ at which silence, if nothing else arrives, changes something next; null if it cannot.
   * While down, the only thing left for silence to change is a recovery that has begun: the level
   * is `suspectPhi` until the count is back at none, and null from then on.
   */
  get nextLevel(): number | null {
    if (this.#verdict === "suspect") return this.#options.downPhi;
    if (this.#verdict === "down" && this.#recoveryCount === 0) return null;
    return this.#options.suspectPhi;
  }

  /** A heartbeat came. */
  heartbeat(): void {
    if (this.#verdict === "down" && ++this.#recoveryCount < this.#options.upAfterHeartbeats) return;
    this.#verdict = "up";
    this.#recoveryCount = 0;
  }

  /** A probe failed. That is no verdict, for the silence tells; but no recovery goes on over it. */
  failedProbe(): void {
    this.#recoveryCount = 0;
  }

  /** φ as it is now, when it has reached `nextLevel` or at any other time. */
  suspicion(phi: number): void {
    if (!(phi >= this.#options.suspectPhi)) return;
    this.#recoveryCount = 0;
    if (phi >= this.#options.downPhi) this.#verdict = "down";
    else if (this.#verdict !== "down") this.#verdict = "suspect";
  }

  /**
   * Goes on with other options. Neither the verdict nor a recovery changes by that: the next input
   * is judged by the new ones, so pass φ in to have them apply at once. What was suspect under the
   * old ones stays so until a heartbeat.
   *
   * @throws {RangeError} If an option is out of its range; then nothing has changed.
   */
  reconfigure(options: VerdictOptions): void {
    requireOptions("reconfigure", options);
    this.#options = options;
  }
}

function requireOptions(action: "create" | "reconfigure", options: VerdictOptions): void {
  const { suspectPhi, downPhi, upAfterHeartbeats } = options;
  const require = (name: keyof VerdictOptions, isMet: boolean, rule: string): void => {
    if (isMet) return;
    throw new RangeError(
      `Cannot ${action} VerdictMachine: "${name}" must be ${rule}, received ${options[name]}`,
    );
  };
  require("suspectPhi", suspectPhi > 0, "> 0");
  require("downPhi", downPhi >= suspectPhi, `>= "suspectPhi" (${suspectPhi})`);
  require("downPhi", downPhi < Infinity, "finite");
  const isCount = Number.isSafeInteger(upAfterHeartbeats) && upAfterHeartbeats >= 1;
  require("upAfterHeartbeats", isCount, "an integer >= 1");
}
