/** The history as the recorder and the API see it: sends requests to the thread of the disk, and calls back in their order. */
import type {
  BatchResult,
  HistoryBatch,
  HistoryQuery,
  HistoryResult,
  HistoryStorage,
  SavedRecord,
} from "../../history/mod.ts";
import type { DiskThread, StartDiskThread } from "../disk_worker.ts";
import type { FileOptions, HistoryReply, HistoryRequest } from "./_protocol.ts";

/** Questions that may wait; more are refused. */
const MAX_READS = 32;

const CLOSED = "it is closed";

export class HistoryClient implements HistoryStorage {
  readonly #thread: DiskThread<HistoryRequest>;
  readonly #onNotice: (line: string) => void;
  /** Of batches sent and not answered, in their order. */
  #writing: ((result: BatchResult) => void)[] = [];
  #reading: ((result: HistoryResult) => void)[] = [];
  readonly #opening = Promise.withResolvers<readonly SavedRecord[]>();
  readonly #closing = Promise.withResolvers<void>();
  #isClosing = false;
  /** Why every call fails from now on. */
  #failure: string | undefined;
  #sizeBytes = 0;

  constructor(
    start: StartDiskThread<HistoryRequest, HistoryReply>,
    onNotice: (line: string) => void,
  ) {
    this.#onNotice = onNotice;
    this.#thread = start(
      (reply) => this.#onReply(reply),
      (detail) => this.#onLost(detail),
    );
  }

  /** The first call. */
  open(options: FileOptions): Promise<readonly SavedRecord[]> {
    this.#thread.send({ kind: "open", options });
    return this.#opening.promise;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  write(batch: HistoryBatch, done: (result: BatchResult) => void): void {
    const failure = this.#whyNot();
    if (failure !== undefined) return queueMicrotask(() => done({ ok: false, detail: failure }));
    this.#writing.push(done);
    this.#thread.send({ kind: "write", batch });
  }

  read(query: HistoryQuery): Promise<HistoryResult> {
    const busy = this.#reading.length < MAX_READS ? undefined : "too many read it already";
    const failure = this.#whyNot() ?? busy;
    if (failure !== undefined) {
      return Promise.resolve({ ok: false, detail: `The history cannot be read: ${failure}.` });
    }
    return new Promise((resolve) => {
      this.#reading.push(resolve);
      this.#thread.send({ kind: "read", query });
    });
  }

  async close(): Promise<void> {
    if (!this.#isClosing) {
      this.#isClosing = true;
      this.#thread.send({ kind: "close" });
    }
    await this.#closing.promise;
    await this.#thread.ended;
  }

  #whyNot(): string | undefined {
    return this.#failure ?? (this.#isClosing ? CLOSED : undefined);
  }

  #onReply(reply: HistoryReply): void {
    switch (reply.kind) {
      case "opened":
        return this.#opening.resolve(reply.saved);
      case "notice":
        return this.#onNotice(reply.line);
      case "written":
        for (const done of this.#writing.splice(0, reply.count)) done(reply.result);
        return undefined;
      case "found":
        return this.#reading.shift()?.(reply.result);
      case "size":
        this.#sizeBytes = reply.sizeBytes;
        return undefined;
      case "closed":
        return this.#closing.resolve();
    }
  }

  #onLost(detail: string): void {
    this.#failure ??= this.#isClosing ? CLOSED : detail;
    this.#opening.resolve([]);
    this.#closing.resolve();
    const [writing, reading] = [this.#writing, this.#reading];
    this.#writing = [];
    this.#reading = [];
    for (const done of writing) done({ ok: false, detail: this.#failure });
    const why = `The history cannot be read until this monitor is restarted: ${this.#failure}.`;
    for (const done of reading) done({ ok: false, detail: why });
  }
}
