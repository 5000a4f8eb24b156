/**
 * The config and the rules of writing it: writes in, results and changes out, at once and with no
 * world around. The same writes at the same positions give the same state and the same answers on every
 * replica. There is one map, which writes change in place; `snapshot` hands that map out and marks it
 * as shared, and the next write copies it first. So a hundred thousand writes in a row copy nothing,
 * and a snapshot never changes.
 */
import { diffTargets, MAX_TARGETS, sameTarget, type Target } from "../config/mod.ts";
import type { ConfigWrite } from "./config_write.ts";
import { IdempotencyTable, type IdempotentOutcome } from "./idempotency_table.ts";
import type {
  ConfigChange,
  ConfigSnapshot,
  DecidedResult,
  Precondition,
  StoredTarget,
} from "./store.ts";

/** Part of the state: replicas with other limits would answer otherwise. All are whole numbers >= 1. */
export interface ConfigLimits {
  /** Writes that would exceed it are refused. */
  readonly maxTargets: number;
  /** Idempotency keys that are remembered; beyond it the oldest is forgotten. */
  readonly maxKeys: number;
  /** Positions of the log (or writes, where there is none) after which a key is forgotten. */
  readonly keysExpireAfter: number;
}

export const DEFAULT_CONFIG_LIMITS: ConfigLimits = {
  maxTargets: MAX_TARGETS,
  maxKeys: 4_096,
  keysExpireAfter: 100_000,
};

/** All that a state is, as plain data. */
export interface ConfigContents extends ConfigSnapshot {
  readonly limits: ConfigLimits;
  /** In ascending order of position. */
  readonly outcomes: readonly IdempotentOutcome[];
}

export interface Decision {
  readonly result: DecidedResult;
  /** Undefined if the write changed nothing. */
  readonly change: ConfigChange | undefined;
}

export class ConfigState {
  readonly limits: ConfigLimits;
  /** Invariant: a map that a snapshot holds is never written to. */
  #targets: Map<string, StoredTarget>;
  #isShared = false;
  /** Invariant: not below the revision of any target. */
  #revision: number;
  readonly #keys: IdempotencyTable;

  /** Empty, at revision 0. Throws RangeError for a limit that is not a whole number >= 1. */
  constructor(limits: Partial<ConfigLimits> = {}, contents?: ConfigContents) {
    this.limits = { ...DEFAULT_CONFIG_LIMITS, ...limits };
    for (const [name, value] of Object.entries(this.limits)) checkLimit(name, value);
    this.#targets = new Map(contents?.targets);
    this.#revision = contents?.revision ?? 0;
    const { maxKeys, keysExpireAfter } = this.limits;
    this.#keys = new IdempotencyTable(maxKeys, keysExpireAfter, contents?.outcomes);
  }

  /** A state with these contents, and the limits that are part of them. */
  static from(contents: ConfigContents): ConfigState {
    return new ConfigState(contents.limits, contents);
  }

  /** The config as it is now. The same object's map until the next change. */
  snapshot(): ConfigSnapshot {
    this.#isShared = true;
    return { revision: this.#revision, targets: this.#targets };
  }

  contents(): ConfigContents {
    return { ...this.snapshot(), limits: this.limits, outcomes: [...this.#keys.outcomes()] };
  }

  /** Decides on a write. `position` is its place in the log, higher than that of the write before. */
  write(write: ConfigWrite, position: number): Decision {
    // First and always: what is remembered may depend on nothing but the log.
    this.#keys.expire(position);
    const { idempotency } = write;
    if (idempotency === undefined) return this.#decide(write);
    const known = this.#keys.find(idempotency);
    if (known !== undefined) return refuse(known);
    const decision = this.#decide(write);
    const { key, digest } = idempotency;
    this.#keys.record({ key, digest, position, result: decision.result });
    return decision;
  }

  #decide(write: ConfigWrite): Decision {
    switch (write.kind) {
      case "put":
        return this.#put(write.target, write.ifMatch);
      case "delete":
        return this.#delete(write.name, write.ifMatch);
      case "replace":
        return this.#replace(write.targets, write.ifMatch);
    }
  }

  #put(target: Target, ifMatch: Precondition | undefined): Decision {
    const old = this.#targets.get(target.name);
    if (!holds(ifMatch, old?.revision)) return preconditionFailed(old?.revision);
    if (old !== undefined && sameTarget(old.target, target)) {
      return { result: { ok: true, revision: old.revision, created: false }, change: undefined };
    }
    if (old === undefined && this.#targets.size >= this.limits.maxTargets) return this.#tooMany();
    const revision = ++this.#revision;
    this.#ownTargets().set(target.name, { target, revision });
    return {
      result: { ok: true, revision, created: old === undefined },
      change: { revision, written: [target], deleted: [] },
    };
  }

  #delete(name: string, ifMatch: Precondition | undefined): Decision {
    const old = this.#targets.get(name);
    if (!holds(ifMatch, old?.revision)) return preconditionFailed(old?.revision);
    if (old === undefined) return refuse({ ok: false, reason: "not_found" });
    const revision = ++this.#revision;
    this.#ownTargets().delete(name);
    return {
      result: { ok: true, revision, created: false },
      change: { revision, written: [], deleted: [name] },
    };
  }

  #replace(targets: readonly Target[], ifMatch: Precondition | undefined): Decision {
    // A config always exists, if only as the empty one of revision 0.
    if (!holds(ifMatch, this.#revision)) return preconditionFailed(this.#revision);
    const after = new Map(targets.map((target) => [target.name, target]));
    if (after.size > this.limits.maxTargets) return this.#tooMany();
    const before = Array.from(this.#targets.values(), ({ target }) => target);
    const { written, deleted } = diffTargets(before, after.values());
    if (written.length + deleted.length === 0) {
      return {
        result: { ok: true, revision: this.#revision, created: false },
        change: undefined,
      };
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
    return {
      result: { ok: true, revision, created: false },
      change: { revision, written, deleted },
    };
  }

  #ownTargets(): Map<string, StoredTarget> {
    if (this.#isShared) {
      this.#targets = new Map(this.#targets);
      this.#isShared = false;
    }
    return this.#targets;
  }

  #tooMany(): Decision {
    return refuse({ ok: false, reason: "too_many_targets", limit: this.limits.maxTargets });
  }
}

function holds(ifMatch: Precondition | undefined, revision: number | undefined): boolean {
  if (ifMatch === undefined) return true;
  if (ifMatch === "absent") return revision === undefined;
  return ifMatch === "*" ? revision !== undefined : revision === ifMatch;
}

function preconditionFailed(revision: number | undefined): Decision {
  return refuse({ ok: false, reason: "precondition_failed", revision: revision ?? null });
}

function refuse(result: DecidedResult): Decision {
  return { result, change: undefined };
}

function checkLimit(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw new RangeError(
    `Cannot create ConfigState: "${name}" must be a whole number >= 1, received ${value}`,
  );
}
