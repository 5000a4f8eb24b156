/**
 * Sends one receiver's notice, again and again until it is taken, refused, or nobody's to send any more. It
 * sends at least once: a notice that was taken, while the answer or the record of it was lost, is sent again
 * under the same key.
 */
import type { Random } from "../port.ts";
import type { Notice } from "../store/mod.ts";
import type { PostOutcome } from "./post.ts";

/** Between two attempts: doubled with each failure, and up to a fifth more. */
const FIRST_PAUSE_MS = 1_000;
/** More spares a receiver that is down; less tells sooner once it is up again. */
const MAX_PAUSE_MS = 30_000;
/** A receiver may ask for more patience, but not for ever. */
const MAX_RETRY_AFTER_MS = 300_000;

export interface DeliveryWorld {
  readonly random: Random;
  readonly nowMs: () => number;
  /** Makes one attempt. Never rejects. */
  readonly send: (notice: Notice) => Promise<PostOutcome>;
  /** An attempt ended. */
  readonly onAttempt: (notice: Notice, outcome: PostOutcome) => void;
}

export class Delivery {
  readonly #world: DeliveryWorld;
  #isUnderWay = false;
  #failureCount = 0;
  #nextMs = 0;
  #lastError: string | undefined;
  /** How the last one under this number ended, until the record says so. */
  #settled: { readonly number: number; readonly isDelivered: boolean } | undefined;

  constructor(world: DeliveryWorld) {
    this.#world = world;
  }

  /** Attempts since the last success. */
  get failureCount(): number {
    return this.#failureCount;
  }

  /** Why the last attempt failed; undefined once one succeeded. */
  get lastError(): string | undefined {
    return this.#lastError;
  }

  /** On this monitor's clock: not before then. */
  get nextMs(): number {
    return this.#nextMs;
  }

  /** What is to be recorded; undefined if nothing. */
  settledOf(notice: Notice | undefined) {
    return this.#settled?.number === notice?.number ? this.#settled : undefined;
  }

  /** This notice is to be sent now, or none is. To be called again and again. */
  attend(notice: Notice | undefined): void {
    if (notice === undefined || this.#isUnderWay || this.settledOf(notice) !== undefined) return;
    if (this.#world.nowMs() < this.#nextMs) return;
    this.#isUnderWay = true;
    void this.#attempt(notice);
  }

  /** Somebody else sends now. What was learned of the receiver is of another time. */
  rest(): void {
    this.#failureCount = 0;
    this.#nextMs = 0;
  }

  async #attempt(notice: Notice): Promise<void> {
    const outcome = await this.#world.send(notice);
    this.#isUnderWay = false;
    if (outcome.kind === "failed") this.#failed(outcome);
    else this.#ended(notice, outcome);
    this.#world.onAttempt(notice, outcome);
  }

  #failed({ detail, retryAfterMs = 0 }: Extract<PostOutcome, { kind: "failed" }>): void {
    const { random, nowMs } = this.#world;
    this.#lastError = detail;
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** this.#failureCount++, MAX_PAUSE_MS);
    const askedMs = Math.min(retryAfterMs, MAX_RETRY_AFTER_MS);
    this.#nextMs = nowMs() + Math.max(pauseMs * (1 + random() / 5), askedMs);
  }

  #ended({ number }: Notice, outcome: PostOutcome): void {
    this.#settled = { number, isDelivered: outcome.kind === "taken" };
    this.#failureCount = 0;
    this.#nextMs = 0;
    this.#lastError = outcome.kind === "refused" ? outcome.detail : undefined;
  }
}
