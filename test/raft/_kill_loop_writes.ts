/**
 * What the process that is killed writes in one run: it follows from what it found at its start and from
 * a seed, and from nothing else, so that whoever kills it can tell what each write left behind.
 */
import {
  createSnapshot,
  firstSnapshot,
  type LogWrite,
  type StoredState,
} from "../../src/raft/mod.ts";
import { commandEntry, SUITE_MEMBERSHIP, written } from "../kit/log_storage_suite.ts";

export const FIRST = firstSnapshot(SUITE_MEMBERSHIP, Uint8Array.of(1));

/** Some of the entries take several pages. */
const ENTRY_BYTES = [0, 10, 100, 1_000, 3_000, 20_000];

/** Numbers in 0..1 from a seed (a linear congruential generator: good enough to choose by). */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export class KillLoopWrites {
  readonly #random: () => number;
  /** Each run has a term of its own, as a leader would. */
  readonly #term: number;
  #state: StoredState;

  constructor(stored: StoredState, seed: number) {
    this.#random = randomOf(seed);
    this.#term = stored.hardState.term + 1;
    this.#state = stored;
  }

  /** What the next run finds if the last write that was made is the last one stored. */
  get state(): StoredState {
    return this.#state;
  }

  next(): LogWrite {
    const write = this.#random() < 0.03 ? this.#snapshot() : this.#append();
    this.#state = written(this.#state, write);
    return write;
  }

  /** Entries after all others, or now and then in the place of some that are not committed. */
  #append(): LogWrite {
    const { hardState, compacted, entries } = this.#state;
    const last = entries.at(-1)?.index ?? compacted.index;
    const commit = this.#random() < 0.3 ? last : hardState.commit;
    const first = this.#random() < 0.05 ? commit + 1 + this.#upTo(last - commit) : last + 1;
    const added = Array.from({ length: this.#upTo(3) }, (_, place) => {
      const bytes = ENTRY_BYTES[this.#upTo(ENTRY_BYTES.length - 1)];
      return commandEntry(first + place, this.#term, bytes);
    });
    return { hardState: { term: this.#term, vote: "a", commit }, entries: added };
  }

  #snapshot(): LogWrite {
    const { hardState, entries } = this.#state;
    const at = entries.findLast(({ index }) => index <= hardState.commit);
    if (at === undefined || at.index <= this.#state.snapshot!.index) return { entries: [] };
    const data = new Uint8Array(this.#upTo(200_000)).fill(at.index & 0xff);
    const snapshot = createSnapshot(at.index, at.term, SUITE_MEMBERSHIP, data);
    return { snapshot, entries: [], compactThrough: at.index - this.#upTo(5) };
  }

  /** A whole number in 0..`most`. */
  #upTo(most: number): number {
    return Math.floor(this.#random() * (most + 1));
  }
}
