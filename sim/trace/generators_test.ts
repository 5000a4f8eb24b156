import { describe, expect, test } from "bun:test";
import { TRACE_GENERATORS } from "./generators.ts";
import type { Heartbeat } from "./heartbeats.ts";
import { burstLengths, WIDE_AREA } from "./wide_area.ts";

const SEED = 7;

function generate(name: string, count: number, seed = SEED): Iterable<Heartbeat> {
  return TRACE_GENERATORS.find((each) => each.name === name)!.generate(seed, count);
}

interface Statistics {
  readonly arrivedCount: number;
  readonly gapMeanMs: number;
  readonly gapDeviationMs: number;
  readonly longestGapMs: number;
  readonly lostCount: number;
  readonly burstCount: number;
  readonly longestBurst: number;
}

/** In one pass, as whoever reads millions of them has to. */
function measure(heartbeats: Iterable<Heartbeat>): Statistics {
  let last: Heartbeat | undefined;
  let [arrivedCount, mean, squares, longestGapMs] = [0, 0, 0, 0];
  let [lostCount, burstCount, longestBurst] = [0, 0, 0];
  for (const heartbeat of heartbeats) {
    if (last !== undefined) {
      const gapMs = heartbeat.arrivalMs - last.arrivalMs;
      const lost = heartbeat.sequence - last.sequence - 1;
      if (gapMs < 0 || lost < 0) throw new Error(`out of order: ${JSON.stringify(heartbeat)}`);
      const before = gapMs - mean;
      mean += before / arrivedCount;
      squares += before * (gapMs - mean);
      longestGapMs = Math.max(longestGapMs, gapMs);
      if (lost > 0) burstCount++;
      lostCount += lost;
      longestBurst = Math.max(longestBurst, lost);
    }
    last = heartbeat;
    arrivedCount++;
  }
  const gapDeviationMs = Math.sqrt(squares / (arrivedCount - 1));
  const losses = { lostCount, burstCount, longestBurst };
  return { arrivedCount, gapMeanMs: mean, gapDeviationMs, longestGapMs, ...losses };
}

const mean = (values: number[]) => values.reduce((sum, each) => sum + each, 0) / values.length;

describe("every generator", () => {
  for (const { name, generate: make } of TRACE_GENERATORS) {
    test(`${name}: the same seed gives the same trace, and another one another`, () => {
      const [one, again, other] = [3, 3, 4].map((seed) => [...make(seed, 500)]);
      expect(again).toEqual(one);
      expect(other).not.toEqual(one);
    });
  }

  test("what lies on the network does not change what the sender does", () => {
    for (const name of ["wan", "loss", "pareto", "diurnal", "stalls"]) {
      const long = [...generate(name, 2_000)];
      const short = [...generate(name, 1_000)];
      expect(long.slice(0, short.length)).toEqual(short);
    }
  });
});

describe("wan", () => {
  test("the whole of it has the numbers of the paper", () => {
    const statistics = measure(generate("wan", WIDE_AREA.sentCount));
    expect(statistics).toMatchObject({
      arrivedCount: 5_822_521,
      lostCount: 23_192,
      burstCount: 814,
      longestBurst: 1_093,
    });
    expect((100 * statistics.lostCount) / WIDE_AREA.sentCount).toBeCloseTo(0.399, 2);
    expect(statistics.gapMeanMs).toBeCloseTo(103.9, 1);
    expect(Math.abs(statistics.gapDeviationMs - 104)).toBeLessThan(0.5);
  });

  test("the bursts sum up to what was lost, whatever the seed", () => {
    const lengths = burstLengths();
    expect(lengths.length).toBe(WIDE_AREA.burstCount);
    expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(WIDE_AREA.lostCount);
    expect(Math.max(...lengths)).toBe(WIDE_AREA.longestBurst);
    expect(Math.min(...lengths)).toBe(1);
  });
});

describe("the others", () => {
  test("loss: 2 %, each by itself", () => {
    const { lostCount, burstCount, arrivedCount } = measure(generate("loss", 100_000));
    expect(Math.abs(lostCount - 2_000)).toBeLessThan(5 * Math.sqrt(2_000));
    // Bursts of independent losses are 1 / 0.98 long.
    expect(Math.abs(lostCount / burstCount - 1 / 0.98)).toBeLessThan(0.02);
    expect(arrivedCount + lostCount).toBeLessThanOrEqual(100_000);
  });

  test("pareto: the share of delays beyond ten times the least is 10^-1.8", () => {
    let late = 0;
    let sent = 0;
    for (const { arrivalMs, sequence } of generate("pareto", 50_000)) {
      sent++;
      if (arrivalMs - 100 * sequence > 10 + 50) late++;
    }
    const expected = sent * 10 ** -1.8;
    expect(sent).toBe(50_000);
    // Some are held up by one before them, which only adds.
    expect(late).toBeGreaterThan(0.8 * expected);
    expect(late).toBeLessThan(1.6 * expected);
  });

  test("diurnal: noon is twenty times as restless as midnight", () => {
    const nightMs: number[] = [];
    const noonMs: number[] = [];
    for (const { arrivalMs, sequence } of generate("diurnal", 86_400)) {
      const delayMs = arrivalMs - 1_000 * sequence - 30;
      if (sequence < 3_600 || sequence >= 82_800) nightMs.push(delayMs);
      if (sequence >= 41_400 && sequence < 45_000) noonMs.push(delayMs);
    }
    expect(Math.abs(mean(noonMs) - 100)).toBeLessThan(8);
    expect(Math.abs(mean(nightMs) - 5.6)).toBeLessThan(1);
  });

  test.each([
    ["step-up", 1_000, 3_000],
    ["step-down", 3_000, 1_000],
  ] as const)("%s: the interval changes in the middle, once", (name, beforeMs, afterMs) => {
    const arrivals = [...generate(name, 2_000)].map(({ arrivalMs }) => arrivalMs);
    const before = (arrivals[1_000]! - arrivals[0]!) / 1_000;
    const after = (arrivals[1_999]! - arrivals[1_000]!) / 999;
    expect(Math.abs(before - beforeMs)).toBeLessThan(1);
    expect(Math.abs(after - afterMs)).toBeLessThan(1);
  });

  test("stalls: one in 500 heartbeats is late by a stall whose median is 200 ms", () => {
    const gaps: number[] = [];
    let lastMs: number | undefined;
    for (const { arrivalMs } of generate("stalls", 100_000)) {
      if (lastMs !== undefined && arrivalMs - lastMs > 120) gaps.push(arrivalMs - lastMs - 100);
      lastMs = arrivalMs;
    }
    gaps.sort((one, other) => one - other);
    // A few stalls are shorter than what is looked for here.
    expect(gaps.length).toBeGreaterThan(150);
    expect(gaps.length).toBeLessThan(250);
    expect(Math.abs(gaps[gaps.length >> 1]! - 200)).toBeLessThan(60);
  });
});
