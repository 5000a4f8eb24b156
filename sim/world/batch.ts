/**
 * Runs many seeds: in this process, or spread over worker threads that take a few at a time. A seed is
 * a run of its own and shares nothing with another, so it does not matter who runs it.
 */
import { runSeed } from "./run.ts";
import { Tally, type TallyData } from "./tally.ts";

export interface BatchOptions {
  readonly base: number;
  /** Seeds `base`..`base + seeds - 1`; Infinity for as many as time allows. */
  readonly seeds: number;
  /** No seed is begun after this; Infinity for no limit. */
  readonly seconds: number;
  /** 1 runs in this process. */
  readonly workers: number;
  /** Whether the first failure ends the batch. With one worker that is the lowest failing seed. */
  readonly stopsAtFirst: boolean;
  /** Told now and then how far the batch is. */
  readonly onProgress?: (tally: Tally) => void;
}

/** A few seeds in a row, from `first` on. */
export interface Slice {
  readonly first: number;
  readonly count: number;
}

const SLICE_SEEDS = 10;

/** Hands out slices until there are no more, or no time is left, or enough has failed. */
class Supply {
  readonly #options: BatchOptions;
  readonly #tally: Tally;
  readonly #deadlineMs: number;
  #given = 0;

  constructor(options: BatchOptions, tally: Tally) {
    this.#options = options;
    this.#tally = tally;
    this.#deadlineMs = performance.now() + options.seconds * 1_000;
  }

  next(): Slice | undefined {
    const { base, seeds, stopsAtFirst } = this.#options;
    const count = Math.min(SLICE_SEEDS, seeds - this.#given);
    const isOver = stopsAtFirst && this.#tally.failures.length > 0;
    if (count <= 0 || isOver || performance.now() >= this.#deadlineMs) return undefined;
    const first = base + this.#given;
    this.#given += count;
    return { first, count };
  }
}

export async function runBatch(options: BatchOptions): Promise<Tally> {
  const tally = new Tally();
  const supply = new Supply(options, tally);
  if (options.workers === 1) {
    runHere(supply, tally, options);
  } else {
    const workers = Array.from({ length: options.workers }, () =>
      runInWorker(supply, tally, options),
    );
    await Promise.all(workers);
  }
  return tally;
}

/** The seeds of a slice, one after the other. */
export function runSlice({ first, count }: Slice, tally: Tally, stopsAtFirst: boolean): void {
  for (let seed = first; seed < first + count; seed++) {
    tally.addRun(runSeed(seed));
    if (stopsAtFirst && tally.failures.length > 0) return;
  }
}

function runHere(supply: Supply, tally: Tally, { stopsAtFirst, onProgress }: BatchOptions): void {
  for (let slice = supply.next(); slice !== undefined; slice = supply.next()) {
    runSlice(slice, tally, stopsAtFirst);
    onProgress?.(tally);
  }
}

async function runInWorker(supply: Supply, tally: Tally, options: BatchOptions): Promise<void> {
  const worker = new Worker(new URL("worker.ts", import.meta.url));
  try {
    for (let slice = supply.next(); slice !== undefined; slice = supply.next()) {
      tally.add(await ask(worker, slice));
      options.onProgress?.(tally);
    }
  } finally {
    worker.terminate();
  }
}

function ask(worker: Worker, slice: Slice): Promise<TallyData> {
  const { promise, resolve, reject } = Promise.withResolvers<TallyData>();
  worker.addEventListener("message", ({ data }: MessageEvent<TallyData>) => resolve(data), {
    once: true,
  });
  worker.addEventListener("error", ({ message }) => reject(new Error(message)), { once: true });
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has none
  worker.postMessage(slice);
  return promise;
}
