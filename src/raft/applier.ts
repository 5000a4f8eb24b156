/**
 * What is committed, into the state machine: in order, each entry once, and never stopped by one that
 * cannot be read, since it would stop every member at the same place. It counts how much was applied
 * since the last snapshot, and what had to be passed over.
 */
import { type Entry, entryBytes, type RequestId } from "./entry.ts";
import type { Snapshot } from "./snapshot.ts";
import { type MadeSnapshot, SnapshotWork } from "./snapshot_work.ts";
import type { ApplyResult, StateMachine } from "./state_machine.ts";

/** Hears of each proposal that went in, and with what result. */
export type OnCommitted = (id: RequestId, index: number, result: ApplyResult) => void;

const DONE: ApplyResult = { ok: true, output: new Uint8Array() };

export class Applier {
  readonly #stateMachine: StateMachine;
  readonly #onCommitted: OnCommitted;
  /** The last entry, or snapshot, that was applied. */
  #appliedIndex = 0;
  #bytesSinceSnapshot = 0;
  #snapshotBytes = 0;
  /** The snapshot that is being made. */
  #work: SnapshotWork | undefined;
  #unreadableEntries = 0;
  #firstUnreadable: number | undefined;

  constructor(stateMachine: StateMachine, onCommitted: OnCommitted) {
    this.#stateMachine = stateMachine;
    this.#onCommitted = onCommitted;
  }

  /**
   * Whether enough was applied since the last snapshot for another: `afterBytes`, and as much as the
   * last one had, so that a large state is not written over and over. One at a time is made.
   */
  isSnapshotDue(afterBytes: number): boolean {
    if (this.#work !== undefined) return false;
    // Past an entry that was passed over a snapshot would make its loss good: it has to stay in the
    // log, for a version that can read it.
    if (this.#firstUnreadable !== undefined) return false;
    return this.#bytesSinceSnapshot >= Math.max(afterBytes, this.#snapshotBytes);
  }

  /** The first entry that was passed over and is in no snapshot; the state lacks it. */
  get firstUnreadable(): number | undefined {
    return this.#firstUnreadable;
  }

  /** Entries that were passed over: of a later version, or the state machine failed at them. */
  get unreadableEntries(): number {
    return this.#unreadableEntries;
  }

  apply(entries: readonly Entry[]): void {
    for (const entry of entries) {
      this.#bytesSinceSnapshot += entryBytes(entry);
      this.#applyEntry(entry);
      this.#appliedIndex = entry.index;
    }
  }

  /** Begins a snapshot of the state as it is now. */
  beginSnapshot(): void {
    this.#work = new SnapshotWork(this.#stateMachine, this.#appliedIndex);
    this.#bytesSinceSnapshot = 0;
  }

  /**
   * Does one step of the snapshot that is being made: `made` once it is, `more` if there is more to do, `none`
   * if there is nothing to do: a snapshot that came from elsewhere is newer than what was being made.
   */
  stepSnapshot(): MadeSnapshot | "more" | "none" {
    if (this.#work === undefined) return "none";
    const made = this.#work.step();
    if (made === undefined) return "more";
    this.#work = undefined;
    this.#snapshotBytes = made.data.length;
    return made;
  }

  /** Throws if the state machine cannot read it: what follows on it would be applied to another state. */
  restore({ index, data }: Snapshot): void {
    const restored = this.#stateMachine.restore(data);
    if (!restored.ok) {
      throw new Error(`The snapshot at index ${index} cannot be restored: ${restored.error}`);
    }
    this.#appliedIndex = index;
    this.#bytesSinceSnapshot = 0;
    this.#snapshotBytes = data.length;
    this.#work = undefined;
    this.#firstUnreadable = undefined;
  }

  #applyEntry({ index, body }: Entry): void {
    switch (body.kind) {
      case "noop":
        return;
      case "unreadable":
        this.#passOver(index);
        return;
      case "membership":
        return this.#onCommitted(body.id, index, DONE);
      case "command":
        return this.#onCommitted(body.id, index, this.#run(index, body.data));
    }
  }

  #run(index: number, data: Uint8Array): ApplyResult {
    const result = this.#apply(index, data);
    if (!result.ok && result.isPassedOver) this.#passOver(index);
    return result;
  }

  /** A state machine does not throw; one that does all the same costs one entry, not the cluster. */
  #apply(index: number, data: Uint8Array): ApplyResult {
    try {
      return this.#stateMachine.apply({ index, data });
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      const said = `the state machine failed at entry ${index}: ${detail}`;
      return { ok: false, error: said, isPassedOver: true };
    }
  }

  #passOver(index: number): void {
    this.#unreadableEntries++;
    this.#firstUnreadable ??= index;
  }
}
