/**
 * The traces that can be generated, by name: a seed and a number of heartbeats to send go in, the
 * heartbeats that arrive come out, one at a time, so that millions of them need no memory. Each of them is
 * one thing that happens to heartbeats, alone, so that what a detector makes of it can be seen. The same seed
 * gives the same trace; but for the steps, whose middle moves, a longer one begins with the shorter.
 */
import { Random } from "../world/random.ts";
import { exponential, logNormal, normal, pareto } from "./distributions.ts";
import { delivered, type Heartbeat, nothingLost, regularSends } from "./heartbeats.ts";
import { WIDE_AREA, wideArea } from "./wide_area.ts";

export interface TraceGenerator {
  readonly name: string;
  /** What it is, for people: every number that it is made of. */
  readonly summary: string;
  /** How many heartbeats are sent if nobody says. */
  readonly usualCount: number;
  readonly mostCount: number;
  /** `count` is 1..mostCount. */
  readonly generate: (seed: number, count: number) => Iterable<Heartbeat>;
}

const USUAL_COUNT = 100_000;
/** As many as replay takes. */
const MOST_COUNT = 10_000_000;
const DAY_MS = 86_400_000;

function generator(
  name: string,
  summary: string,
  heartbeats: (random: Random, count: number) => Iterable<Heartbeat>,
  mostCount = MOST_COUNT,
): TraceGenerator {
  const generate = (seed: number, count: number) => heartbeats(new Random(seed, name), count);
  return { name, summary, usualCount: USUAL_COUNT, mostCount, generate };
}

function* plainLoss(random: Random, count: number): Generator<Heartbeat> {
  const loss = random.fork("loss");
  const network = random.fork("network");
  yield* delivered(regularSends(count, 100), {
    isLost: () => loss.chance(0.02),
    delayMs: () => 20 + exponential(network, 2),
  });
}

function* paretoDelays(random: Random, count: number): Generator<Heartbeat> {
  yield* delivered(regularSends(count, 100), {
    isLost: nothingLost,
    delayMs: () => 10 + pareto(random, 5, 1.8),
  });
}

function* diurnalDrift(random: Random, count: number): Generator<Heartbeat> {
  yield* delivered(regularSends(count, 1_000), {
    isLost: nothingLost,
    delayMs: (sentMs) => {
      const noonness = (1 - Math.cos((2 * Math.PI * sentMs) / DAY_MS)) / 2;
      return 30 + exponential(random, 5 + 95 * noonness);
    },
  });
}

/** From the middle on the interval is another. */
function* step(
  random: Random,
  count: number,
  beforeMs: number,
  afterMs: number,
): Generator<Heartbeat> {
  const delayMs = () => 20 + exponential(random, 10);
  yield* delivered(stepSends(count, beforeMs, afterMs), { isLost: nothingLost, delayMs });
}

function* stepSends(count: number, beforeMs: number, afterMs: number): Generator<number> {
  const middle = Math.floor(count / 2);
  for (let sequence = 0; sequence < count; sequence++) {
    yield Math.min(sequence, middle) * beforeMs + Math.max(sequence - middle, 0) * afterMs;
  }
}

function* senderStalls(random: Random, count: number): Generator<Heartbeat> {
  const network = random.fork("network");
  yield* delivered(stallingSends(random.fork("sender"), count), {
    isLost: nothingLost,
    delayMs: () => 1 + exponential(network, 0.5),
  });
}

/** A sender that sleeps between two heartbeats: what it lost is not made up for. */
function* stallingSends(random: Random, count: number): Generator<number> {
  let nowMs = 0;
  for (let sequence = 0; sequence < count; sequence++) {
    yield nowMs;
    const stallMs = random.chance(1 / 500) ? logNormal(random, 200, 1) : 0;
    nowMs += 100 + 0.1 * Math.abs(normal(random)) + stallMs;
  }
}

export const TRACE_GENERATORS: readonly TraceGenerator[] = [
  generator(
    "wan",
    "the 2004 paper's week: every 103.5 ms, 0.399 % of 5,845,713 lost in 814 bursts, the longest 1,093; " +
      "delay 135 ms and an exponential one of 14.4 ms",
    wideArea,
    WIDE_AREA.sentCount,
  ),
  generator(
    "loss",
    "every 100 ms, 2 % lost, each by itself; delay 20 ms and an exponential one of 2 ms",
    plainLoss,
  ),
  generator(
    "pareto",
    "every 100 ms, in order; delay 10 ms and a Pareto one of at least 5 ms, shape 1.8",
    paretoDelays,
  ),
  generator(
    "diurnal",
    "every 1,000 ms; delay 30 ms and an exponential one whose mean goes from 5 ms to 100 ms and back in 24 h",
    diurnalDrift,
  ),
  generator(
    "step-up",
    "every 1,000 ms, and from the middle on every 3,000 ms; delay 20 ms and an exponential one of 10 ms",
    (random, count) => step(random, count, 1_000, 3_000),
  ),
  generator(
    "step-down",
    "every 3,000 ms, and from the middle on every 1,000 ms; delay 20 ms and an exponential one of 10 ms",
    (random, count) => step(random, count, 3_000, 1_000),
  ),
  generator(
    "stalls",
    "every 100 ms and a normal 0.1 ms, once in 500 after a stall (log-normal, median 200 ms, spread 1); " +
      "delay 1 ms and an exponential one of 0.5 ms",
    senderStalls,
  ),
];
