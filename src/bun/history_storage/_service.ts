/**
 * Answers requests on the thread of the disk. Batches that come while others are being written wait, and become one
 * transaction. Nothing that goes wrong here is worth more than history: a file that is damaged is put aside for a
 * new one, a full one gives up its oldest, and where nothing can be written the batch is lost, and the next one is
 * tried again.
 */
import { basename } from "node:path";
import { budgetOf, type HistoryBatch, type HistoryQuery, pageOf } from "../../history/mod.ts";
import type { DiskService } from "../disk_worker.ts";
import { codeOf, describeError, isDamage } from "../sqlite.ts";
import { ForeignFile, HistoryFile, putAside } from "./_history_file.ts";
import type { FileOptions, HistoryReply, HistoryRequest } from "./_protocol.ts";

/** How often what is too old goes out, and a file that could not be opened is tried again. */
const UPKEEP_MS = 60_000;

export class HistoryService implements DiskService<HistoryRequest> {
  readonly #answer: (reply: HistoryReply) => void;
  #waiting: HistoryRequest[] = [];
  #options: FileOptions | undefined;
  #file: HistoryFile | undefined;
  /** Why there is none. */
  #whyClosed = "it was not opened";
  /** As whoever writes says, who has a clock: now, the last attempt to open, and the last upkeep. */
  #nowWallMs = Number.NaN;
  #triedWallMs = Number.NaN;
  #replacedWallMs = Number.NaN;
  #keptUpWallMs = Number.NaN;
  #sizeBytes = 0;

  constructor(answer: (reply: HistoryReply) => void) {
    this.#answer = answer;
  }

  /** Takes a request up once all that came with it is here too. */
  take(request: HistoryRequest): void {
    this.#waiting.push(request);
    if (this.#waiting.length === 1) setImmediate(() => this.#serve());
  }

  #serve(): void {
    const requests = this.#waiting;
    this.#waiting = [];
    let group: HistoryBatch[] = [];
    let groupBytes = 0;
    const flush = () => {
      if (group.length > 0) this.#write(group);
      [group, groupBytes] = [[], 0];
    };
    for (const request of requests) {
      if (request.kind === "write") {
        const bytes = bytesOf(request.batch);
        if (groupBytes + bytes > this.#maxGroupBytes) flush();
        group.push(request.batch);
        groupBytes += bytes;
        continue;
      }
      flush();
      if (request.kind === "open") this.#open(request.options);
      else if (request.kind === "read") this.#read(request.query);
      else this.#close();
    }
    flush();
    this.#tellSize();
  }

  /** So that one transaction stays well within the write-ahead log's share of the disk. */
  get #maxGroupBytes(): number {
    return this.#options === undefined ? 0 : budgetOf(this.#options.limits.maxBytes).logBytes / 8;
  }

  #open(options: FileOptions): void {
    this.#options = options;
    const nowWallMs = (this.#nowWallMs = options.nowWallMs);
    const saved = this.#attempt((file) => file.saved(nowWallMs));
    this.#answer({ kind: "opened", saved: saved.ok ? saved.value : [] });
  }

  #write(group: readonly HistoryBatch[]): void {
    const nowWallMs = (this.#nowWallMs = group.at(-1)!.nowWallMs);
    const written = this.#attempt((file) => writeWithin(file, group, nowWallMs));
    const result = written.ok
      ? { ok: true as const }
      : { ok: false as const, detail: written.detail };
    this.#answer({ kind: "written", count: group.length, result });
    this.#keepUp();
  }

  #read(query: HistoryQuery): void {
    const found = this.#attempt((file) => pageOf(query, file.read(query)));
    const result = found.ok
      ? { ok: true as const, page: found.value }
      : { ok: false as const, detail: `The history cannot be read: ${found.detail}.` };
    this.#answer({ kind: "found", result });
  }

  #close(): void {
    this.#shut("it is closed");
    this.#options = undefined;
    this.#answer({ kind: "closed" });
  }

  #keepUp(): void {
    const nowWallMs = this.#nowWallMs;
    const agoMs = nowWallMs - this.#keptUpWallMs;
    // A clock that was set back starts anew.
    if (agoMs >= 0 && agoMs < UPKEEP_MS) return;
    this.#keptUpWallMs = nowWallMs;
    this.#attempt((file) => file.dropOld(nowWallMs));
  }

  /** Runs `work` on the file; on a new one if that turns out to be damaged. */
  #attempt<Value>(work: (file: HistoryFile) => Value): Attempt<Value> {
    const first = this.#try(work);
    if (first.ok || !first.isUseless) return first;
    // A disk that damages every new file is left alone for a while.
    if (this.#isRecent(this.#replacedWallMs)) {
      this.#shut(first.detail);
      return first;
    }
    this.#replace(first.detail);
    return this.#try(work);
  }

  #try<Value>(work: (file: HistoryFile) => Value): Attempt<Value> {
    try {
      const file = this.#file ?? this.#reopen();
      if (file === undefined) return { ok: false, detail: this.#whyClosed, isUseless: false };
      return { ok: true, value: work(file) };
    } catch (error) {
      const isUseless = isDamage(error) || error instanceof ForeignFile;
      return { ok: false, detail: describeError(error), isUseless };
    }
  }

  /** Not at every request: a disk that takes nothing most likely still does not. */
  #reopen(): HistoryFile | undefined {
    if (this.#options === undefined || this.#isRecent(this.#triedWallMs)) return undefined;
    this.#triedWallMs = this.#nowWallMs;
    try {
      return (this.#file = new HistoryFile(this.#options));
    } catch (error) {
      this.#whyClosed = describeError(error);
      throw error;
    }
  }

  #isRecent(wallMs: number): boolean {
    return Math.abs(this.#nowWallMs - wallMs) < UPKEEP_MS;
  }

  #replace(why: string): void {
    this.#shut(why);
    this.#replacedWallMs = this.#nowWallMs;
    const { path } = this.#options!;
    const name = basename(path);
    try {
      putAside(path);
      this.#triedWallMs = Number.NaN;
      const line = `${path} is of no use (${why}): it is put aside as ${name}.aside until its room is needed, and a new one is begun`;
      this.#answer({ kind: "notice", line });
    } catch (error) {
      this.#whyClosed = `${path} is of no use (${why}), and cannot be put aside: ${describeError(error)}`;
    }
  }

  #shut(why: string): void {
    this.#whyClosed = why;
    this.#triedWallMs = this.#nowWallMs;
    try {
      this.#file?.close();
    } catch {
      // What it could not write any more is lost; there is nobody who would mend it.
    }
    this.#file = undefined;
  }

  #tellSize(): void {
    if (this.#options === undefined) return;
    const size = this.#attempt((file) => file.sizeBytes);
    const sizeBytes = size.ok ? size.value : 0;
    if (sizeBytes === this.#sizeBytes) return;
    this.#sizeBytes = sizeBytes;
    this.#answer({ kind: "size", sizeBytes });
  }
}

type Attempt<Value> =
  | { readonly ok: true; readonly value: Value }
  /** `isUseless`: the file is, and another one may not be. */
  | { readonly ok: false; readonly detail: string; readonly isUseless: boolean };

/** Makes room before there is none, in the file or on the disk, and once more where there was none all the same. */
function writeWithin(file: HistoryFile, group: readonly HistoryBatch[], nowWallMs: number): void {
  file.fitToDisk();
  if (file.isNearlyFull) file.makeRoom(nowWallMs);
  try {
    file.write(group);
  } catch (error) {
    if (codeOf(error) !== "SQLITE_FULL" || !file.makeRoom(nowWallMs)) throw error;
    file.write(group);
  }
}

/** About what a batch changes in the file. */
function bytesOf({ changes, phi, saved }: HistoryBatch): number {
  const savedBytes = saved.reduce((sum, { bytes }) => sum + bytes.length, 0);
  return 300 * changes.length + 250 * (phi?.targets.length ?? 0) + savedBytes;
}
