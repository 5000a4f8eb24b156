/**
 * Tells subscribers of changes: each change once to each of them, in order, whatever a listener does
 * meanwhile: throw, leave, or cause the next change.
 */
import type { ConfigChange } from "./store.ts";

export type ChangeListener = (change: ConfigChange) => void;

export class ChangeFeed {
  readonly #onListenerError: (error: unknown) => void;
  /** Keyed by a token, so that one function may listen twice. */
  readonly #listeners = new Map<symbol, ChangeListener>();
  readonly #unheard: ConfigChange[] = [];
  #isTelling = false;

  /**
   * `onListenerError` hears what a listener threw; the others are called all the same. Default: an
   * error that nobody handled.
   */
  constructor(onListenerError: (error: unknown) => void = throwLater) {
    this.#onListenerError = onListenerError;
  }

  /** The result ends the subscription. */
  subscribe(listener: ChangeListener): () => void {
    const token = Symbol("subscription");
    this.#listeners.set(token, listener);
    return () => void this.#listeners.delete(token);
  }

  /** Never throws. A change that comes up within a listener is told once all have heard this one. */
  tell(change: ConfigChange): void {
    this.#unheard.push(change);
    if (this.#isTelling) return;
    this.#isTelling = true;
    try {
      for (let next = this.#unheard.shift(); next !== undefined; next = this.#unheard.shift()) {
        for (const listener of this.#listeners.values()) this.#call(listener, next);
      }
    } finally {
      this.#isTelling = false;
    }
  }

  #call(listener: ChangeListener, change: ConfigChange): void {
    try {
      listener(change);
    } catch (error) {
      this.#onListenerError(error);
    }
  }
}

/** The write has been made and stands; what a listener threw belongs to whoever handles stray errors. */
function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
