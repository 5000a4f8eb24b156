/**
 * A simulated disk: the storage of one member. A write takes its time; until it is synced, a crash may
 * undo it. Writes become durable in the order in which they were issued, each whole or not at all, so
 * what a crash leaves is a prefix of them. A disk may be slow, run full, or fail for good, and once a
 * write has failed all later ones do, until the member is started again.
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

/** How much room is left; `full` fails the next write, and `broken` every one, for ever. */
export type DiskHealth = "good" | "low" | "full" | "broken";

/** What the world wants to know of a disk's life. */
export interface DiskWatch {
  /** A write was issued; `writtenImage` does not have it yet. */
  beforeWrite(write: LogWrite): void;
  /** `writtenImage` has it now; it is not durable. */
  afterWrite(write: LogWrite): void;
  /** A write is durable: `image` has it now. Called before the member hears of it. */
  synced(): void;
  /** Hands a completion to the member, unless it has crashed since. */
  complete(run: () => void): void;
}

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
  readonly #subject: number;
  readonly #watch: DiskWatch;
  #synced = new LogImage();
  #written = new LogImage();
  #pending: PendingWrite[] = [];
  #hasFailed = false;
  #incarnation = 0;
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

  /** Puts a new cluster's first state on a new disk. */
  format(write: LogWrite): void {
    this.#synced.apply(write);
    this.#written.apply(write);
  }

  /** What a member finds at its start, which is counted. */
  open(): StoredState {
    this.#incarnation++;
    this.#hasFailed = this.health === "broken";
    const { hardState, snapshot, compacted, entries } = this.#synced;
    return {
      hardState,
      snapshot,
      compacted,
      entries: [...entries],
      incarnation: this.#incarnation,
    };
  }

  /** The power goes: some of the writes under way, from the oldest on, had reached the disk. */
  crash(): { readonly survived: number; readonly lost: number } {
    const survived = this.#hasFailed ? 0 : this.#random.below(this.#pending.length + 1);
    const lost = this.#pending.length - survived;
    for (const { write } of this.#pending.slice(0, survived)) this.#sync(write);
    this.#pending = [];
    this.#reads.clear();
    this.#pace++;
    this.#lastSyncUs = 0;
    if (lost > 0 || this.#hasFailed) this.#written = this.#synced.copy();
    return { survived, lost };
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
      const { snapshot } = this.#synced;
      const isReadable = snapshot !== undefined && this.health !== "broken";
      this.#watch.complete(() =>
        done(isReadable ? { ok: true, snapshot } : { ok: false, detail: "simulated read error" }),
      );
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
      if (this.health === "broken" && this.#random.chance(0.5)) this.#sync(next.write);
    } else if (!this.#hasFailed) {
      this.#sync(next.write);
    }
    const result: StoreResult = this.#hasFailed
      ? { ok: false, detail: `simulated disk is ${this.health}` }
      : { ok: true };
    this.#watch.complete(() => next.done(result));
  }

  #sync(write: LogWrite): void {
    this.#synced.apply(write);
    this.#watch.synced();
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
