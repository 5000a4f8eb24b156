/**
 * What became of the writes that had an idempotency key: key and digest in, the outcome to give back
 * out. Bounded in number, and in age counted in positions of the log, never in time, so that every
 * replica forgets the same key at the same place.
 */
import type { DecidedResult, Idempotency } from "./store.ts";

/** One write that was decided under a key. */
export interface IdempotentOutcome extends Idempotency {
  /** Where in the log it was decided. */
  readonly position: number;
  readonly result: DecidedResult;
}

export class IdempotencyTable {
  readonly #maxKeys: number;
  readonly #expireAfter: number;
  /** By key. Invariant: in ascending order of position; at most `maxKeys`. */
  readonly #outcomes = new Map<string, IdempotentOutcome>();

  /**
   * `outcomes` are in ascending order of position. `maxKeys`: more costs memory and larger snapshots;
   * `expireAfter` positions a key is forgotten, so that a slow retry is applied again.
   */
  constructor(maxKeys: number, expireAfter: number, outcomes: Iterable<IdempotentOutcome> = []) {
    this.#maxKeys = maxKeys;
    this.#expireAfter = expireAfter;
    for (const outcome of outcomes) this.#outcomes.set(outcome.key, outcome);
  }

  get size(): number {
    return this.#outcomes.size;
  }

  /** The oldest first. */
  outcomes(): Iterable<IdempotentOutcome> {
    return this.#outcomes.values();
  }

  /** Forgets what is too old as of `position`. */
  expire(position: number): void {
    for (const outcome of this.#outcomes.values()) {
      if (position - outcome.position <= this.#expireAfter) return;
      this.#outcomes.delete(outcome.key);
    }
  }

  /** What to answer instead of writing; undefined for a key that is not known. */
  find({ key, digest }: Idempotency): DecidedResult | undefined {
    const known = this.#outcomes.get(key);
    if (known === undefined) return undefined;
    return known.digest === digest ? known.result : { ok: false, reason: "key_reused" };
  }

  /** A key that is not known yet. Makes room by forgetting the oldest. */
  record(outcome: IdempotentOutcome): void {
    for (const key of this.#outcomes.keys()) {
      if (this.#outcomes.size < this.#maxKeys) break;
      this.#outcomes.delete(key);
    }
    this.#outcomes.set(outcome.key, outcome);
  }
}
