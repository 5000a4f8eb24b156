import type { Target } from "../config/mod.ts";
import type {
  ConfigSnapshot,
  ConfigStore,
  Precondition,
  StoredTarget,
  WriteResult,
} from "../store/mod.ts";

/** A store without frills. */
export class TestStore implements ConfigStore {
  #revision = 0;
  #targets = new Map<string, StoredTarget>();
  limit = 100;

  async read(): Promise<ConfigSnapshot> {
    return { revision: this.#revision, targets: this.#targets };
  }
  async put(target: Target, ifMatch?: Precondition): Promise<WriteResult> {
    const old = this.#targets.get(target.name);
    if (!holds(ifMatch, old?.revision ?? null)) return failed(old?.revision ?? null);
    if (old === undefined && this.#targets.size >= this.limit)
      return { ok: false, reason: "too_many_targets", limit: this.limit };
    this.#revision++;
    this.#targets = new Map(this.#targets).set(target.name, { target, revision: this.#revision });
    return { ok: true, revision: this.#revision, created: old === undefined };
  }
  async delete(name: string, ifMatch?: Precondition): Promise<WriteResult> {
    const old = this.#targets.get(name);
    if (!holds(ifMatch, old?.revision ?? null)) return failed(old?.revision ?? null);
    if (old === undefined) return { ok: false, reason: "not_found" };
    this.#targets = new Map(this.#targets);
    this.#targets.delete(name);
    return { ok: true, revision: ++this.#revision, created: false };
  }
  async replace(targets: readonly Target[], ifMatch?: Precondition): Promise<WriteResult> {
    if (!holds(ifMatch, this.#revision)) return failed(this.#revision);
    const revision = ++this.#revision;
    this.#targets = new Map(targets.map((target) => [target.name, { target, revision }]));
    return { ok: true, revision, created: false };
  }
  subscribe(): () => void {
    return () => {};
  }
}
function holds(condition: Precondition | undefined, revision: number | null): boolean {
  if (condition === undefined) return true;
  if (condition === "*") return revision !== null;
  return condition === "absent" ? revision === null : condition === revision;
}
function failed(revision: number | null): WriteResult {
  return { ok: false, reason: "precondition_failed", revision };
}
