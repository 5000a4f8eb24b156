/**
 * Where a member keeps its log if it is to forget it: a `LogStorage` in memory, for `:memory:` and for
 * tests. What is written is there at once, and told soon. A log may be opened again, as a disk may, as
 * long as the process lives.
 */
import {
  INITIAL_HARD_STATE,
  type Entry,
  type HardState,
  type LogPosition,
  type LogStorage,
  type LogWrite,
  type Snapshot,
  type StoredState,
} from "../raft/mod.ts";

export interface MemoryLogOptions {
  /** What a founding member starts from; without one it joins. */
  readonly firstSnapshot?: Snapshot;
  /**
   * The number of its first start, >= 1. Default 1, which only a cluster of one may have: elsewhere a
   * member that comes back without its memory must not count as the one it was, and takes a random one.
   */
  readonly firstIncarnation?: number;
  /** Runs its argument soon, and never at once. Default: as a microtask. */
  readonly soon?: (run: () => void) => void;
}

export class MemoryLog {
  readonly #soon: (run: () => void) => void;
  #incarnation: number;
  #hardState: HardState = INITIAL_HARD_STATE;
  #snapshot: Snapshot | undefined;
  #compacted: LogPosition = { index: 0, term: 0 };
  /** Invariant: they follow on `#compacted` without a gap. */
  #entries: Entry[] = [];

  constructor({
    firstSnapshot,
    firstIncarnation = 1,
    soon = queueMicrotask,
  }: MemoryLogOptions = {}) {
    this.#soon = (run) => soon(run);
    this.#incarnation = firstIncarnation - 1;
    if (firstSnapshot === undefined) return;
    const { index, term } = firstSnapshot;
    this.#hardState = { term, vote: undefined, commit: index };
    this.#snapshot = firstSnapshot;
    this.#compacted = { index, term };
  }

  /** Begins a run: what a member starts from, and what it writes to. */
  open(): { readonly storage: LogStorage; readonly stored: StoredState } {
    this.#incarnation++;
    const stored = {
      hardState: this.#hardState,
      snapshot: this.#snapshot,
      compacted: this.#compacted,
      entries: [...this.#entries],
      incarnation: this.#incarnation,
    };
    return { storage: this.#storage(), stored };
  }

  #storage(): LogStorage {
    return {
      store: (write, done) => {
        this.#write(write);
        this.#soon(() => done({ ok: true }));
      },
      readSnapshot: (done) => {
        const snapshot = this.#snapshot;
        this.#soon(() =>
          done(
            snapshot === undefined
              ? { ok: false, detail: "there is no snapshot" }
              : { ok: true, snapshot },
          ),
        );
      },
      isLowOnSpace: () => false,
    };
  }

  #write({ hardState, snapshot, discardsLog, entries, compactThrough }: LogWrite): void {
    if (hardState !== undefined) this.#hardState = hardState;
    if (snapshot !== undefined) this.#snapshot = { ...snapshot, data: snapshot.data.slice() };
    if (discardsLog && snapshot !== undefined) {
      this.#compacted = { index: snapshot.index, term: snapshot.term };
      this.#entries = [];
    }
    const [first] = entries;
    if (first !== undefined) {
      this.#entries.length = first.index - this.#compacted.index - 1;
      for (const entry of entries) this.#entries.push(ownCopy(entry));
    }
    if (compactThrough !== undefined) this.#compact(compactThrough);
  }

  #compact(throughIndex: number): void {
    const count = throughIndex - this.#compacted.index;
    const last = this.#entries[count - 1];
    if (last === undefined) return;
    this.#compacted = { index: last.index, term: last.term };
    this.#entries = this.#entries.slice(count);
  }
}

/** The caller's bytes may change. */
function ownCopy(entry: Entry): Entry {
  const { body } = entry;
  switch (body.kind) {
    case "command":
      return { ...entry, body: { ...body, data: body.data.slice() } };
    case "unreadable":
      return { ...entry, body: { ...body, bytes: body.bytes.slice() } };
    case "noop":
    case "membership":
      return entry;
  }
}
