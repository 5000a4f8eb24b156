/**
 * The whole world of a prober, for tests: time that passes when the test says so, connections that
 * answer what the test lets them, files and names that are as it wants them. No sockets.
 */
import type { Connection, ConnectionEvents, DialAddress, ResolveResult } from "../port.ts";
import type { HttpProbeOptions } from "./http_plan.ts";
import { HttpProber } from "./http_prober.ts";
import type { ProbeOutcome } from "./outcome.ts";
import { TimerWheel } from "./wheel.ts";

export const OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

const OPTIONS: HttpProbeOptions = {
  url: "http://10.0.0.1:8080/heartbeat",
  method: "GET",
  headers: {},
  timeoutMs: 1_000,
  statusMatches: (status) => status === 200,
  maxBodyBytes: 100,
  tls: { insecureSkipVerify: false },
  connection: "reuse",
};

/** A connection in the hands of the test. */
export class FakeConnection implements Connection {
  readonly address: DialAddress;
  readonly events: ConnectionEvents;
  readonly written: string[] = [];
  isClosed = false;

  constructor(address: DialAddress, events: ConnectionEvents) {
    this.address = address;
    this.events = events;
  }

  write(bytes: Uint8Array | string): void {
    this.written.push(String(bytes));
  }

  close(): void {
    this.isClosed = true;
  }

  answer(text: string): void {
    this.events.onData(new TextEncoder().encode(text));
  }
}

/** The whole world of a prober: virtual time, connections that the test answers. */
export class FakeWorld {
  nowMs = 0;
  readonly wheel = new TimerWheel(0, { slotMs: 1, slotCount: 64 });
  readonly connections: FakeConnection[] = [];
  readonly files = new Map<string, string>();
  readonly denied = new Set<string>();
  resolved: Promise<ResolveResult> = Promise.resolve({ ok: false, detail: "no such name" });
  readonly outcomes: ProbeOutcome[] = [];
  readonly prober: HttpProber;

  constructor(
    options: Partial<HttpProbeOptions> = {},
    connectTo?: (host: string, port: number) => { host: string; port: number },
  ) {
    this.prober = new HttpProber(
      { ...OPTIONS, ...options },
      {
        dial: (address, events) => {
          const connection = new FakeConnection(address, events);
          this.connections.push(connection);
          return connection;
        },
        resolve: () => this.resolved,
        readTextFile: (path) => {
          const text = this.files.get(path);
          return text === undefined ? Promise.reject(new Error("ENOENT")) : Promise.resolve(text);
        },
        nowMs: () => this.nowMs,
        wheel: this.wheel,
        checkAddress: (_, ip) =>
          this.denied.has(ip) ? { ok: false, detail: `${ip} is not allowed` } : { ok: true },
        ...(connectTo === undefined ? {} : { connectTo }),
      },
    );
  }

  ask(): void {
    this.prober.ask((outcome) => this.outcomes.push(outcome));
  }

  /** Lets time pass, and the wheel ring at its end. */
  pass(ms: number): void {
    this.nowMs += ms;
    this.wheel.advance(this.nowMs);
  }

  get last(): FakeConnection {
    return this.connections.at(-1)!;
  }

  get outcome(): ProbeOutcome | undefined {
    return this.outcomes.at(-1);
  }

  /** One probe, answered on a connection that is then kept. */
  warmUp(): this {
    this.ask();
    this.last.events.onConnect();
    this.last.answer(OK);
    return this;
  }

  get openConnections(): number {
    return this.connections.filter((connection) => !connection.isClosed).length;
  }
}

/** Lets promises that are ready run. */
export async function settlePromises(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) {
    await Promise.resolve();
  }
}

export function addresses(...ips: string[]): Promise<ResolveResult> {
  return Promise.resolve({ ok: true, addresses: ips.map((ip) => ({ ip, family: 4 as const })) });
}
