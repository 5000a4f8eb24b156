/**
 * Finds that probes leave late: how late each one left comes in. A heartbeat that is late because it was
 * asked for late is nobody's but the monitor's fault. At 15,000 probes a second this is called for each, so
 * it counts in a few slots of time and keeps no probe.
 */
import { formatSeconds } from "./_format.ts";
import type { Cause } from "./cause.ts";

export interface ScheduleLagOptions {
  /**
   * A probe that leaves so late is a late one. Lower counts what is nothing to targets with the default
   * settings, which forgive two seconds; higher overlooks what quick ones are judged by. A target that is asked
   * more often than this is never so late, for its slots are skipped instead: the loop's gaps tell then.
   */
  readonly lateMs: number;
  /** Fewer late ones than this are chance. */
  readonly lateProbes: number;
  /** From this share of all probes in the window; > 0, at most 1. Lower doubts for one slow moment. */
  readonly lateShare: number;
  /** Longer finds rarer trouble, and forgets it later. */
  readonly windowMs: number;
}

export const DEFAULT_SCHEDULE_LAG: ScheduleLagOptions = {
  lateMs: 200,
  lateProbes: 3,
  lateShare: 0.05,
  windowMs: 10_000,
};

const SLOTS = 10;

export class ScheduleLag implements Cause {
  readonly doubt = "schedule_lag";
  readonly #options: ScheduleLagOptions;
  readonly #slotMs: number;
  /** By the slot's number, modulo their count. */
  readonly #sent = new Float64Array(SLOTS);
  readonly #late = new Float64Array(SLOTS);
  /** The newest slot that was counted in. */
  #slot = Number.NEGATIVE_INFINITY;
  lastPresentMs = Number.NEGATIVE_INFINITY;
  detail = "";

  constructor(options: ScheduleLagOptions = DEFAULT_SCHEDULE_LAG) {
    this.#options = options;
    this.#slotMs = options.windowMs / SLOTS;
  }

  /** A probe left, `lagMs` after it was due. */
  sent(nowMs: number, lagMs: number): void {
    const slot = Math.floor(nowMs / this.#slotMs);
    if (slot > this.#slot) this.#openSlot(slot);
    const index = this.#slot % SLOTS;
    this.#sent[index]!++;
    if (lagMs < this.#options.lateMs) return;
    this.#late[index]!++;
    this.#judge(nowMs);
  }

  #judge(nowMs: number): void {
    const { lateProbes, lateShare, lateMs, windowMs } = this.#options;
    const late = this.#late.reduce((sum, count) => sum + count, 0);
    const sent = this.#sent.reduce((sum, count) => sum + count, 0);
    if (late < lateProbes || late < sent * lateShare) return;
    this.lastPresentMs = nowMs;
    this.detail =
      `${late} of ${sent} probes within ${formatSeconds(windowMs)} ` +
      `left ${formatSeconds(lateMs)} late or more`;
  }

  /** Empties what has left the window. */
  #openSlot(slot: number): void {
    const first = Math.max(this.#slot + 1, slot - SLOTS + 1);
    for (let empty = first; empty <= slot; empty++) {
      this.#sent[empty % SLOTS] = 0;
      this.#late[empty % SLOTS] = 0;
    }
    this.#slot = slot;
  }
}
