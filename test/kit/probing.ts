/** An HttpProber on real sockets, with a wheel of its own that a timer advances. */
import { bunClock, bunDial, bunResolve, readTextFile } from "../../src/bun/mod.ts";
import {
  HttpProber,
  TimerWheel,
  type HttpProbeOptions,
  type HttpProbeWorld,
  type ProbeOutcome,
} from "../../src/probe/mod.ts";

const OPTIONS: HttpProbeOptions = {
  url: "http://127.0.0.1/",
  method: "GET",
  headers: {},
  timeoutMs: 2_000,
  statusMatches: (status) => status === 200,
  maxBodyBytes: 1_000,
  tls: { insecureSkipVerify: false },
  connection: "reuse",
};

export class Probing {
  readonly wheel = new TimerWheel(bunClock.monotonicMs());
  readonly #ticker = setInterval(() => this.wheel.advance(bunClock.monotonicMs()), 2);
  readonly #probers: HttpProber[] = [];

  makeProber(options: Partial<HttpProbeOptions>, world: Partial<HttpProbeWorld> = {}): HttpProber {
    const prober = new HttpProber(
      { ...OPTIONS, ...options },
      {
        dial: bunDial,
        resolve: bunResolve,
        readTextFile,
        nowMs: () => bunClock.monotonicMs(),
        wheel: this.wheel,
        checkAddress: () => ({ ok: true }),
        ...world,
      },
    );
    this.#probers.push(prober);
    return prober;
  }

  /** Closes every prober. */
  stop(): void {
    clearInterval(this.#ticker);
    for (const prober of this.#probers) prober.close();
  }
}

/** One question, as a promise. */
export function askOnce(prober: HttpProber): Promise<ProbeOutcome> {
  return new Promise((resolve) => prober.ask(resolve));
}

/** `ok`, or why not. */
export function verdictOf(outcome: ProbeOutcome): string {
  return outcome.ok ? "ok" : outcome.reason;
}
