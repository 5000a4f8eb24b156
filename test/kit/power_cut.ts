/**
 * What a disk may hold after the power was cut: all that was synced, and of what was not, any part. Writes
 * that wait are lost or kept sector by sector, in any order; which files there are changes in order, but
 * is as of any moment since the directory was synced. It is told what a program does (`system_calls.ts`), and
 * asked at any moment.
 */
import type { FileEvent } from "./system_calls.ts";

const SECTOR_BYTES = 512;

type Change = Extract<FileEvent, { kind: "write" | "truncate" }>;
type Listing = Extract<FileEvent, { kind: "create" | "rename" | "delete" }>;

interface Inode {
  durable: Uint8Array;
  waiting: Change[];
}

export class PowerCutDisk {
  /** Which files there are, to the running system. */
  readonly #files = new Map<string, Inode>();
  readonly #durableFiles = new Map<string, Inode>();
  /** Changes of which files there are, since they were synced. */
  #waiting: { readonly event: Listing; readonly inode: Inode | undefined }[] = [];

  apply(event: FileEvent): void {
    switch (event.kind) {
      case "create":
        if (!this.#files.has(event.file))
          this.#list(event, { durable: new Uint8Array(), waiting: [] });
        break;
      case "rename":
      case "delete":
        this.#list(event, this.#files.get(event.file));
        break;
      case "write":
      case "truncate":
        this.#files.get(event.file)!.waiting.push(event);
        break;
      case "sync": {
        const inode = this.#files.get(event.file)!;
        inode.durable = withAll(inode.durable, inode.waiting);
        inode.waiting = [];
        break;
      }
      case "syncDirectory":
        for (const { event: change, inode } of this.#waiting)
          list(this.#durableFiles, change, inode);
        this.#waiting = [];
        break;
      case "said":
        break;
    }
  }

  /** The state that keeps least: nothing got through but what was synced. */
  syncedState(): Map<string, Uint8Array> {
    return new Map([...this.#durableFiles].map(([name, inode]) => [name, inode.durable]));
  }

  /** One of the many states that the disk may be found in, by name. */
  stateAfterCut(random: () => number): Map<string, Uint8Array> {
    const files = new Map(this.#durableFiles);
    const count = Math.floor(random() * (this.#waiting.length + 1));
    for (const { event, inode } of this.#waiting.slice(0, count)) list(files, event, inode);
    return new Map([...files].map(([name, inode]) => [name, survivors(inode, random)]));
  }

  #list(event: Listing, inode: Inode | undefined): void {
    list(this.#files, event, inode);
    this.#waiting.push({ event, inode });
  }
}

function list(files: Map<string, Inode>, event: Listing, inode: Inode | undefined): void {
  if (event.kind !== "create") files.delete(event.file);
  if (event.kind !== "delete") files.set(event.kind === "rename" ? event.to : event.file, inode!);
}

function survivors({ durable, waiting }: Inode, random: () => number): Uint8Array {
  const choice = random();
  // Often all of it, or none, or the first of it: what is most like a real disk.
  if (choice < 0.5)
    return withAll(durable, waiting.slice(0, Math.floor(choice * 2.2 * waiting.length)));
  return withSome(durable, waiting, () => random() < 0.5);
}

function withAll(bytes: Uint8Array, changes: readonly Change[]): Uint8Array {
  return withSome(bytes, changes, () => true);
}

/** Each sector that a write touches has it, or has not; the file is as long as if all of them had. */
function withSome(
  bytes: Uint8Array,
  changes: readonly Change[],
  isKept: () => boolean,
): Uint8Array {
  // Copied once, with room for all that comes: a copy for each write takes most of a test's time.
  const room = new Uint8Array(Math.max(bytes.length, ...changes.map(endOf)));
  room.set(bytes);
  let length = bytes.length;
  for (const change of changes) {
    if (change.kind === "truncate") {
      room.fill(0, change.length);
      length = change.length;
      continue;
    }
    length = Math.max(length, endOf(change));
    for (const { from, to } of sectorsOf(change)) {
      if (isKept()) room.set(change.bytes.subarray(from - change.place, to - change.place), from);
    }
  }
  return room.subarray(0, length);
}

function endOf(change: Change): number {
  return change.kind === "truncate" ? change.length : change.place + change.bytes.length;
}

function* sectorsOf(change: Extract<Change, { kind: "write" }>) {
  const end = endOf(change);
  for (let from = change.place; from < end;) {
    const to = Math.min(end, from - (from % SECTOR_BYTES) + SECTOR_BYTES);
    yield { from, to };
    from = to;
  }
}
