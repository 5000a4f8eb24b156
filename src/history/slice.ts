/** What one batch is put together from: samples and saved watches, until there are enough for one turn of the event loop. */
import type { HistoryBatch, SavedRecord } from "./storage.ts";

/** Between two turns of the event loop so many are written about. */
export const TARGETS_A_SLICE = 50;
/** A batch of saved watches with large windows ends sooner. */
const SAVED_BYTES_A_BATCH = 128 * 1024;

/** What becomes a batch, or part of one. */
export interface SlicePart extends Pick<HistoryBatch, "phi" | "saved"> {
  /** Those of `saved` whose verdict had changed: if the batch is lost, they are not as good as saved. */
  readonly newVerdicts: readonly string[];
}

export class Slice {
  #names: string[] = [];
  /** Of each name one, as of `#peakPhi`. */
  #phi: number[] = [];
  #peakPhi: number[] = [];
  #saved: SavedRecord[] = [];
  #savedBytes = 0;
  #newVerdicts: string[] = [];

  sample(name: string, phi: number, peakPhi: number): void {
    this.#names.push(name);
    this.#phi.push(phi);
    this.#peakPhi.push(peakPhi);
  }

  save(record: SavedRecord, isVerdictNew: boolean): void {
    this.#saved.push(record);
    if (isVerdictNew) this.#newVerdicts.push(record.target);
    this.#savedBytes += record.bytes.length;
  }

  get isEmpty(): boolean {
    return this.#names.length === 0 && this.#saved.length === 0;
  }

  get isFull(): boolean {
    const count = Math.max(this.#names.length, this.#saved.length);
    return count >= TARGETS_A_SLICE || this.#savedBytes >= SAVED_BYTES_A_BATCH;
  }

  /** What is in it, which it forgets. */
  take(): SlicePart {
    const [targets, saved, newVerdicts] = [this.#names, this.#saved, this.#newVerdicts];
    const phi = Float64Array.from(this.#phi);
    const peakPhi = Float64Array.from(this.#peakPhi);
    this.#names = [];
    this.#phi = [];
    this.#peakPhi = [];
    this.#saved = [];
    this.#savedBytes = 0;
    this.#newVerdicts = [];
    return { phi: targets.length === 0 ? null : { targets, phi, peakPhi }, saved, newVerdicts };
  }
}

/** A record is a change, a sample of φ, or a saved watch. */
export function recordCount({ changes, phi, saved }: Partial<HistoryBatch>): number {
  return (changes?.length ?? 0) + (phi?.targets.length ?? 0) + (saved?.length ?? 0);
}
