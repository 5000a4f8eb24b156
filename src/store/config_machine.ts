/**
 * The config as a state machine of `src/raft`: commands in, answers out, and what changed to whoever
 * subscribed, as it is applied. A snapshot that is restored is a change too: of what differs.
 */
import { diffTargets, type Target } from "../config/mod.ts";
import type { AppliedCommand, ApplyResult, StateMachine } from "../raft/mod.ts";
import { ChangeFeed, type ChangeListener } from "./change_feed.ts";
import {
  contentsParts,
  decodeContents,
  decodeWrite,
  encodeContents,
  encodeDecided,
} from "./config_codec.ts";
import { ConfigState, type ConfigLimits } from "./config_state.ts";
import type { ConfigSnapshot } from "./store.ts";

export interface ConfigMachineOptions {
  /**
   * For a new cluster. All founding members must be given the same; after that the cluster's own hold,
   * since every snapshot brings them.
   */
  readonly limits?: Partial<ConfigLimits>;
  /** Hears what a listener threw; the others are called all the same. Default: an error that nobody handled. */
  readonly onListenerError?: (error: unknown) => void;
}

export class ConfigMachine implements StateMachine {
  #state: ConfigState;
  #lackedIndex: number | undefined;
  readonly #feed: ChangeFeed;

  /** Empty, at revision 0. Throws RangeError for a limit that is not a whole number >= 1. */
  constructor({ limits, onListenerError }: ConfigMachineOptions = {}) {
    this.#state = new ConfigState(limits);
    this.#feed = new ChangeFeed(onListenerError);
  }

  /** What was applied here until now. */
  readLocal(): ConfigSnapshot {
    return this.#state.snapshot();
  }

  /**
   * Where the first write stands that was passed over, and that no snapshot has brought since. What the state says from there
   * on, to a later write too, is not what members say that could read it. Undefined: it lacks nothing.
   */
  get lackedIndex(): number | undefined {
    return this.#lackedIndex;
  }

  /** As `ConfigStore.subscribe`. Who subscribes before the member is made hears of what it restores. */
  subscribe(listener: ChangeListener): () => void {
    return this.#feed.subscribe(listener);
  }

  apply({ index, data }: AppliedCommand): ApplyResult {
    const decoded = decodeWrite(data);
    if (!decoded.ok) {
      if (decoded.isLater) this.#lackedIndex ??= index;
      return unreadable(decoded.isLater, `config write unreadable: ${decoded.detail}`);
    }
    const { result, change } = this.#state.write(decoded.value, index);
    if (change !== undefined) this.#feed.tell(change);
    return { ok: true, output: encodeDecided(result) };
  }

  snapshot(): Uint8Array {
    return encodeContents(this.#state.contents());
  }

  /** A write that is applied meanwhile changes a copy. */
  snapshotParts(): Iterable<Uint8Array> {
    return contentsParts(this.#state.contents());
  }

  restore(data: Uint8Array): ReturnType<StateMachine["restore"]> {
    const decoded = decodeContents(data);
    if (!decoded.ok) return { ok: false, error: `config unreadable: ${decoded.detail}` };
    const before = this.#state.snapshot();
    this.#state = ConfigState.from(decoded.value);
    this.#lackedIndex = undefined;
    const { revision } = decoded.value;
    const { written, deleted } = diffTargets(targetsOf(before), targetsOf(decoded.value));
    // The revision alone is worth telling: it is what readers compare with.
    if (revision !== before.revision || written.length + deleted.length > 0) {
      this.#feed.tell({ revision, written, deleted });
    }
    return { ok: true };
  }
}

function unreadable(isLater: boolean, error: string): ApplyResult {
  return isLater ? { ok: false, error, isPassedOver: true } : { ok: false, error };
}

function* targetsOf({ targets }: ConfigSnapshot): Generator<Target> {
  for (const { target } of targets.values()) yield target;
}
