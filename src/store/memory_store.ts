/**
 * A `ConfigStore` that lives and dies with the process and belongs to nobody else: for isolates, which
 * have no disk and no peers, and for tests. It is always available.
 */
import type { Target } from "../config/mod.ts";
import { ChangeFeed, type ChangeListener } from "./change_feed.ts";
import { ConfigState, type ConfigLimits } from "./config_state.ts";
import { checkIdempotency, type ConfigWrite } from "./config_write.ts";
import type {
  ConfigSnapshot,
  ConfigStore,
  DecidedResult,
  ReadResult,
  WriteOptions,
} from "./store.ts";

export interface MemoryConfigStoreOptions extends Partial<ConfigLimits> {
  /** Hears what a listener threw; the others are called all the same. Default: an error that nobody handled. */
  readonly onListenerError?: (error: unknown) => void;
}

export class MemoryConfigStore implements ConfigStore {
  readonly #state: ConfigState;
  readonly #feed: ChangeFeed;
  #writeCount = 0;

  /** Throws RangeError for a limit that is not a whole number >= 1. */
  constructor({ onListenerError, ...limits }: MemoryConfigStoreOptions = {}) {
    this.#state = new ConfigState(limits);
    this.#feed = new ChangeFeed(onListenerError);
  }

  read(): Promise<ReadResult> {
    return Promise.resolve({ ok: true, snapshot: this.readLocal() });
  }

  readLocal(): ConfigSnapshot {
    return this.#state.snapshot();
  }

  put(target: Target, options?: WriteOptions): Promise<DecidedResult> {
    return this.#write({ ...options, kind: "put", target });
  }

  delete(name: string, options?: WriteOptions): Promise<DecidedResult> {
    return this.#write({ ...options, kind: "delete", name });
  }

  replace(targets: readonly Target[], options?: WriteOptions): Promise<DecidedResult> {
    return this.#write({ ...options, kind: "replace", targets });
  }

  subscribe(listener: ChangeListener): () => void {
    return this.#feed.subscribe(listener);
  }

  async #write(write: ConfigWrite): Promise<DecidedResult> {
    checkIdempotency(write.idempotency);
    const { result, change } = this.#state.write(write, ++this.#writeCount);
    if (change !== undefined) this.#feed.tell(change);
    return result;
  }
}
