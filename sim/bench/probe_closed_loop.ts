/**
 * What one HTTP probe costs, beside `fetch`: a hundred keep-alive connections, each asking again
 * as soon as it has been answered, against a responder in a process of its own. CPU of this process
 * is what counts, all of it: timer wheel, parser, timings, outcome. The two take turns, so that
 * whatever else the machine does falls on both.
 */
import { bunClock, bunDial, bunResolve, readTextFile } from "../../src/bun/mod.ts";
import { HttpProber, TimerWheel } from "../../src/probe/mod.ts";
import { startScript } from "./child.ts";

export interface ClosedLoopOptions {
  readonly connections: number;
  readonly probesPerRound: number;
  readonly rounds: number;
}

export interface ClosedLoopCost {
  /** Medians over the rounds, of user and system time together. */
  readonly proberMicrosPerProbe: number;
  readonly fetchMicrosPerProbe: number;
}

const DEFAULTS: ClosedLoopOptions = { connections: 100, probesPerRound: 100_000, rounds: 5 };
/** How often the monitor's ticker advances the wheel, at most. */
const TICK_MS = 2;

export async function benchProbeClosedLoop(options = DEFAULTS): Promise<ClosedLoopCost> {
  const responder = await startScript("responder.ts");
  const url = `http://127.0.0.1:${responder.firstLine}/heartbeat`;
  const probeRound = makeProbeRounds(url, options);
  const prober: number[] = [];
  const fetched: number[] = [];
  try {
    for (let round = 0; round <= options.rounds; round++) {
      // One after the other: they must not share a moment.
      const proberMicros = await costOf(options.probesPerRound, probeRound.run);
      const fetchMicros = await costOf(options.probesPerRound, () => fetchRound(url, options));
      // The first round warms up connections and compiler.
      if (round === 0) continue;
      prober.push(proberMicros);
      fetched.push(fetchMicros);
    }
  } finally {
    probeRound.close();
    await responder.stop();
  }
  return { proberMicrosPerProbe: median(prober), fetchMicrosPerProbe: median(fetched) };
}

async function costOf(probes: number, run: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / probes;
}

function makeProbeRounds(url: string, { connections, probesPerRound }: ClosedLoopOptions) {
  const wheel = new TimerWheel(bunClock.monotonicMs());
  const world = {
    dial: bunDial,
    resolve: bunResolve,
    readTextFile,
    nowMs: () => bunClock.monotonicMs(),
    wheel,
    checkAddress: () => ({ ok: true }) as const,
  };
  const probers = Array.from(
    { length: connections },
    () =>
      new HttpProber(
        {
          url,
          method: "GET",
          headers: {},
          timeoutMs: 5_000,
          statusMatches: (status) => status === 200,
          maxBodyBytes: 65_536,
          tls: { insecureSkipVerify: false },
          connection: "reuse",
        },
        world,
      ),
  );
  const run = async (): Promise<void> => {
    const ticker = setInterval(() => wheel.advance(bunClock.monotonicMs()), TICK_MS);
    await new Promise<void>((resolve, reject) => {
      let asked = 0;
      let answered = 0;
      for (const prober of probers) {
        const ask = (): void => {
          if (asked++ < probesPerRound) prober.ask(done);
        };
        const done: Parameters<HttpProber["ask"]>[0] = (outcome) => {
          if (!outcome.ok) reject(new Error(`${outcome.reason}: ${outcome.detail}`));
          if (++answered === probesPerRound) resolve();
          else ask();
        };
        ask();
      }
    }).finally(() => clearInterval(ticker));
  };
  return {
    run,
    close: () => {
      for (const prober of probers) prober.close();
    },
  };
}

/** As a monitor made of `fetch` would do it. */
async function fetchRound(url: string, options: ClosedLoopOptions): Promise<void> {
  let asked = 0;
  const loop = async (): Promise<void> => {
    while (asked++ < options.probesPerRound) {
      const answer = await fetch(url);
      if (answer.status !== 200) throw new Error(`status ${answer.status}`);
      await answer.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: options.connections }, loop));
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

if (import.meta.main) {
  const { proberMicrosPerProbe, fetchMicrosPerProbe } = await benchProbeClosedLoop();
  const ratio = proberMicrosPerProbe / fetchMicrosPerProbe;
  console.log(
    `CPU per probe: HttpProber ${proberMicrosPerProbe.toFixed(1)} µs, ` +
      `fetch ${fetchMicrosPerProbe.toFixed(1)} µs, ratio ${ratio.toFixed(2)} (to reach: 0.50)`,
  );
}
