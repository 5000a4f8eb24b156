/**
 * The phases that a probe passes through, and the time it spends in each. Entering a phase books the
 * time since the last entry to the phase that is left, so that no moment is counted twice or lost;
 * a phase entered again (a second address, a second connection) adds to its time.
 */
import type { ProbeTimings } from "./outcome.ts";

export const IDLE = 0;
/** Reading the files of secrets and authorities; counted in the total only. */
export const PREPARING = 1;
export const RESOLVING = 2;
export const CONNECTING = 3;
export const SECURING = 4;
export const WAITING = 5;
export const RECEIVING = 6;

/** What the phases are, for people. */
const ACTIVITIES = [
  "idle",
  "reading files",
  "looking the name up",
  "connecting",
  "in the TLS handshake",
  "waiting for the answer",
  "reading the answer",
] as const;

export type Phase = 0 | 1 | 2 | 3 | 4 | 5 | 6;

export class PhaseTimes {
  /** When the probe began. */
  readonly startMs: number;
  #phase: Phase = PREPARING;
  #phaseStartMs: number;
  #resolveMs = 0;
  #connectMs = 0;
  #tlsMs = 0;
  #firstByteMs = 0;
  #bodyMs = 0;

  /** Begins, in PREPARING. */
  constructor(nowMs: number) {
    this.startMs = nowMs;
    this.#phaseStartMs = nowMs;
  }

  get phase(): Phase {
    return this.#phase;
  }

  get activity(): string {
    return ACTIVITIES[this.#phase];
  }

  enter(phase: Phase, nowMs: number): void {
    const phaseMs = this.inPhaseMs(nowMs);
    if (this.#phase === WAITING) this.#firstByteMs += phaseMs;
    else if (this.#phase === RECEIVING) this.#bodyMs += phaseMs;
    else if (this.#phase === CONNECTING) this.#connectMs += phaseMs;
    else if (this.#phase === SECURING) this.#tlsMs += phaseMs;
    else if (this.#phase === RESOLVING) this.#resolveMs += phaseMs;
    this.#phase = phase;
    this.#phaseStartMs = nowMs;
  }

  /** How long the phase has lasted. */
  inPhaseMs(nowMs: number): number {
    return nowMs - this.#phaseStartMs;
  }

  /** Of the phases that were left. */
  timings(nowMs: number): ProbeTimings {
    return {
      resolveMs: this.#resolveMs,
      connectMs: this.#connectMs,
      tlsMs: this.#tlsMs,
      firstByteMs: this.#firstByteMs,
      bodyMs: this.#bodyMs,
      totalMs: nowMs - this.startMs,
    };
  }
}
