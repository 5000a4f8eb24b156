/**
 * Says in the log what has become of the config: a change at once, and what changes within a second of that
 * in one line at its end. So a stream of writes is a line a second, and not the log's work alone.
 */
import type { Timers } from "../port.ts";
import type { ConfigChange } from "../store/mod.ts";

export interface ConfigNews {
  /** The latest. */
  readonly revision: number;
  /** How many targets, one that was written twice counting twice. */
  readonly written: number;
  readonly deleted: number;
}

const GATHER_MS = 1_000;

export class ConfigTeller {
  readonly #timers: Pick<Timers, "after">;
  readonly #tell: (news: ConfigNews) => void;
  #untold: ConfigNews | undefined;
  #cancelTimer: (() => void) | undefined;

  constructor(timers: Pick<Timers, "after">, tell: (news: ConfigNews) => void) {
    this.#timers = timers;
    this.#tell = tell;
  }

  changed({ revision, written, deleted }: ConfigChange): void {
    const before = this.#untold ?? { written: 0, deleted: 0 };
    this.#untold = {
      revision,
      written: before.written + written.length,
      deleted: before.deleted + deleted.length,
    };
    if (this.#cancelTimer === undefined) this.#tellUntold();
  }

  /** Says what is still to be said, and nothing after it. */
  close(): void {
    this.#cancelTimer?.();
    if (this.#untold !== undefined) this.#tell(this.#untold);
    this.#untold = undefined;
  }

  #tellUntold(): void {
    this.#cancelTimer = undefined;
    const news = this.#untold;
    if (news === undefined) return;
    this.#untold = undefined;
    this.#cancelTimer = this.#timers.after(GATHER_MS, () => this.#tellUntold());
    this.#tell(news);
  }
}
