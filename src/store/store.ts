/**
 * Where the config lives. Every implementation (in memory now, replicated later) keeps the same
 * promises: a write is whole or not at all, each write raises the revision by at least one, and a
 * subscriber hears of each change once, in order, after it is committed.
 */
import type { Target } from "../config/mod.ts";

/** A target and the revision at which it was last written: its ETag. */
export interface StoredTarget {
  readonly target: Target;
  readonly revision: number;
}

export interface ConfigSnapshot {
  /** 0 for a store never written to. */
  readonly revision: number;
  readonly targets: ReadonlyMap<string, StoredTarget>;
}

/** What a write expects to find: a revision, anything at all that exists (`*`), or nothing (`absent`). */
export type Precondition = number | "*" | "absent";

export type WriteResult =
  | { readonly ok: true; readonly revision: number; readonly created: boolean }
  | { readonly ok: false; readonly reason: "precondition_failed"; readonly revision: number | null }
  | { readonly ok: false; readonly reason: "not_found" }
  | { readonly ok: false; readonly reason: "too_many_targets"; readonly limit: number };

export interface ConfigChange {
  readonly revision: number;
  /** Created or replaced. A write that changes nothing is not a change. */
  readonly written: readonly Target[];
  readonly deleted: readonly string[];
}

export interface ConfigStore {
  read(): Promise<ConfigSnapshot>;
  /** Creates or replaces one target. `ifMatch` and the result are about this target's revision. */
  put(target: Target, ifMatch?: Precondition): Promise<WriteResult>;
  delete(name: string, ifMatch?: Precondition): Promise<WriteResult>;
  /** Replaces the whole config. `ifMatch` is about the config's revision. */
  replace(targets: readonly Target[], ifMatch?: Precondition): Promise<WriteResult>;
  subscribe(listener: (change: ConfigChange) => void): () => void;
}
