/**
 * A heartbeat trace: which heartbeats arrived when, as something recorded it. Arrivals go in one after
 * the other, and what detectors can be judged on comes out. The idea: a heartbeat that is no newer than
 * the newest one (a duplicate, or overtaken on its way) says nothing that was not known, and is counted
 * and left out; a hole in the sequence numbers is a heartbeat that got lost, and only makes a gap longer.
 * It has no clock, and never sorts: what arrived before what is the recorder's to say.
 */

import type { RecordedGap } from "./gap_ring.ts";

export interface Trace {
  /** What it is called: a path, or a target. */
  readonly name: string;
  /** When each heartbeat arrived, in milliseconds since any moment. Invariant: never falling. */
  readonly arrivalsMs: Float64Array;
  /** The number each one carried. Invariant: rising. */
  readonly sequences: Float64Array;
  /** 1 where the gap before the heartbeat was an outage; undefined where no gap was. */
  readonly outages: Uint8Array | undefined;
  /** Heartbeats that the holes in the sequence stand for. */
  readonly lostCount: number;
  /** Arrivals that were no newer than the newest one, and are not among the heartbeats. */
  readonly staleCount: number;
}

/** 16 bytes each, and twice that while it is read. */
export const MOST_TRACE_HEARTBEATS = 10_000_000;

const FIRST_ROOM = 4_096;

export type TraceAddition = "heartbeat" | "stale" | "backwards" | "full";

export class TraceBuilder {
  readonly #mostHeartbeats: number;
  #arrivalsMs = new Float64Array(FIRST_ROOM);
  #sequences = new Float64Array(FIRST_ROOM);
  #count = 0;
  #lostCount = 0;
  #staleCount = 0;
  /** Of all arrivals, the stale ones included. */
  #lastArrivalMs = -Infinity;

  constructor(mostHeartbeats: number = MOST_TRACE_HEARTBEATS) {
    this.#mostHeartbeats = mostHeartbeats;
  }

  get heartbeatCount(): number {
    return this.#count;
  }

  get lastArrivalMs(): number {
    return this.#lastArrivalMs;
  }

  /**
   * One arrival; both are finite, and the sequence a whole number >= 0. `backwards` is earlier than the
   * arrival before it, and `full` one heartbeat too many; neither of them changes anything.
   */
  add(sequence: number, arrivalMs: number): TraceAddition {
    if (arrivalMs < this.#lastArrivalMs) return "backwards";
    const count = this.#count;
    const newest = count === 0 ? sequence - 1 : this.#sequences[count - 1]!;
    if (sequence <= newest) {
      this.#lastArrivalMs = arrivalMs;
      this.#staleCount++;
      return "stale";
    }
    if (count === this.#mostHeartbeats) return "full";
    if (count === this.#arrivalsMs.length) this.#makeRoom();
    this.#lastArrivalMs = arrivalMs;
    this.#arrivalsMs[count] = arrivalMs;
    this.#sequences[count] = sequence;
    this.#lostCount += sequence - newest - 1;
    this.#count = count + 1;
    return "heartbeat";
  }

  build(name: string): Trace {
    return {
      name,
      arrivalsMs: this.#arrivalsMs.subarray(0, this.#count),
      sequences: this.#sequences.subarray(0, this.#count),
      outages: undefined,
      lostCount: this.#lostCount,
      staleCount: this.#staleCount,
    };
  }

  #makeRoom(): void {
    const room = Math.min(2 * this.#count, this.#mostHeartbeats);
    const arrivalsMs = new Float64Array(room);
    arrivalsMs.set(this.#arrivalsMs);
    this.#arrivalsMs = arrivalsMs;
    const sequences = new Float64Array(room);
    sequences.set(this.#sequences);
    this.#sequences = sequences;
  }
}

/**
 * The trace that gaps make, oldest first. What a monitor keeps has no sequence numbers, so that a gap of
 * about n usual ones (the median) is taken for n slots, of which all but the last were lost.
 */
export function traceOfGaps(name: string, gaps: readonly RecordedGap[]): Trace {
  const arrivalsMs = new Float64Array(gaps.length + 1);
  const sequences = new Float64Array(gaps.length + 1);
  const outages = new Uint8Array(gaps.length + 1);
  const ascending = Float64Array.from(gaps, ({ gapMs }) => gapMs).toSorted();
  const usualMs = ascending[ascending.length >> 1] ?? 0;
  let lostCount = 0;
  for (const [index, { gapMs, isOutage }] of gaps.entries()) {
    const slots = usualMs > 0 ? Math.max(1, Math.round(gapMs / usualMs)) : 1;
    if (!isOutage) lostCount += slots - 1;
    arrivalsMs[index + 1] = arrivalsMs[index]! + gapMs;
    sequences[index + 1] = sequences[index]! + slots;
    outages[index + 1] = isOutage ? 1 : 0;
  }
  return { name, arrivalsMs, sequences, outages, lostCount, staleCount: 0 };
}
