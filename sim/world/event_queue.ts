/**
 * The virtual clock and what is to happen on it: a binary heap by time. What happens at the same
 * time happens in the order in which it was scheduled, so that a run is one sequence and no other.
 * Time jumps from event to event; nothing here waits.
 */
export interface ScheduledEvent {
  readonly atUs: number;
  /** Counts what was scheduled, from 1. */
  readonly number: number;
  /** What kind of event, and of whom: for the trace and the story, not for the queue. */
  readonly kind: EventKind;
  readonly subject: number;
  readonly run: () => void;
}

/** Numbers rather than names, since each event is mixed into the trace hash. */
export type EventKind = (typeof EVENT)[keyof typeof EVENT];

export const EVENT = {
  tick: 1,
  message: 2,
  snapshot: 3,
  snapshotResult: 4,
  stored: 5,
  snapshotRead: 6,
  client: 7,
  fault: 8,
  administrator: 9,
  deferred: 10,
  process: 11,
  healing: 12,
} as const;

/** The subject of an event that is nobody's in particular. */
export const NOBODY = -1;

export class EventQueue {
  readonly #heap: ScheduledEvent[] = [];
  #scheduled = 0;
  #nowUs = 0;

  /** Microseconds since the run began. Never falls. */
  get nowUs(): number {
    return this.#nowUs;
  }

  get size(): number {
    return this.#heap.length;
  }

  /** `delayUs` >= 0, from now. */
  schedule(delayUs: number, kind: EventKind, subject: number, run: () => void): void {
    this.#scheduled++;
    this.#rise({ atUs: this.#nowUs + delayUs, number: this.#scheduled, kind, subject, run });
  }

  /** Takes out what comes next and moves the clock to it; undefined if nothing is left. */
  next(): ScheduledEvent | undefined {
    const first = this.#heap[0];
    const last = this.#heap.pop();
    if (first === undefined || last === undefined) return undefined;
    if (first !== last) this.#sink(last);
    this.#nowUs = first.atUs;
    return first;
  }

  /** Puts a new event at the end and moves it up to its place. */
  #rise(event: ScheduledEvent): void {
    const heap = this.#heap;
    let place = heap.length;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = heap[above]!;
      if (!isBefore(event, parent)) break;
      heap[place] = parent;
      place = above;
    }
    heap[place] = event;
  }

  /** Puts an event at the top and moves it down to its place. */
  #sink(event: ScheduledEvent): void {
    const heap = this.#heap;
    let place = 0;
    for (;;) {
      let below = 2 * place + 1;
      if (below >= heap.length) break;
      if (below + 1 < heap.length && isBefore(heap[below + 1]!, heap[below]!)) below++;
      const child = heap[below]!;
      if (!isBefore(child, event)) break;
      heap[place] = child;
      place = below;
    }
    heap[place] = event;
  }
}

function isBefore(left: ScheduledEvent, right: ScheduledEvent): boolean {
  return left.atUs < right.atUs || (left.atUs === right.atUs && left.number < right.number);
}
