/**
 * One hashed timing wheel for everything that waits: the next question of every target, the
 * deadline of every probe under way, the moment at which every suspicion crosses a threshold.
 * Setting and clearing an alarm are a few pointer moves, whatever the number of targets; the price
 * is that an alarm rings at the first `advance` after its time, never before. The wheel has no clock: whoever
 * owns it calls `advance` with the time. (Varghese and Lauck 1987, scheme 6.)
 */

/**
 * Something that waits in a wheel: made once, set and cleared as often as needed. Whatever waits extends it,
 * because a closure or an object beside each of 300,000 alarms would cost more than they do.
 */
export abstract class Alarm {
  /** When it rings; meaningless unless it is set. */
  dueMs = 0;
  /** Invariant: both are null exactly when the alarm is not set. */
  next: Alarm | null = null;
  previous: Alarm | null = null;

  /** Its time has come; for the wheel to call. */
  abstract ring(nowMs: number): void;

  get isSet(): boolean {
    return this.next !== null;
  }
}

export interface TimerWheelOptions {
  /** Width of a slot. Smaller rings more exactly, and costs more empty slots to walk over. */
  readonly slotMs: number;
  /** More slots mean fewer alarms that are passed over because their turn is a later round. */
  readonly slotCount: number;
}

export class TimerWheel {
  readonly #slotMs: number;
  readonly #slots: readonly Alarm[];
  /** Invariant: outside of `advance`, every slot before this one has rung all that was due. */
  #currentSlot: number;
  #size = 0;

  constructor(nowMs: number, options: TimerWheelOptions = { slotMs: 2, slotCount: 4096 }) {
    this.#slotMs = options.slotMs;
    this.#slots = Array.from({ length: options.slotCount }, () => emptyList());
    this.#currentSlot = Math.floor(nowMs / options.slotMs);
  }

  /** How many alarms are set. */
  get size(): number {
    return this.#size;
  }

  /** Sets an alarm for `dueMs`; one that is set already is moved. A time gone by rings at the next `advance`. */
  set(alarm: Alarm, dueMs: number): void {
    if (alarm.isSet) this.clear(alarm);
    alarm.dueMs = dueMs;
    const slot = Math.max(Math.ceil(dueMs / this.#slotMs), this.#currentSlot);
    append(this.#slots[slot % this.#slots.length]!, alarm);
    this.#size++;
  }

  /** Clears an alarm; one that is not set is left as it is. */
  clear(alarm: Alarm): void {
    if (!alarm.isSet) return;
    unlink(alarm);
    this.#size--;
  }

  /** Rings all that is due, slot by slot. One set meanwhile for a time gone by may wait for the next call. */
  advance(nowMs: number): void {
    const lastSlot = Math.floor(nowMs / this.#slotMs);
    if (lastSlot < this.#currentSlot) return;
    // After a long gap one round over all slots reaches every alarm.
    const firstSlot = Math.max(this.#currentSlot, lastSlot - this.#slots.length + 1);
    // Before anything rings, so that an alarm set meanwhile for a time gone by is not put behind us.
    this.#currentSlot = lastSlot;
    for (let slot = firstSlot; slot <= lastSlot; slot++) {
      this.#ringSlot(this.#slots[slot % this.#slots.length]!, nowMs);
    }
  }

  /** How long nothing can be due, looking `atMostMs` ahead: that much time may be slept. */
  idleMs(nowMs: number, atMostMs: number): number {
    const lastSlot = Math.floor((nowMs + atMostMs) / this.#slotMs);
    for (let slot = this.#currentSlot; slot <= lastSlot; slot++) {
      const head = this.#slots[slot % this.#slots.length]!;
      if (head.next !== head) return Math.min(Math.max(slot * this.#slotMs - nowMs, 0), atMostMs);
    }
    return atMostMs;
  }

  /** Rings from a list of its own, so that a ring may set or clear any alarm, itself included. */
  #ringSlot(slot: Alarm, nowMs: number): void {
    if (slot.next === slot) return;
    const pending = takeAll(slot);
    for (let alarm = pending.next!; alarm !== pending; alarm = pending.next!) {
      unlink(alarm);
      if (alarm.dueMs > nowMs) {
        append(slot, alarm);
        continue;
      }
      this.#size--;
      alarm.ring(nowMs);
    }
  }
}

class ListHead extends Alarm {
  ring(): void {}
}

/** A list's head is an alarm that never rings; the list is circular, so that no end is special. */
function emptyList(): Alarm {
  const head = new ListHead();
  head.next = head;
  head.previous = head;
  return head;
}

function append(head: Alarm, alarm: Alarm): void {
  const last = head.previous!;
  alarm.previous = last;
  alarm.next = head;
  last.next = alarm;
  head.previous = alarm;
}

function unlink(alarm: Alarm): void {
  alarm.previous!.next = alarm.next;
  alarm.next!.previous = alarm.previous;
  alarm.next = null;
  alarm.previous = null;
}

function takeAll(head: Alarm): Alarm {
  const taken = emptyList();
  taken.next = head.next;
  taken.previous = head.previous;
  taken.next!.previous = taken;
  taken.previous!.next = taken;
  head.next = head;
  head.previous = head;
  return taken;
}
