/**
 * One target's verdict from one observer: heartbeats, failed probes and the suspicion of the moment come
 * in, `unknown | up | suspect | down` comes out. It has no clock; whoever owns it computes when φ will
 * reach `nextLevel` and tells it then. Down is left slowly, so that a server that flaps is not
 * called up by every answer it manages.
 */
import type { Verdict } from "./verdict.ts";

/** May be shared between machines. */
export interface VerdictOptions {
  /** φ from which a target is suspect; > 0. Lower warns sooner and more often. */
  readonly suspectPhi: number;
  /** φ from which it is down; >= suspectPhi. Lower detects sooner and is wrong more often. */
  readonly downPhi: number;
  /** Heartbeats in a row that end a down; an integer >= 1. More flaps less and recovers later. */
  readonly upAfterHeartbeats: number;
}

export class VerdictMachine {
  #options: VerdictOptions;
  #verdict: Verdict = "unknown";
  /** Invariant: 0 unless the verdict is down, and always below `upAfterHeartbeats`. */
  #heartbeatsInARow = 0;

  /** @throws {RangeError} If an option is out of its range. */
  constructor(options: VerdictOptions) {
    requireOptions("create", options);
    this.#options = options;
  }

  get verdict(): Verdict {
    return this.#verdict;
  }

  /**
   * The φ at which `suspicion` has something to say next if nothing arrives; null if it has not.
   * While a down is being left, that is the level at which the heartbeats so far no longer count.
   */
  get nextLevel(): number | null {
    if (this.#verdict === "suspect") return this.#options.downPhi;
    if (this.#verdict === "down" && this.#heartbeatsInARow === 0) return null;
    return this.#options.suspectPhi;
  }

  /** A heartbeat came. */
  heartbeat(): void {
    if (this.#verdict !== "down") {
      this.#verdict = "up";
      return;
    }
    this.#heartbeatsInARow++;
    if (this.#heartbeatsInARow < this.#options.upAfterHeartbeats) return;
    this.#verdict = "up";
    this.#heartbeatsInARow = 0;
  }

  /** A probe found no heartbeat: those that would end a down are counted anew. */
  failedProbe(): void {
    this.#heartbeatsInARow = 0;
  }

  /** The suspicion has risen to `phi`. Only ever worsens the verdict. */
  suspicion(phi: number): void {
    if (phi < this.#options.suspectPhi) return;
    this.#heartbeatsInARow = 0;
    if (phi >= this.#options.downPhi) this.#verdict = "down";
    else if (this.#verdict !== "down") this.#verdict = "suspect";
  }

  /** New levels; the verdict stays until the next input. */
  reconfigure(options: VerdictOptions): void {
    requireOptions("reconfigure", options);
    this.#options = options;
    this.#heartbeatsInARow = Math.min(this.#heartbeatsInARow, options.upAfterHeartbeats - 1);
  }
}

function requireOptions(verb: "create" | "reconfigure", options: VerdictOptions): void {
  const { suspectPhi, downPhi, upAfterHeartbeats } = options;
  const refuse = (what: string, received: number): never => {
    throw new RangeError(`Cannot ${verb} VerdictMachine: ${what}, received ${received}`);
  };
  if (!(suspectPhi > 0)) refuse('"suspectPhi" must be > 0', suspectPhi);
  if (!(downPhi >= suspectPhi)) refuse('"downPhi" must be >= "suspectPhi"', downPhi);
  if (!Number.isInteger(upAfterHeartbeats) || upAfterHeartbeats < 1) {
    refuse('"upAfterHeartbeats" must be an integer >= 1', upAfterHeartbeats);
  }
}
