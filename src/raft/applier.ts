/**
 * What is committed, into the state machine: in order, each entry once, and never stopped by one that
 * cannot be read, since it would stop every member at the same place. It counts how much was applied
 * since the last snapshot, and what had to be passed over.
 */
import { type Entry, entryBytes, type RequestId } from "./entry.ts";
import type { Snapshot } from "./snapshot.ts";
import type { ApplyResult, StateMachine } from "./state_machine.ts";

/** Hears of each proposal that went in, and with what result. */
export type OnCommitted = (id: RequestId, index: number, result: ApplyResult) => void;

const DONE: ApplyResult = { ok: true, output: new Uint8Array() };

export class Applier {
  readonly #stateMachine: StateMachine;
  readonly #onCommitted: OnCommitted;
  #bytesSinceSnapshot = 0;
  #unreadableEntries = 0;

  constructor(stateMachine: StateMachine, onCommitted: OnCommitted) {
    this.#stateMachine = stateMachine;
    this.#onCommitted = onCommitted;
  }

  /** What was applied since the last snapshot counts for, see `entryBytes`. */
  get bytesSinceSnapshot(): number {
    return this.#bytesSinceSnapshot;
  }

  /** Entries that were passed over: of a later version, or the state machine failed at them. */
  get unreadableEntries(): number {
    return this.#unreadableEntries;
  }

  apply(entries: readonly Entry[]): void {
    for (const entry of entries) {
      this.#bytesSinceSnapshot += entryBytes(entry);
      this.#applyEntry(entry);
    }
  }

  /** The state, for a snapshot. Counts as one taken. */
  takeSnapshot(): Uint8Array {
    this.#bytesSinceSnapshot = 0;
    return this.#stateMachine.snapshot();
  }

  /** Throws if the state machine cannot read it: what follows on it would be applied to another state. */
  restore({ index, data }: Snapshot): void {
    const restored = this.#stateMachine.restore(data);
    if (!restored.ok) {
      throw new Error(`The snapshot at index ${index} cannot be restored: ${restored.error}`);
    }
    this.#bytesSinceSnapshot = 0;
  }

  #applyEntry({ index, body }: Entry): void {
    switch (body.kind) {
      case "noop":
        return;
      case "unreadable":
        this.#unreadableEntries++;
        return;
      case "membership":
        return this.#onCommitted(body.id, index, DONE);
      case "command":
        return this.#onCommitted(body.id, index, this.#run(index, body.data));
    }
  }

  /** A state machine does not throw; one that does all the same costs one entry, not the cluster. */
  #run(index: number, data: Uint8Array): ApplyResult {
    try {
      return this.#stateMachine.apply({ index, data });
    } catch (error) {
      this.#unreadableEntries++;
      const detail = error instanceof Error ? error.message : String(error);
      return { ok: false, error: `the state machine failed at entry ${index}: ${detail}` };
    }
  }
}
