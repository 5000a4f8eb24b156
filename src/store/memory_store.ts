/**
 * A `ConfigStore` that lives and dies with the process: writes in, snapshots and changes out. There is one map,
 * which writes change in place; `read` hands that map out and marks it as shared, and the next write copies it
 * first. So a hundred thousand writes in a row copy nothing, and a snapshot never changes.
 */
import { diffTargets, MAX_TARGETS, sameTarget, type Target } from "../config/mod.ts";
import type {
  ConfigChange,
  ConfigSnapshot,
  ConfigStore,
  Precondition,
  StoredTarget,
  WriteResult,
} from "./store.ts";

type Listener = (change: ConfigChange) => void;

export interface MemoryConfigStoreOptions {
  /** Writes that would exceed it are refused. */
  readonly maxTargets?: number;
  /** Hears what a listener threw; the others are called all the same. Default: an error that nobody handled. */
  readonly onListenerError?: (error: unknown) => void;
}

export class MemoryConfigStore implements ConfigStore {
  readonly #maxTargets: number;
  readonly #onListenerError: (error: unknown) => void;
  /** Keyed by a token, so that one function may listen twice. */
  readonly #listeners = new Map<symbol, Listener>();
  /** Invariant: a map that a snapshot holds is never written to. */
  #targets = new Map<string, StoredTarget>();
  #isShared = false;
  /** Invariant: not below the revision of any target. */
  #revision = 0;
  readonly #unheard: ConfigChange[] = [];
  #isTelling = false;

  constructor({
    maxTargets = MAX_TARGETS,
    onListenerError = throwLater,
  }: MemoryConfigStoreOptions = {}) {
    this.#maxTargets = maxTargets;
    this.#onListenerError = onListenerError;
  }

  read(): Promise<ConfigSnapshot> {
    this.#isShared = true;
    return Promise.resolve({ revision: this.#revision, targets: this.#targets });
  }

  put(target: Target, ifMatch?: Precondition): Promise<WriteResult> {
    return Promise.resolve(this.#put(target, ifMatch));
  }

  delete(name: string, ifMatch?: Precondition): Promise<WriteResult> {
    return Promise.resolve(this.#delete(name, ifMatch));
  }

  replace(targets: readonly Target[], ifMatch?: Precondition): Promise<WriteResult> {
    return Promise.resolve(this.#replace(targets, ifMatch));
  }

  subscribe(listener: Listener): () => void {
    const token = Symbol("subscription");
    this.#listeners.set(token, listener);
    return () => void this.#listeners.delete(token);
  }

  #put(target: Target, ifMatch: Precondition | undefined): WriteResult {
    const old = this.#targets.get(target.name);
    if (!holds(ifMatch, old?.revision)) return preconditionFailed(old?.revision);
    if (old !== undefined && sameTarget(old.target, target)) {
      return { ok: true, revision: old.revision, created: false };
    }
    if (old === undefined && this.#targets.size >= this.#maxTargets) return this.#tooMany();
    const revision = ++this.#revision;
    this.#ownTargets().set(target.name, { target, revision });
    this.#tell({ revision, written: [target], deleted: [] });
    return { ok: true, revision, created: old === undefined };
  }

  #delete(name: string, ifMatch: Precondition | undefined): WriteResult {
    const old = this.#targets.get(name);
    if (!holds(ifMatch, old?.revision)) return preconditionFailed(old?.revision);
    if (old === undefined) return { ok: false, reason: "not_found" };
    const revision = ++this.#revision;
    this.#ownTargets().delete(name);
    this.#tell({ revision, written: [], deleted: [name] });
    return { ok: true, revision, created: false };
  }

  #replace(targets: readonly Target[], ifMatch: Precondition | undefined): WriteResult {
    // A config always exists, if only as the empty one of revision 0.
    if (!holds(ifMatch, this.#revision)) return preconditionFailed(this.#revision);
    const after = new Map(targets.map((target) => [target.name, target]));
    if (after.size > this.#maxTargets) return this.#tooMany();
    const before = Array.from(this.#targets.values(), ({ target }) => target);
    const { written, deleted } = diffTargets(before, after.values());
    if (written.length + deleted.length === 0) {
      return { ok: true, revision: this.#revision, created: false };
    }
    const revision = ++this.#revision;
    const changed = new Set(written);
    const stored = new Map<string, StoredTarget>();
    for (const [name, target] of after) {
      const old = changed.has(target) ? undefined : this.#targets.get(name);
      stored.set(name, old ?? { target, revision });
    }
    this.#targets = stored;
    this.#isShared = false;
    this.#tell({ revision, written, deleted });
    return { ok: true, revision, created: false };
  }

  #ownTargets(): Map<string, StoredTarget> {
    if (this.#isShared) {
      this.#targets = new Map(this.#targets);
      this.#isShared = false;
    }
    return this.#targets;
  }

  /** A write from within a listener is told once all have heard of the one before. */
  #tell(change: ConfigChange): void {
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

  #call(listener: Listener, change: ConfigChange): void {
    try {
      listener(change);
    } catch (error) {
      this.#onListenerError(error);
    }
  }

  #tooMany(): WriteResult {
    return { ok: false, reason: "too_many_targets", limit: this.#maxTargets };
  }
}

function holds(ifMatch: Precondition | undefined, revision: number | undefined): boolean {
  if (ifMatch === undefined) return true;
  if (ifMatch === "absent") return revision === undefined;
  return ifMatch === "*" ? revision !== undefined : revision === ifMatch;
}

function preconditionFailed(revision: number | undefined): WriteResult {
  return { ok: false, reason: "precondition_failed", revision: revision ?? null };
}

/** The write has been made and stands; what a listener threw belongs to whoever handles stray errors. */
function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
