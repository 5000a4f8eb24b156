/**
 * `GET /events`, kept up: events out, in order and none twice. A stream that ends, or is silent for longer
 * than the monitor ever is, is opened again from the last event on. The platform's EventSource is not
 * used: it cannot tell a stream that hangs from one on which nothing happens.
 */
import { tooLate } from "./deadline.ts";
import { type ServerEvent, SseParser } from "./sse.ts";
import type { LiveWorld } from "./world.ts";

/** The monitor sends a comment every 15 s. */
const SILENT_MS = 25_000;
const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 8_000;

export interface StreamListener {
  /** Something arrived, be it a comment. */
  onSign(): void;
  /** Events arrived; at least one. */
  onEvents(events: readonly ServerEvent[]): void;
  /** It stands: whatever was missed is in the events that follow. Or it does not. */
  onOpen(isOpen: boolean): void;
  /** `sentMs`: when it was asked for, or heard last. */
  onMissed(sentMs: number, why: string): void;
}

export class EventStream {
  readonly #world: LiveWorld;
  readonly #listener: StreamListener;
  #lastId = "";
  #retryMs = FIRST_RETRY_MS;
  /** Of the attempt that counts; an older one that wakes up finds that it is no longer it. */
  #attempt: AbortController | undefined;
  #cancelRetry: () => void = () => {};

  constructor(world: LiveWorld, listener: StreamListener) {
    this.#world = world;
    this.#listener = listener;
  }

  /** From the last event on, or with a snapshot of everything. One that stands counts until this one fails. */
  open(from: "last" | "snapshot" = "last"): void {
    this.#cancelRetry();
    this.#attempt?.abort();
    if (from === "snapshot") this.#lastId = "";
    const attempt = new AbortController();
    this.#attempt = attempt;
    void this.#read(attempt);
  }

  close(): void {
    this.#cancelRetry();
    if (this.#attempt === undefined) return;
    this.#attempt.abort();
    this.#attempt = undefined;
    this.#listener.onOpen(false);
  }

  /** Never rejects. */
  async #read(attempt: AbortController): Promise<void> {
    let heardMs = this.#world.clock.monotonicMs();
    const watch = () => this.#world.timers.after(SILENT_MS, () => attempt.abort(tooLate()));
    let cancelWatch = watch();
    const hears = () => {
      heardMs = this.#world.clock.monotonicMs();
      cancelWatch();
      cancelWatch = watch();
    };
    let why = "it cannot be reached";
    try {
      const response = await this.#world.fetch("/events", {
        headers: {
          accept: "text/event-stream",
          ...(this.#lastId !== "" && { "last-event-id": this.#lastId }),
        },
        cache: "no-store",
        signal: attempt.signal,
      });
      if (!response.ok || response.body === null) {
        await response.body?.cancel();
        why = `it answered ${response.status}`;
      } else {
        await this.#readBody(response.body.getReader(), attempt, hears);
        why = "the stream of events ended";
      }
    } catch {
      // Whatever broke it, it is opened again.
    }
    cancelWatch();
    if (this.#attempt !== attempt) return;
    this.#listener.onOpen(false);
    this.#listener.onMissed(heardMs, why);
    this.#retry();
  }

  async #readBody(
    reader: ReadableStreamDefaultReader<Uint8Array>,
    attempt: AbortController,
    hears: () => void,
  ): Promise<void> {
    const parser = new SseParser();
    const decoder = new TextDecoder();
    let isOpen = false;
    let resumes: boolean | undefined;
    for (;;) {
      const piece = await reader.read();
      if (piece.done || this.#attempt !== attempt) return;
      hears();
      this.#listener.onSign();
      const text = decoder.decode(piece.value, { stream: true });
      // A comment at its beginning says that it goes on from the last event.
      resumes ??= text.startsWith(":");
      const events = parser.push(text);
      for (const { id } of events) if (id !== "") this.#lastId = id;
      if (events.length > 0) this.#listener.onEvents(events);
      if (isOpen || (!resumes && events.length === 0)) continue;
      isOpen = true;
      this.#retryMs = FIRST_RETRY_MS;
      this.#listener.onOpen(true);
    }
  }

  #retry(): void {
    this.#cancelRetry = this.#world.timers.after(this.#retryMs, () => this.open());
    this.#retryMs = Math.min(MAX_RETRY_MS, 2 * this.#retryMs);
  }
}
