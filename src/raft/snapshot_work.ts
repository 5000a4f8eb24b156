/**
 * A snapshot being made, a little at a time: the parts of the state are taken one by one, checksummed as
 * they come, and put together at the end. Between two steps whoever makes it lets others have their turn;
 * what is applied meanwhile is not in it.
 */
import { crc32c } from "./crc32c.ts";
import type { StateMachine } from "./state_machine.ts";

export interface MadeSnapshot {
  /** The last entry that it has. */
  readonly index: number;
  readonly data: Uint8Array;
  /** CRC32C of `data`. */
  readonly checksum: number;
}

/** What is put together in one step. */
const STEP_BYTES = 1_048_576;

export class SnapshotWork {
  readonly #index: number;
  readonly #parts: Iterator<Uint8Array>;
  readonly #taken: Uint8Array[] = [];
  #checksum = 0;
  #length = 0;
  /** Once all parts are taken. */
  #data: Uint8Array | undefined;
  #filledBytes = 0;

  /** Of the state as it is now, which has all entries up to `index`. */
  constructor(stateMachine: StateMachine, index: number) {
    this.#index = index;
    const parts = stateMachine.snapshotParts?.() ?? [stateMachine.snapshot()];
    this.#parts = parts[Symbol.iterator]();
  }

  /** Does one step. The snapshot once it is made; nothing is to be done after that. */
  step(): MadeSnapshot | undefined {
    if (this.#data === undefined) this.#takePart();
    else this.#fill(this.#data);
    const data = this.#data;
    if (data === undefined || this.#filledBytes < this.#length) return undefined;
    return { index: this.#index, data, checksum: this.#checksum };
  }

  #takePart(): void {
    const next = this.#parts.next();
    if (next.done === true) {
      this.#data = new Uint8Array(this.#length);
      return;
    }
    this.#taken.push(next.value);
    this.#length += next.value.length;
    this.#checksum = crc32c(next.value, this.#checksum);
  }

  #fill(data: Uint8Array): void {
    const endBytes = this.#filledBytes + STEP_BYTES;
    while (this.#filledBytes < endBytes) {
      const part = this.#taken.shift();
      if (part === undefined) return;
      data.set(part, this.#filledBytes);
      this.#filledBytes += part.length;
    }
  }
}
