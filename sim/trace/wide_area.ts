/**
 * The trace on which φ accrual was measured first, as far as its paper gives numbers (Hayashibara et al. 2004,
 * as the issue quotes them): for a week a heartbeat every 103.5 ms from one continent to another, 0.399 % of 5.8
 * million lost in 814 bursts, the longest of 1,093, and arrivals that deviate by some 104 ms, of which the bursts make
 * up nearly all. How long the other bursts were is not among the numbers. Here they are the quantiles of a Pareto
 * distribution (shape 0.4482) between 1 and 550, the two of which follow from the number of
 * losses and from the deviation; where they lie is up to the seed. A shorter trace is the beginning of the whole.
 */
import type { Random } from "../world/random.ts";
import { exponential, normal } from "./distributions.ts";
import { delivered, type Heartbeat } from "./heartbeats.ts";

export const WIDE_AREA = {
  sentCount: 5_845_713,
  lostCount: 23_192,
  burstCount: 814,
  longestBurst: 1_093,
  intervalMs: 103.5,
} as const;

const SEND_DEVIATION_MS = 0.19;
const LEAST_DELAY_MS = 135;
/** Two delays make up a gap's deviation; this fills what the bursts leave of the 104 ms. */
const MEAN_EXTRA_DELAY_MS = 14.4;

const BURST_SHAPE = 0.4482;
const MOST_USUAL_BURST = 550;

export function* wideArea(random: Random, count: number): Generator<Heartbeat> {
  const bursts = placeBursts(random.fork("bursts"));
  const sending = random.fork("sending");
  const network = random.fork("network");
  let next = 0;
  const isLost = (sequence: number) => {
    while (next < bursts.length && sequence >= bursts[next]!.end) next++;
    return next < bursts.length && sequence >= bursts[next]!.first;
  };
  const delayMs = () => LEAST_DELAY_MS + exponential(network, MEAN_EXTRA_DELAY_MS);
  yield* delivered(sends(sending, count), { isLost, delayMs });
}

function* sends(random: Random, count: number): Generator<number> {
  for (let sequence = 0; sequence < count; sequence++) {
    yield sequence * WIDE_AREA.intervalMs + SEND_DEVIATION_MS * normal(random);
  }
}

interface Burst {
  /** The first that is lost, and the first after it that is not. */
  readonly first: number;
  readonly end: number;
}

/** In order, with at least one that arrives between two of them, and one before the first. */
function placeBursts(random: Random): Burst[] {
  const receivedCount = WIDE_AREA.sentCount - WIDE_AREA.lostCount;
  const places = new Set<number>();
  while (places.size < WIDE_AREA.burstCount) places.add(random.between(1, receivedCount - 1));
  const lengths = random.shuffled(burstLengths());
  let lost = 0;
  return [...places]
    .toSorted((one, other) => one - other)
    .map((received, index) => {
      const first = received + lost;
      lost += lengths[index]!;
      return { first, end: received + lost };
    });
}

/** Of all bursts; they sum up to the number that was lost. */
export function burstLengths(): number[] {
  const { burstCount, lostCount, longestBurst } = WIDE_AREA;
  const others = burstCount - 1;
  const cut = 1 - MOST_USUAL_BURST ** -BURST_SHAPE;
  const lengths = Array.from({ length: others }, (_, index) =>
    Math.round((1 - (cut * (index + 0.5)) / others) ** (-1 / BURST_SHAPE)),
  );
  // What rounding has moved, the longest of them takes back.
  const sum = lengths.reduce((all, length) => all + length, 0);
  lengths[others - 1] = lengths[others - 1]! + (lostCount - longestBurst - sum);
  return [...lengths, longestBurst];
}
