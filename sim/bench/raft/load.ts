/** What a closed loop of clients is told and what it finds, however they ask. */
import { quantile } from "../row.ts";

/** So many different puts there are, of so many keys. */
const PUTS = 256;
const KEYS = 64;
/** As much as a small target's config. */
const VALUE_BYTES = 256;

export interface LoadOptions {
  readonly port: number;
  /** Each has one request out at any time. */
  readonly clients: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
}

/** Takes what clients see, from when the warm-up is over until the end. */
export class LoadRecorder {
  readonly latenciesMs: number[] = [];
  /** Requests that were not answered with success. */
  failed = 0;
  #seconds = 0;
  #isMeasuring = false;

  /** Counts for as long as `options` say. Resolves then. */
  async record({ warmUpMs, measureMs }: LoadOptions): Promise<void> {
    await Bun.sleep(warmUpMs);
    this.#isMeasuring = true;
    const startMs = performance.now();
    await Bun.sleep(measureMs);
    this.#isMeasuring = false;
    this.#seconds += (performance.now() - startMs) / 1_000;
  }

  answered(isSuccess: boolean, latencyMs: number): void {
    if (!this.#isMeasuring) return;
    if (isSuccess) this.latenciesMs.push(latencyMs);
    else this.failed++;
  }

  get perSecond(): number {
    return this.latenciesMs.length / this.#seconds;
  }

  /** `p50, p99`, in milliseconds. */
  get latency(): string {
    const ascending = this.latenciesMs.toSorted((left, right) => left - right);
    return `${quantile(ascending, 0.5).toFixed(1)}, ${quantile(ascending, 0.99).toFixed(1)}`;
  }
}

export interface Put {
  readonly key: Uint8Array;
  readonly value: Uint8Array;
}

/** Gives one of the same few requests at each call, made before anything is measured. */
export function turnsOf<Request>(encode: (put: Put) => Request): () => Request {
  const requests = Array.from({ length: PUTS }, (_, place) =>
    encode({ key: new TextEncoder().encode(`key-${place % KEYS}`), value: randomValue() }),
  );
  let turn = 0;
  return () => requests[turn++ % PUTS]!;
}

/** Not to be compressed. */
export function randomValue(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(VALUE_BYTES));
}
