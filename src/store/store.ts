/**
 * Where the config lives. Every implementation (in memory, replicated) keeps the same promises: a write
 * is whole or not at all, each write raises the revision by at least one, and a subscriber hears of
 * each change once, in order, after it is committed and before the write is answered here.
 */
import type { Target } from "../config/mod.ts";

/** A target and the revision at which it was last written: its ETag. */
export interface StoredTarget {
  readonly target: Target;
  readonly revision: number;
}

/** The config as of one revision. It never changes. */
export interface ConfigSnapshot {
  /** 0 for a store never written to. */
  readonly revision: number;
  readonly targets: ReadonlyMap<string, StoredTarget>;
}

/** What a write expects to find: a revision, anything at all that exists (`*`), or nothing (`absent`). */
export type Precondition = number | "*" | "absent";

/** A client's own name for one write, so that repeating it applies it once. */
export interface Idempotency {
  /** 1..128 characters. */
  readonly key: string;
  /**
   * Digest of everything that makes the write what it is; another under the same key is refused.
   * 1..256 characters.
   */
  readonly digest: string;
}

export interface WriteOptions {
  readonly ifMatch?: Precondition;
  readonly idempotency?: Idempotency;
}

/** How a write ended that the store has decided on: every replica says the same. */
export type DecidedResult =
  /** `revision` is the target's after `put`, the config's after `delete` and `replace`. */
  | { readonly ok: true; readonly revision: number; readonly created: boolean }
  /** `revision` is what is there; null where nothing is. */
  | { readonly ok: false; readonly reason: "precondition_failed"; readonly revision: number | null }
  | { readonly ok: false; readonly reason: "not_found" }
  | { readonly ok: false; readonly reason: "too_many_targets"; readonly limit: number }
  /** Another write came under the same idempotency key before. Nothing was applied. */
  | { readonly ok: false; readonly reason: "key_reused" };

/**
 * How a write ended. An idempotency key gives back every outcome again but `key_reused`, `too_large` and
 * `unavailable`.
 */
export type WriteResult =
  | DecidedResult
  /** It has more bytes, written out in full, than the log takes at once. Nothing was applied, nor ever will be. */
  | {
      readonly ok: false;
      readonly reason: "too_large";
      readonly writeBytes: number;
      readonly limitBytes: number;
    }
  /** `failed`: it has had no effect and never will. `unknown`: it may have had, or may have yet. */
  | {
      readonly ok: false;
      readonly reason: "unavailable";
      readonly outcome: "failed" | "unknown";
      readonly detail: string;
    };

export type ReadResult =
  | { readonly ok: true; readonly snapshot: ConfigSnapshot }
  | { readonly ok: false; readonly reason: "unavailable"; readonly detail: string };

export interface ConfigChange {
  readonly revision: number;
  /** Created or replaced. A write that changes nothing is not a change. */
  readonly written: readonly Target[];
  readonly deleted: readonly string[];
}

/** Writes and reads never reject, but for an `Idempotency` out of its ranges: that is a `RangeError`. */
export interface ConfigStore {
  /** Linearizable: has every write that was acknowledged anywhere before the call. */
  read(): Promise<ReadResult>;
  /**
   * What this monitor has now; may be behind. Always answers. After a write was answered `ok` here, it
   * has it.
   */
  readLocal(): ConfigSnapshot;
  /** Creates or replaces one target. `ifMatch` and the result are about this target's revision. */
  put(target: Target, options?: WriteOptions): Promise<WriteResult>;
  /** `ifMatch` is about this target's revision. */
  delete(name: string, options?: WriteOptions): Promise<WriteResult>;
  /** Replaces the whole config. `ifMatch` is about the config's revision. */
  replace(targets: readonly Target[], options?: WriteOptions): Promise<WriteResult>;
  /** The result ends the subscription. */
  subscribe(listener: (change: ConfigChange) => void): () => void;
}
