/**
 * Gathers what one step wants done. Everything that has to be durable in a step becomes one store
 * effect, and a message that claims something durable rides on it: so "durable before reply" is a
 * matter of structure, not of care. It also counts store effects, and knows which are durable.
 */
import { assert } from "./assert.ts";
import type { Entry, HardState, LogPosition } from "./entry.ts";
import type { Message } from "./message.ts";
import type { Snapshot } from "./snapshot.ts";
import type { Effect, LogWrite, StoreToken } from "./step.ts";

export class Outbox {
  #effects: Effect[] = [];
  #writesSomething = false;
  #entries: readonly Entry[] = [];
  #snapshot: { snapshot: Snapshot; discardsLog: boolean } | undefined;
  #compactThrough: number | undefined;
  #afterStore: Message[] = [];
  /** The hard state as last given to a store effect. */
  #stored: HardState;
  /** The last store effect that was issued. */
  #issuedSequence = 0;
  /** The last one that is durable. Invariant: <= issuedSequence. */
  #storedSequence = 0;

  constructor(stored: HardState) {
    this.#stored = stored;
  }

  get issuedSequence(): number {
    return this.#issuedSequence;
  }
  get storedSequence(): number {
    return this.#storedSequence;
  }
  /** The commit index as of the last write. */
  get storedCommit(): number {
    return this.#stored.commit;
  }
  /** The number that this step's store effect will have, if it has one. */
  get nextSequence(): number {
    return this.#issuedSequence + 1;
  }

  emit(effect: Effect): void {
    this.#effects.push(effect);
  }

  /** For what claims nothing that a crash could undo. */
  sendNow(message: Message): void {
    this.#effects.push({ kind: "send", message });
  }

  /** For what may be said only once all that was written up to this step is durable. */
  sendOnceStored(message: Message): void {
    this.#afterStore.push(message);
  }

  writeEntries(entries: readonly Entry[]): void {
    this.#entries = entries;
    this.#writesSomething = true;
  }

  writeSnapshot(snapshot: Snapshot, discardsLog: boolean): void {
    this.#snapshot = { snapshot, discardsLog };
    this.#writesSomething = true;
  }

  writeCompaction(throughIndex: number): void {
    this.#compactThrough = throughIndex;
    this.#writesSomething = true;
  }

  /** Writes the hard state even if only its commit index has changed. */
  writeHardState(): void {
    this.#writesSomething = true;
  }

  /** A store effect is durable, and so are all before it. */
  completed(token: StoreToken): void {
    assert(token.sequence === this.#storedSequence + 1, "store effects complete in order");
    assert(token.sequence <= this.#issuedSequence, "a store effect completes after it is issued");
    this.#storedSequence = token.sequence;
  }

  /** Ends the step's writing: at most one store effect comes of it. */
  closeWrite(hardState: HardState, logEnd: LogPosition): void {
    const { term, vote } = this.#stored;
    const isChanged = hardState.term !== term || hardState.vote !== vote || this.#writesSomething;
    const isAllStored = this.#storedSequence === this.#issuedSequence;
    if (isChanged || (this.#afterStore.length > 0 && !isAllStored)) {
      this.#issueStore(hardState, logEnd, isChanged);
    } else {
      for (const message of this.#afterStore) this.sendNow(message);
    }
    this.#afterStore = [];
    this.#entries = [];
    this.#snapshot = undefined;
    this.#compactThrough = undefined;
    this.#writesSomething = false;
  }

  /** What the step wants done, in order. */
  takeEffects(): Effect[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  #issueStore(hardState: HardState, logEnd: LogPosition, writesHardState: boolean): void {
    this.#issuedSequence++;
    if (writesHardState) this.#stored = hardState;
    const write: LogWrite = {
      ...(writesHardState && { hardState }),
      ...(this.#snapshot !== undefined && { snapshot: this.#snapshot.snapshot }),
      ...(this.#snapshot?.discardsLog === true && { discardsLog: true }),
      entries: this.#entries,
      ...(this.#compactThrough !== undefined && { compactThrough: this.#compactThrough }),
    };
    const token: StoreToken = {
      sequence: this.#issuedSequence,
      term: hardState.term,
      lastIndex: logEnd.index,
      lastTerm: logEnd.term,
    };
    this.#effects.push({ kind: "store", token, write, messages: this.#afterStore });
  }
}
