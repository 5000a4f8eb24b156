/**
 * Answers requests on the thread of the disk. Requests that come while a commit is under way wait, and
 * then the writes among them become one commit: the more there are, the less each costs. After the first
 * failure nothing is written any more.
 */
import { describeError } from "../sqlite.ts";
import { StorageEngine } from "./_engine.ts";
import { unflatten } from "./_flat_write.ts";
import type { Loaded } from "./_load.ts";
import type { StoreOptions } from "./_open_store.ts";
import type { PackedWrite } from "./_packed.ts";
import type { CommitReport, PackedStore, StorageReply, StorageRequest } from "./_protocol.ts";

type Answer = (reply: StorageReply) => void;

/** How often the free space is told, and the high-water mark synced. */
const UPKEEP_MS = 1_000;
/** So much may be written here before it is told anew. */
const SPACE_STEP_BYTES = 1024 * 1024;

export class StorageService {
  readonly #answer: Answer;
  #waiting: StorageRequest[] = [];
  #engine: StorageEngine | undefined;
  #hasFailed = false;
  #upkeep: NodeJS.Timeout | undefined;
  /** As last told, and how much had been written then. */
  #freeBytes: number | undefined;
  #writtenBytesTold = 0;

  constructor(answer: Answer) {
    this.#answer = answer;
  }

  /** Takes a request up once all that came with it is here too. */
  take(request: StorageRequest): void {
    this.#waiting.push(request);
    if (this.#waiting.length === 1) setImmediate(() => this.#serve());
  }

  #serve(): void {
    const requests = this.#waiting;
    this.#waiting = [];
    let group: PackedWrite[] = [];
    for (const request of requests) {
      if (request.kind === "store" || request.kind === "flatStore") {
        group.push(request.kind === "store" ? request.write : unflatten(request));
        continue;
      }
      this.#commit(group);
      group = [];
      if (request.kind === "open") this.#open(request.options);
      else if (request.kind === "readSnapshot") this.#readSnapshot();
      else this.#close();
    }
    this.#commit(group);
    this.#afterCommits();
  }

  #open(options: StoreOptions): void {
    const result = StorageEngine.open(options);
    if (!result.ok) return this.#answer({ kind: "refused", refusal: result.refusal });
    this.#engine = result.engine;
    this.#answer({ kind: "opened", store: packStore(result.loaded) });
    this.#tellSpace();
    this.#upkeep = setInterval(() => this.#keepUp(), UPKEEP_MS);
    this.#upkeep.unref();
  }

  #commit(group: readonly PackedWrite[]): void {
    const engine = this.#engine;
    if (group.length === 0 || engine === undefined) return;
    const startMs = performance.now();
    this.#attempt(() => {
      engine.commit(group);
      const commit = reportOf(group, performance.now() - startMs);
      this.#answer({ kind: "stored", ...commit });
    });
  }

  /** What can wait until those who asked have their answers. */
  #afterCommits(): void {
    const engine = this.#engine;
    if (engine === undefined) return;
    if (engine.isCheckpointDue) {
      this.#attempt(() => {
        const startMs = performance.now();
        engine.checkpoint();
        this.#answer({ kind: "checkpointed", durationMs: performance.now() - startMs });
      });
    }
    if (engine.writtenBytes - this.#writtenBytesTold >= SPACE_STEP_BYTES) this.#tellSpace();
  }

  /** A timer's: others may fill the disk, and make room again, while nothing is written here. */
  #keepUp(): void {
    this.#tellSpace();
    this.#attempt(() => this.#engine?.syncHighWaterMark());
  }

  /** If it has changed since it was told. */
  #tellSpace(): void {
    const engine = this.#engine;
    const freeBytes = engine?.freeBytes();
    if (engine === undefined || freeBytes === undefined) return;
    this.#writtenBytesTold = engine.writtenBytes;
    if (freeBytes === this.#freeBytes) return;
    this.#freeBytes = freeBytes;
    this.#answer({ kind: "space", freeBytes });
  }

  #readSnapshot(): void {
    try {
      const snapshot = this.#hasFailed ? undefined : this.#engine?.readSnapshot();
      if (snapshot !== undefined) this.#answer({ kind: "snapshot", snapshot });
      else this.#answer({ kind: "noSnapshot", detail: "there is none" });
    } catch (error) {
      this.#answer({ kind: "noSnapshot", detail: describeError(error) });
    }
  }

  #close(): void {
    clearInterval(this.#upkeep);
    const engine = this.#engine;
    this.#engine = undefined;
    try {
      engine?.close();
    } catch (error) {
      this.#answer({ kind: "failed", detail: describeError(error) });
    }
    this.#answer({ kind: "closed" });
  }

  /** Nothing is written after the first failure. */
  #attempt(work: () => void): void {
    if (this.#hasFailed) return;
    try {
      work();
    } catch (error) {
      this.#hasFailed = true;
      this.#answer({ kind: "failed", detail: describeError(error) });
    }
  }
}

function reportOf(group: readonly PackedWrite[], durationMs: number): CommitReport {
  const entries = group.reduce((sum, write) => sum + (write.entries?.terms.length ?? 0), 0);
  return { writes: group.length, entries, durationMs };
}

function packStore({ identity, state, snapshot, entries }: Loaded): PackedStore {
  const { incarnation, term, vote, commitIndex, compactedIndex, compactedTerm } = state;
  return {
    id: identity.node,
    clusterId: identity.cluster,
    incarnation,
    term,
    vote: vote ?? undefined,
    commit: commitIndex,
    compacted: { index: compactedIndex, term: compactedTerm },
    snapshot,
    entries,
  };
}
