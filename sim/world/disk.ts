/**
 * A simulated disk: the storage of one member. A write takes its time; until it is synced, a crash may
 * undo it. Writes become durable in the order in which they were issued, each whole or not at all, so
 * what a crash leaves is a prefix of them; of those that were under way some sectors may be there, which the
 * checksums of the write-ahead log have to tell (`write_ahead_log.ts`). A disk may be slow, run full, fail
 * for good, or flip a bit of what it holds (`rotting_store.ts`); once a write has failed all later ones do,
 * until the member is started again.
 */
import type {
  LogStorage,
  LogWrite,
  SnapshotReadResult,
  StoredState,
  StoreResult,
} from "../../src/raft/mod.ts";
import { EVENT, type EventQueue } from "./event_queue.ts";
import { LogImage } from "./log_image.ts";
import type { Random } from "./random.ts";
import { type RotPlace, RottingStore } from "./rotting_store.ts";
import { StoredRows } from "./stored_rows.ts";
import { damageIn, logOf, over, replayedTransactions, torn } from "./write_ahead_log.ts";

export interface DiskConditions {
  readonly minDelayUs: number;
  readonly spreadUs: number;
  /** How often a write takes up to `stallUs` longer. */
  readonly stallChance: number;
  readonly stallUs: number;
  /** How often a write shares the sync of the one before it. */
  readonly groupChance: number;
}

export const CALM_DISK: DiskConditions = {
  minDelayUs: 200,
  spreadUs: 600,
  stallChance: 0,
  stallUs: 0,
  groupChance: 0.3,
};

/**
 * How much room is left; `full` fails the next write, and `broken` every one, for ever. `rotten`: a bit is or
 * will be flipped, which a start has to find, unless what it was in is not there any more.
 */
export type DiskHealth = "good" | "low" | "full" | "broken" | "rotten";

/** What the world wants to know of a disk's life. */
export interface DiskWatch {
  /** A write was issued; `writtenImage` does not have it yet. */
  beforeWrite(write: LogWrite): void;
  /** `writtenImage` has it now; it is not durable. */
  afterWrite(write: LogWrite): void;
  /** A write is durable: `image` has it now. Called before the member hears of it. */
  synced(): void;
  /** The snapshot is about to be read. */
  beforeRead(): void;
  /** Hands a completion to the member, unless it has crashed since. */
  complete(run: () => void): void;
}

/** What a crash did to the writes that were under way. */
export interface Crashed {
  readonly survived: number;
  readonly lost: number;
  /** Whether of those that are lost a part was on the disk. */
  readonly isTorn: boolean;
  /** What the storage takes for damage in what is left, which it is not. */
  readonly mistaken: string | undefined;
}

export type DiskOpened =
  | { readonly ok: true; readonly stored: StoredState }
  | { readonly ok: false; readonly detail: string };

interface PendingWrite {
  readonly write: LogWrite;
  readonly done: (result: StoreResult) => void;
}

export class SimulatedDisk implements LogStorage {
  conditions: DiskConditions;
  health: DiskHealth = "good";
  /** Multiplies every delay; 1 for a disk as its conditions say. */
  slowness = 1;
  readonly #queue: EventQueue;
  readonly #random: Random;
  /** Its own, so that a seed's other crashes are what they would be without. */
  readonly #tearing: Random;
  readonly #subject: number;
  readonly #watch: DiskWatch;
  #synced = new LogImage();
  #written = new LogImage();
  #pending: PendingWrite[] = [];
  #hasFailed = false;
  #incarnation = 0;
  #rotting: RottingStore | undefined;
  #lastSynced: LogWrite | undefined;
  /** Reads under way. */
  readonly #reads = new Set<() => void>();
  /** Rises when the writes under way are given new times, or are lost. */
  #pace = 0;
  #lastSyncUs = 0;

  constructor(
    queue: EventQueue,
    random: Random,
    subject: number,
    conditions: DiskConditions,
    watch: DiskWatch,
  ) {
    this.#queue = queue;
    this.#random = random;
    this.#tearing = random.fork("tearing");
    this.#subject = subject;
    this.conditions = conditions;
    this.#watch = watch;
  }

  /** What a crash cannot undo. */
  get image(): LogImage {
    return this.#synced;
  }

  /** What the member's log is, its writes under way included. */
  get writtenImage(): LogImage {
    return this.#written;
  }

  get pendingWrites(): number {
    return this.#pending.length;
  }

  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  /** Whether whatever it holds must not be counted on. */
  get isLost(): boolean {
    return this.health === "broken" || this.health === "rotten";
  }

  /** Puts a new cluster's first state on a new disk. */
  format(write: LogWrite): void {
    this.#synced.apply(write);
    this.#written.apply(write);
  }

  /** What a member finds at its start, which is counted. */
  open(): DiskOpened {
    const opened = this.#rotting?.open() ?? { ok: true, stored: this.#stored() };
    if (!opened.ok) return opened;
    this.#incarnation++;
    this.#hasFailed = this.health === "broken";
    this.#rotting = undefined;
    if (this.health === "rotten") this.health = "good";
    return { ok: true, stored: { ...opened.stored, incarnation: this.#incarnation } };
  }

  /** The power goes: some of the writes under way, from the oldest on, had reached the disk. */
  crash(): Crashed {
    const { length } = this.#pending;
    const prefix = this.#hasFailed ? 0 : this.#random.below(length + 1);
    let survived = this.#syncAll(this.#pending.splice(0, prefix));
    const tears = survived === prefix && prefix < length && this.#tearing.chance(0.5);
    const tear = tears && !this.#hasFailed ? this.#tear() : undefined;
    survived += this.#syncAll(tear?.whole ?? []);
    this.#rotting?.crash();
    this.#pending = [];
    this.#reads.clear();
    this.#pace++;
    this.#lastSyncUs = 0;
    const lost = length - survived;
    if (lost > 0 || this.#hasFailed) this.#written = this.#synced.copy();
    return { survived, lost, isTorn: tear?.whole.length === 0, mistaken: tear?.mistaken };
  }

  /** A bit of what it holds flips, now or where the next crash has left it. */
  rot(random: Random, place?: RotPlace): void {
    const rows = StoredRows.of(this.#synced, `n${this.#subject + 1}`, this.#incarnation);
    this.#rotting = new RottingStore(rows, random, place);
    this.health = "rotten";
  }

  store(write: LogWrite, done: (result: StoreResult) => void): void {
    this.#watch.beforeWrite(write);
    this.#written.apply(write);
    this.#watch.afterWrite(write);
    this.#pending.push({ write, done });
    this.#scheduleSync();
  }

  /** From now on a good disk, for what is under way too. */
  calmDown(): void {
    this.conditions = CALM_DISK;
    this.slowness = 1;
    this.#pace++;
    this.#lastSyncUs = 0;
    for (let count = 0; count < this.#pending.length; count++) this.#scheduleSync();
    for (const read of this.#reads) this.#scheduleRead(read);
  }

  readSnapshot(done: (result: SnapshotReadResult) => void): void {
    const read = () => {
      if (!this.#reads.delete(read)) return;
      this.#watch.beforeRead();
      const result = this.#snapshot();
      this.#watch.complete(() => done(result));
    };
    this.#reads.add(read);
    this.#scheduleRead(read);
  }

  isLowOnSpace(): boolean {
    return this.health === "low" || this.health === "full";
  }

  #scheduleRead(read: () => void): void {
    this.#queue.schedule(this.#delayUs(), EVENT.snapshotRead, this.#subject, read);
  }

  #scheduleSync(): void {
    const pace = this.#pace;
    this.#queue.schedule(this.#syncDelayUs(), EVENT.stored, this.#subject, () => {
      if (pace === this.#pace) this.#completeNext();
    });
  }

  #completeNext(): void {
    const next = this.#pending.shift();
    if (next === undefined) return;
    const isDamaged = this.health === "full" || this.health === "broken";
    if (isDamaged && !this.#hasFailed) {
      this.#hasFailed = true;
      // An error says nothing of what reached the disk.
      if (this.health === "broken" && this.#random.chance(0.5)) this.#sync(next);
    } else if (!this.#hasFailed) {
      this.#hasFailed = !this.#sync(next);
    }
    const result: StoreResult = this.#hasFailed
      ? { ok: false, detail: `simulated disk is ${this.health}` }
      : { ok: true };
    this.#watch.complete(() => next.done(result));
  }

  /** How many of them: all, or those before the first that fails. */
  #syncAll(writes: readonly PendingWrite[]): number {
    const failed = writes.findIndex((write) => !this.#sync(write));
    return failed < 0 ? writes.length : failed;
  }

  /** Whether it could be done. */
  #sync({ write }: PendingWrite): boolean {
    if (this.#rotting?.write(write) === false) return false;
    this.#synced.apply(write);
    this.#lastSynced = write;
    this.#watch.synced();
    return true;
  }

  /** The oldest writes under way, as one transaction of which some sectors were written; they are whole if all were. */
  #tear(): { readonly whole: readonly PendingWrite[]; readonly mistaken: string | undefined } {
    const random = this.#tearing;
    const group = this.#pending.slice(0, 1 + random.below(this.#pending.length));
    const synced = this.#lastSynced === undefined ? [] : [[this.#lastSynced]];
    const all = [...synced, group.map(({ write }) => write)];
    const before = logOf(synced, 2);
    // The file may be as long as the log that it held before, whose frames are behind this one's.
    const isReused = random.chance(0.5);
    const file = isReused ? over(logOf(all, 1), before) : before;
    const left = torn(file, logOf(all, 2), random);
    const isWhole = replayedTransactions(left) === all.length;
    return { whole: isWhole ? group : [], mistaken: damageIn(left) };
  }

  #stored(): Omit<StoredState, "incarnation"> {
    const { hardState, snapshot, compacted, entries } = this.#synced;
    return { hardState, snapshot, compacted, entries: [...entries] };
  }

  #snapshot(): SnapshotReadResult {
    if (this.health === "broken") return { ok: false, detail: "simulated read error" };
    const { snapshot } = this.#synced;
    const read = this.#rotting?.readSnapshot() ?? { ok: true, snapshot };
    if (!read.ok) return read;
    return read.snapshot === undefined
      ? { ok: false, detail: "there is none" }
      : { ok: true, snapshot: read.snapshot };
  }

  /** Syncs end in the order in which the writes were issued. */
  #syncDelayUs(): number {
    const { nowUs } = this.#queue;
    const waitUs = Math.max(0, this.#lastSyncUs - nowUs);
    const isShared = waitUs > 0 && this.#random.chance(this.conditions.groupChance);
    const delayUs = isShared ? waitUs : waitUs + this.#delayUs();
    this.#lastSyncUs = nowUs + delayUs;
    return delayUs;
  }

  #delayUs(): number {
    const { minDelayUs, spreadUs, stallChance, stallUs } = this.conditions;
    const isStalled = stallChance > 0 && this.#random.chance(stallChance);
    const stalledUs = isStalled ? this.#random.below(stallUs) : 0;
    return Math.round((minDelayUs + this.#random.below(spreadUs) + stalledUs) * this.slowness);
  }
}
