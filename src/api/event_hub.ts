/**
 * Tells many listeners of every change of verdict, of this monitor's and of all observers': changes in, server-sent events out, one queue for
 * each listener. Events are numbered, and the last some thousands are kept, so that a listener who lost
 * the connection goes on where it was. No listener can hold up another or make memory grow: one that
 * does not read is dropped, and finds its way back by the number of the last event that it got. What is made of
 * the events for one listener alone is a piece at a time, once it has read the piece before.
 */
import type { Clock, Timers } from "../port.ts";
import { viewCombinedChange, viewObserverChange } from "./observer_views.ts";
import { formatRfc3339 } from "../moment/mod.ts";
import { viewChange, viewVerdict, type TargetSources } from "./views.ts";

/** Events kept for those who come back. A listener that missed more gets a new snapshot. */
export const KEPT_EVENTS = 8_192;
/** So many of the last events are part of a snapshot, for those who want to know how it came to be. */
export const RECENT_EVENTS = 30;
/** Events that wait for one listener. They are shared between listeners, so this costs little. */
export const MAX_WAITING_EVENTS = 8_192;
/** More listeners than these are refused. */
export const MAX_LISTENERS = 1_000;
/** Often enough that no proxy takes the silence for an end. */
export const KEEP_ALIVE_MS = 15_000;

/** So many events are joined and encoded at a time, as the listener reads: what it does not read is not made. */
export const EVENTS_A_CHUNK = 100;

const TARGETS_A_CHUNK = 200;

export interface EventHubDeps extends TargetSources {
  readonly clock: Clock;
  readonly timers: Timers;
}

interface RecentEvent {
  readonly id: number;
  readonly event: "verdict" | "combined" | "observer";
  readonly data: object;
}

export class EventHub {
  readonly #deps: EventHubDeps;
  readonly #unsubscribe: readonly (() => void)[];
  readonly #listeners = new Set<Listener>();
  /**
   * The last events in order. Invariant: the last one's number is `#lastId`, and none is missing. It is only
   * added to, or replaced as a whole, because those who resume read on in the one that they began with.
   */
  #kept: string[] = [];
  #lastId: number;
  /** The last that were news, oldest first. */
  #recent: RecentEvent[] = [];

  constructor(deps: EventHubDeps) {
    this.#deps = deps;
    // Numbers of an earlier run are below these, so that nobody resumes in the wrong one.
    this.#lastId = Math.floor(deps.clock.wallMs()) * 1_000;
    const { monitor, observers } = deps;
    this.#unsubscribe = [
      monitor.onVerdictChange((change) => this.#publish("verdict", viewChange(change))),
      observers?.onCombinedChange((change) =>
        this.#publish("combined", viewCombinedChange(change), change.isNews),
      ),
      observers?.onObserverChange((change) =>
        this.#publish("observer", viewObserverChange(change)),
      ),
    ].filter((unsubscribe) => unsubscribe !== undefined);
  }

  get listenerCount(): number {
    return this.#listeners.size;
  }

  get isFull(): boolean {
    return this.#listeners.size >= MAX_LISTENERS;
  }

  /** A stream of events: those after `lastEventId` if they are all still there, else a snapshot first. */
  listen(lastEventId: number | null): ReadableStream<Uint8Array> {
    const missedCount = this.#missedCount(lastEventId);
    const start: Start =
      missedCount === null
        ? { pieces: this.#snapshot(this.#lastId, [...this.#recent]), isOneEvent: true }
        : {
            pieces: missedEvents(this.#kept, missedCount, this.#kept.length),
            isOneEvent: false,
          };
    const listener = new Listener(start, this.#deps.timers, () => this.#listeners.delete(listener));
    this.#listeners.add(listener);
    return listener.stream();
  }

  /** Ends every stream and hears no more. */
  close(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
    for (const listener of this.#listeners) listener.close();
  }

  #publish(name: RecentEvent["event"], data: object, isNews = true): void {
    this.#lastId++;
    if (isNews) this.#recent.push({ id: this.#lastId, event: name, data });
    if (this.#recent.length > RECENT_EVENTS) this.#recent.shift();
    const event = `id: ${this.#lastId}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
    this.#kept.push(event);
    // Trimmed in bulk: shifting a long list at each event would cost its length.
    if (this.#kept.length >= 2 * KEPT_EVENTS) this.#kept = this.#kept.slice(-KEPT_EVENTS);
    for (const listener of this.#listeners) listener.push(event);
  }

  /** How many came after that number; null if some of them are gone, or it was never one of ours. */
  #missedCount(lastEventId: number | null): number | null {
    if (lastEventId === null) return null;
    const missedCount = this.#lastId - lastEventId;
    return missedCount < 0 || missedCount > this.#kept.length ? null : missedCount;
  }

  /**
   * One event in several pieces. It carries the number of the last change before it; changes that
   * happen while it is written come after it as events, even where it shows them already.
   */
  *#snapshot(id: number, recent: readonly RecentEvent[]): Generator<string> {
    const { monitor, clock } = this.#deps;
    const at = JSON.stringify(formatRfc3339(clock.wallMs()));
    let chunk = `id: ${id}\nevent: snapshot\ndata: {"at":${at},"targets":[`;
    let targetCount = 0;
    for (const watch of monitor.watches()) {
      // A line break between two values is part of neither, so the data may go on in a new line.
      chunk += `${targetCount === 0 ? "" : ","}\ndata: ${JSON.stringify(viewVerdict(watch, this.#deps))}`;
      targetCount++;
      if (targetCount % TARGETS_A_CHUNK === 0) {
        yield chunk;
        chunk = "";
      }
    }
    const lines = recent.map((event) => `\ndata: ${JSON.stringify(event)}`);
    yield `${chunk}\ndata: ],"recent":[${lines.join(",")}\ndata: ]}\n\n`;
  }
}

/** The last so many before `end`, some at a time. Holds the list itself and no copy, whatever is added to it. */
function* missedEvents(
  kept: readonly string[],
  missedCount: number,
  end: number,
): Generator<string> {
  // So that one who missed nothing gets an answer at once, too.
  yield ": resumed\n\n";
  for (let index = end - missedCount; index < end; index += EVENTS_A_CHUNK) {
    yield kept.slice(index, Math.min(index + EVENTS_A_CHUNK, end)).join("");
  }
}

interface Start {
  readonly pieces: Iterator<string>;
  /** Then it is told to its end, for half of it is of no use. Else a listener that is dropped comes back for the rest. */
  readonly isOneEvent: boolean;
}

/** One who listens: what it is still to be told, and the stream that it reads. */
class Listener {
  /** Null once it was told as far as it will be. */
  #start: Start | null;
  readonly #timers: Timers;
  readonly #onEnd: () => void;
  #waiting: string[] = [];
  #isClosed = false;
  #wake: () => void = () => {};
  #cancelKeepAlive: () => void = () => {};

  constructor(start: Start, timers: Timers, onEnd: () => void) {
    this.#start = start;
    this.#timers = timers;
    this.#onEnd = onEnd;
  }

  stream(): ReadableStream<Uint8Array> {
    const encoder = new TextEncoder();
    this.#keepAlive();
    return new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const text = await this.#next();
        if (text === null) controller.close();
        else controller.enqueue(encoder.encode(text));
      },
      cancel: () => this.close(),
    });
  }

  push(event: string): void {
    if (this.#waiting.length >= MAX_WAITING_EVENTS) {
      this.close();
      return;
    }
    this.#waiting.push(event);
    this.#wake();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    // The stream may stay for as long as nobody reads it, but must not hold on to what was kept then.
    if (this.#start?.isOneEvent === false) this.#start = null;
    this.#waiting = [];
    this.#cancelKeepAlive();
    this.#onEnd();
    this.#wake();
  }

  /** What to send next, as soon as there is something; null at the end. */
  async #next(): Promise<string | null> {
    const piece = this.#start?.pieces.next();
    if (piece?.done === false) {
      await this.#timers.yieldToLoop();
      return piece.value;
    }
    this.#start = null;
    while (this.#waiting.length === 0 && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#isClosed) return null;
    return this.#waiting.splice(0, EVENTS_A_CHUNK).join("");
  }

  #keepAlive(): void {
    this.#cancelKeepAlive = this.#timers.after(KEEP_ALIVE_MS, () => {
      if (this.#waiting.length === 0) this.push(": still here\n\n");
      this.#keepAlive();
    });
  }
}
