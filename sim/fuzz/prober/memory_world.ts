/**
 * The world of a prober without sockets: time that passes when it is told to, and connections that say what
 * they are told to say. The bytes of an answer are overwritten as soon as the prober has seen them, since it
 * may not hold on to them.
 */
import type { Connection, ConnectionEvents, DialAddress } from "../../../src/port.ts";
import {
  HttpProber,
  type HttpProbeOptions,
  type ProbeOutcome,
  TimerWheel,
} from "../../../src/probe/mod.ts";
import { bytesOf } from "../mutation.ts";

const TIMEOUT_MS = 8;
/** What a question may take: one that a kept connection lost is asked again. */
const MAX_LIVES = 3;
const SCRIBBLE = 0x5a;

class MemoryConnection implements Connection {
  readonly events: ConnectionEvents;
  isClosed = false;
  isConnected = false;

  constructor(_address: DialAddress, events: ConnectionEvents) {
    this.events = events;
  }

  write(): void {
    // Nobody reads the question.
  }

  close(): void {
    this.isClosed = true;
  }
}

export interface Heard {
  /** `ok`, or why not. */
  readonly outcome: string;
  /** The connection stands, for the next question. */
  readonly isKept: boolean;
}

export class MemoryWorld {
  readonly #wheel = new TimerWheel(0, { slotMs: 1, slotCount: 16 });
  readonly #prober: HttpProber;
  #nowMs = 0;
  #connection: MemoryConnection | undefined;
  /** Of connections that were not closed. */
  #dialled = 0;

  constructor(
    options: Pick<HttpProbeOptions, "method" | "statusMatches" | "maxBodyBytes" | "bodyMatches">,
  ) {
    this.#prober = new HttpProber(
      {
        url: "http://127.0.0.1:8080/heartbeat",
        headers: {},
        timeoutMs: TIMEOUT_MS,
        tls: { insecureSkipVerify: false },
        connection: "reuse",
        ...options,
      },
      {
        dial: (address, events) => {
          this.#dialled++;
          return (this.#connection = new MemoryConnection(address, events));
        },
        resolve: () => Promise.reject(new Error("an address needs no look-up")),
        readTextFile: () => Promise.reject(new Error("no file was named")),
        nowMs: () => this.#nowMs,
        wheel: this.#wheel,
        checkAddress: () => ({ ok: true }),
      },
    );
  }

  /** Asks, and answers with these pieces, and with the end of the connection or with silence. */
  hear(pieces: readonly string[], hasEnded: boolean): Heard {
    const outcomes: ProbeOutcome[] = [];
    this.#prober.ask((outcome) => outcomes.push(outcome));
    for (let life = 0; life < MAX_LIVES && outcomes.length === 0; life++) {
      const dialled = this.#dialled;
      this.#say(pieces, hasEnded);
      if (this.#dialled === dialled) break;
    }
    if (outcomes.length === 0) this.#wait();
    const isKept = this.#connection !== undefined && !this.#connection.isClosed;
    const words = outcomes.map((outcome) => (outcome.ok ? "ok" : outcome.reason));
    return { outcome: words.join(", then "), isKept };
  }

  /** Alarms that are still set: none, when nothing is asked. */
  get alarms(): number {
    return this.#wheel.size;
  }

  close(): void {
    this.#prober.close();
  }

  #say(pieces: readonly string[], hasEnded: boolean): void {
    const connection = this.#connection!;
    if (!connection.isConnected) {
      connection.isConnected = true;
      connection.events.onConnect();
    }
    for (const piece of pieces) {
      if (connection.isClosed) return;
      if (piece === "") continue;
      const bytes = bytesOf(piece);
      connection.events.onData(bytes);
      bytes.fill(SCRIBBLE);
    }
    if (hasEnded && !connection.isClosed) connection.events.onEnd();
  }

  #wait(): void {
    for (let passedMs = 0; passedMs <= TIMEOUT_MS + 1; passedMs++) {
      this.#nowMs++;
      this.#wheel.advance(this.#nowMs);
    }
  }
}
