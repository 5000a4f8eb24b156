/**
 * How long each target has been what the observers together hold it for: changes of the combined verdict in,
 * and the moment of the last one out. Every monitor keeps this, whether it leads or not, so that whoever comes
 * to lead knows how long a verdict has lasted already. A while in which nothing is known of a target neither
 * ends a verdict nor counts as another.
 */
import type { CombinedChange, ObserversReading } from "../observers/mod.ts";
import type { CombinedVerdict } from "../verdict/mod.ts";

/** A verdict that lasts. */
export interface Lasting {
  readonly target: string;
  /** Never `unknown`: that is `isKnown` false, beside what was held before. */
  readonly verdict: CombinedVerdict;
  /** On this monitor's clock. */
  readonly sinceMs: number;
  readonly sinceWallMs: number;
  /** On this monitor's clock: since when it has known anything, and when each other verdict ended that it saw. */
  readonly firstMs: number;
  readonly endedMs: ReadonlyMap<string, number>;
  /** In a few words, for people. */
  readonly reason: string;
  /** False while the observers cannot say. */
  readonly isKnown: boolean;
  /** There was no room to record it: it is not tried again. */
  readonly isGivenUp: boolean;
}

/** Since when, on this monitor's clock, it has been anything but this verdict: whatever came and went since then. */
export function isOtherSinceMs({ firstMs, endedMs }: Lasting, verdict: string): number {
  return endedMs.get(verdict) ?? firstMs;
}

/** Whether this monitor itself knows that a verdict has ended: it saw it end, or the target up. */
export function isSeenOver({ verdict, endedMs }: Lasting, told: string): boolean {
  return verdict === "up" || endedMs.has("up") || endedMs.has(told);
}

export class VerdictWatch {
  readonly #lasting = new Map<string, Lasting>();
  /** Those that were known until `doubtAll`, and of which nothing was heard since. */
  readonly #doubted = new Set<string>();
  /** Invariant: those of them whose verdict is not `up`. */
  readonly #notUp = new Set<string>();
  /** Invariant: those of `#notUp` of which nobody has said that they need no more looking at. */
  readonly #unseen = new Set<string>();

  /** Takes what is held now for what has just begun, of these targets. */
  begin(
    targets: Iterable<string>,
    observers: Pick<ObserversReading, "combined">,
    nowMs: number,
  ): void {
    for (const target of targets) {
      const reading = observers.combined(target);
      if (reading === undefined || reading.verdict === "unknown") continue;
      const { verdict, sinceWallMs } = reading;
      const reason = `it was ${verdict} when this monitor began to look`;
      this.#begin({ target, verdict, sinceMs: nowMs, sinceWallMs, reason });
    }
  }

  onChange({ target, to, reason, atWallMs }: CombinedChange, nowMs: number): void {
    const before = this.#lasting.get(target);
    this.#doubted.delete(target);
    if (to === "unknown") {
      if (before !== undefined) this.#lasting.set(target, { ...before, isKnown: false });
    } else if (before?.verdict === to) {
      this.#lasting.set(target, { ...before, isKnown: true });
    } else {
      this.#begin({ target, verdict: to, sinceMs: nowMs, sinceWallMs: atWallMs, reason });
    }
  }

  /** Whoever says what is held is not to be believed now: until a target is heard of anew, it is not known. */
  doubtAll(): void {
    for (const [target, lasting] of this.#lasting) {
      if (!lasting.isKnown) continue;
      this.#lasting.set(target, { ...lasting, isKnown: false });
      this.#doubted.add(target);
    }
  }

  /** What was held before the doubt, and has not changed, is known again. */
  believeAll(): void {
    for (const target of this.#doubted) {
      this.#lasting.set(target, { ...this.#lasting.get(target)!, isKnown: true });
    }
    this.#doubted.clear();
  }

  /** It is not watched any more. */
  forget(target: string): void {
    this.#lasting.delete(target);
    this.#doubted.delete(target);
    this.#notUp.delete(target);
    this.#unseen.delete(target);
  }

  giveUp(target: string): void {
    const lasting = this.#lasting.get(target);
    if (lasting !== undefined) this.#lasting.set(target, { ...lasting, isGivenUp: true });
  }

  /** Undefined for a target of which nothing was ever known. */
  of(target: string): Lasting | undefined {
    return this.#lasting.get(target);
  }

  /** Those that are not up, nor were when something was known last. */
  *notUp(): Generator<Lasting> {
    for (const target of this.#notUp) yield this.#lasting.get(target)!;
  }

  /** Those of `notUp` that are to be looked at: all, but for those that were said to be seen since they began. */
  *unseen(): Generator<Lasting> {
    for (const target of this.#unseen) yield this.#lasting.get(target)!;
  }

  /** It is in the record: it need not be looked at again, as long as this verdict lasts. */
  seen(target: string): void {
    this.#unseen.delete(target);
  }

  /** It is not in the record any more, though it was seen there. */
  lookAgainAt(target: string): void {
    if (this.#notUp.has(target)) this.#unseen.add(target);
  }

  /** Nothing is known to be in the record any more. */
  lookAgain(): void {
    for (const target of this.#notUp) this.#unseen.add(target);
  }

  #begin(
    lasting: Pick<Lasting, "target" | "verdict" | "sinceMs" | "sinceWallMs" | "reason">,
  ): void {
    const { target, verdict, sinceMs } = lasting;
    const before = this.#lasting.get(target);
    const endedMs = new Map(before?.endedMs);
    if (before !== undefined) endedMs.set(before.verdict, sinceMs);
    const firstMs = before?.firstMs ?? sinceMs;
    this.#lasting.set(target, { ...lasting, firstMs, endedMs, isKnown: true, isGivenUp: false });
    for (const set of [this.#notUp, this.#unseen]) {
      if (verdict === "up") set.delete(target);
      else set.add(target);
    }
  }
}
