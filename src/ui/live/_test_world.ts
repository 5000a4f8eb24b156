/** A world for the live view whose time and whose monitor do only as they are told. */
import type { LiveWorld } from "./world.ts";

type Reply = Response | "refuse" | "hang";

export class FakeWorld implements LiveWorld {
  nowMs = 10_000;
  /** Of the reader, which has nothing to do with the monitor's. */
  wallMs = 7;
  /** Every path asked for, in order. */
  readonly asked: string[] = [];
  readonly headers: Headers[] = [];
  #waiting: { readonly atMs: number; readonly run: () => void }[] = [];
  readonly #reply: (path: string) => Reply;

  constructor(reply: (path: string) => Reply) {
    this.#reply = reply;
  }

  readonly clock = { monotonicMs: () => this.nowMs, wallMs: () => this.wallMs };

  readonly timers = {
    after: (delayMs: number, run: () => void) => {
      const entry = { atMs: this.nowMs + delayMs, run };
      this.#waiting.push(entry);
      return () => {
        this.#waiting = this.#waiting.filter((other) => other !== entry);
      };
    },
  };

  fetch = (path: string, { signal, headers }: RequestInit): Promise<Response> => {
    this.asked.push(path);
    this.headers.push(new Headers(headers));
    const reply = this.#reply(path);
    if (reply === "refuse") return Promise.reject(new TypeError("refused"));
    if (reply !== "hang") return Promise.resolve(reply);
    return new Promise((_, reject) => {
      signal?.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
    });
  };

  get waitingCount(): number {
    return this.#waiting.length;
  }

  /** Lets time pass in the order of the timers, and everything that follows from each happen. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.nowMs + ms;
    await settled();
    for (;;) {
      const next = this.#waiting.toSorted((left, right) => left.atMs - right.atMs)[0];
      if (next === undefined || next.atMs > untilMs) break;
      this.nowMs = Math.max(this.nowMs, next.atMs);
      this.#waiting = this.#waiting.filter((other) => other !== next);
      next.run();
      await settled();
    }
    this.nowMs = untilMs;
  }
}

/** Enough turns for everything that waits for nothing but a promise. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 60; turn++) await Promise.resolve();
}

/** A stream of events that says what it is told, and ends or breaks off when it is told. */
export class FakeStream {
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  readonly response = new Response(
    new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
    }),
    { headers: { "content-type": "text/event-stream" } },
  );

  async say(text: string): Promise<void> {
    this.#controller?.enqueue(new TextEncoder().encode(text));
    await settled();
  }

  async event(id: number, name: string, data: unknown): Promise<void> {
    await this.say(`id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  async end(): Promise<void> {
    this.#controller?.close();
    await settled();
  }
}
