/**
 * The store as the core sees it: packs writes, sends them to the thread of the disk, and calls back in
 * the order of the calls. It keeps no more of a write than the function to call.
 */
import type { DiskThread } from "../disk_worker.ts";
import { describeError } from "../sqlite.ts";
import type { LogStorage, LogWrite, SnapshotReadResult, StoreResult } from "../../raft/mod.ts";
import { flatten } from "./_flat_write.ts";
import type { StoreOptions } from "./_open_store.ts";
import { buffersOf, isEmptyWrite, packWrite, unpackSnapshot } from "./_packed.ts";
import type { CommitReport, StorageReply, StorageRequest } from "./_protocol.ts";
import { cannotOpen } from "./_refusal.ts";
import type { StartThread } from "./_threads.ts";

/** Counts since the store was opened. */
export interface RaftStorageStats {
  /** Transactions, each with one sync of the write-ahead log. */
  readonly commits: number;
  /** `store` calls that went into them. */
  readonly writes: number;
  readonly entries: number;
  /** How long commits took on the thread of the disk. */
  readonly commitMsSum: number;
  /** 0 before the first. */
  readonly lastCommitMs: number;
  readonly checkpoints: number;
  readonly checkpointMsSum: number;
  /** On the disk, for this process; undefined where the system does not say. */
  readonly freeBytes: number | undefined;
  /** Why nothing is stored any more; undefined as long as all is well. */
  readonly failure: string | undefined;
}

export interface ClientOptions {
  readonly minFreeBytes: number;
  readonly onCommit: ((report: CommitReport) => void) | undefined;
}

type OpenReply = Extract<StorageReply, { kind: "opened" | "refused" }>;

type Stored = (result: StoreResult) => void;

export class StorageClient implements LogStorage {
  readonly #thread: DiskThread<StorageRequest>;
  readonly #options: ClientOptions;
  /** Of each write sent and not answered, in their order: its own, and those that wait for no more than it. */
  #storing: Stored[][] = [];
  #reading: ((result: SnapshotReadResult) => void)[] = [];
  readonly #opening = Promise.withResolvers<OpenReply>();
  readonly #closing = Promise.withResolvers<void>();
  #isClosing = false;
  /** Why every call fails from now on. */
  #failure: string | undefined;
  #stats: Omit<RaftStorageStats, "failure"> = {
    commits: 0,
    writes: 0,
    entries: 0,
    commitMsSum: 0,
    lastCommitMs: 0,
    checkpoints: 0,
    checkpointMsSum: 0,
    freeBytes: undefined,
  };

  constructor(start: StartThread, options: ClientOptions) {
    this.#options = options;
    this.#thread = start(
      (reply) => this.#onReply(reply),
      (detail) => this.#onLost(detail),
    );
  }

  /** The first call. */
  async open(options: StoreOptions): Promise<OpenReply> {
    this.#thread.send({ kind: "open", options });
    const reply = await this.#opening.promise;
    if (reply.kind === "refused") await this.#thread.ended;
    return reply;
  }

  get stats(): RaftStorageStats {
    return { ...this.#stats, failure: this.#failure };
  }

  store(write: LogWrite, done: Stored): void {
    const refusal = this.#refusal();
    if (refusal !== undefined) return queueMicrotask(() => done({ ok: false, detail: refusal }));
    const packed = packWrite(write);
    if (isEmptyWrite(packed)) return this.#storeNothing(done);
    this.#storing.push([done]);
    const flat = flatten(packed);
    if (flat === undefined) this.#thread.send({ kind: "store", write: packed }, buffersOf(packed));
    else this.#thread.send(flat);
  }

  readSnapshot(done: (result: SnapshotReadResult) => void): void {
    const refusal = this.#refusal();
    if (refusal !== undefined) return queueMicrotask(() => done({ ok: false, detail: refusal }));
    this.#reading.push(done);
    this.#thread.send({ kind: "readSnapshot" });
  }

  isLowOnSpace(): boolean {
    const { freeBytes } = this.#stats;
    return freeBytes !== undefined && freeBytes < this.#options.minFreeBytes;
  }

  async close(): Promise<void> {
    if (!this.#isClosing) {
      this.#isClosing = true;
      this.#thread.send({ kind: "close" });
    }
    await this.#closing.promise;
    await this.#thread.ended;
  }

  /** There is nothing for the other thread to do: it is durable as soon as what came before is. */
  #storeNothing(done: Stored): void {
    const before = this.#storing.at(-1);
    if (before === undefined) queueMicrotask(() => done({ ok: true }));
    else before.push(done);
  }

  #refusal(): string | undefined {
    return this.#failure ?? (this.#isClosing ? "the store is closed" : undefined);
  }

  #onReply(reply: StorageReply): void {
    switch (reply.kind) {
      case "opened":
      case "refused":
        return this.#opening.resolve(reply);
      case "stored":
        return this.#onStored(reply);
      case "snapshot":
        return this.#reading.shift()?.({ ok: true, snapshot: unpackSnapshot(reply.snapshot) });
      case "noSnapshot":
        return this.#reading.shift()?.({ ok: false, detail: reply.detail });
      case "checkpointed":
        this.#stats = {
          ...this.#stats,
          checkpoints: this.#stats.checkpoints + 1,
          checkpointMsSum: this.#stats.checkpointMsSum + reply.durationMs,
        };
        return undefined;
      case "space":
        this.#stats = { ...this.#stats, freeBytes: reply.freeBytes };
        return undefined;
      case "failed":
        return this.#fail(reply.detail);
      case "closed":
        return this.#closing.resolve();
    }
  }

  #onStored(report: CommitReport): void {
    const { commits, writes, entries, commitMsSum } = this.#stats;
    this.#stats = {
      ...this.#stats,
      commits: commits + 1,
      writes: writes + report.writes,
      entries: entries + report.entries,
      commitMsSum: commitMsSum + report.durationMs,
      lastCommitMs: report.durationMs,
    };
    this.#options.onCommit?.(report);
    for (const done of this.#storing.splice(0, report.writes).flat()) done({ ok: true });
  }

  #fail(detail: string): void {
    this.#failure ??= detail;
    const [storing, reading] = [this.#storing, this.#reading];
    this.#storing = [];
    this.#reading = [];
    for (const done of storing.flat()) done({ ok: false, detail });
    for (const done of reading) done({ ok: false, detail });
  }

  #onLost(detail: string): void {
    const { refusal } = cannotOpen(`the thread of the Raft storage: ${describeError(detail)}`);
    this.#opening.resolve({ kind: "refused", refusal });
    this.#closing.resolve();
    if (!this.#isClosing) this.#fail(refusal.detail);
  }
}
