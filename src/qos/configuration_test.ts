import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { seededRandom } from "./_test_random.ts";
import {
  leastRecurrenceMs,
  longestIntervalMs,
  MONTH_MS,
  mostFalseAlarmsPerMonth,
  shortestDetectionMs,
  type LinkFacts,
} from "./configuration.ts";

const anyLink = fc.record({
  lossShare: fc.double({ min: 0, max: 0.3, noNaN: true }),
  delayMeanMs: fc.double({ min: 0, max: 200, noNaN: true }),
  delayVariance: fc.double({ min: 0, max: 1e5, noNaN: true }),
});

describe("leastRecurrenceMs()", () => {
  test("by hand: two heartbeats have to be late or lost", () => {
    const link: LinkFacts = { lossShare: 0.01, delayMeanMs: 20, delayVariance: 100 };
    // 1000 · (100 + 1480²) / (100 + 0.01 · 1480²) · (100 + 480²) / (100 + 0.01 · 480²)
    const byHand = (1_000 * (2_190_500 / 22_004) * 230_500) / 2_404;
    expect(leastRecurrenceMs(link, 1_000, 2_500)).toBeCloseTo(byHand, 3);
  });

  test("is an interval where the time allowed is no longer than one", () => {
    const link: LinkFacts = { lossShare: 0, delayMeanMs: 0, delayVariance: 1 };
    expect(leastRecurrenceMs(link, 1_000, 1_000)).toBeCloseTo(1_000, 9);
  });

  test("is finite on a link without loss or spread, and never falls with the time allowed", () => {
    fc.assert(
      fc.property(anyLink, fc.integer({ min: 10, max: 5_000 }), (link, intervalMs) => {
        let before = 0;
        for (let detectMs = intervalMs; detectMs < 10 * intervalMs; detectMs += intervalMs / 3) {
          const recurrenceMs = leastRecurrenceMs(link, intervalMs, detectMs);
          expect(recurrenceMs).toBeLessThan(Infinity);
          expect(recurrenceMs).toBeGreaterThanOrEqual(before * (1 - 1e-12));
          before = recurrenceMs;
        }
      }),
    );
    const perfect: LinkFacts = { lossShare: 0, delayMeanMs: 0, delayVariance: 0 };
    expect(leastRecurrenceMs(perfect, 10, 600_000)).toBeLessThan(Infinity);
  });

  const delays: Record<string, (random: () => number) => number> = {
    exponential: (random) => -50 * Math.log(random()),
    uniform: (random) => 100 * random(),
    // Mostly nothing, and now and then a stall: what a bound by mean and variance is made for.
    "rare stalls": (random) => (random() < 0.02 ? 900 : 5),
  };
  for (const [name, delay] of Object.entries(delays)) {
    test(`holds on a simulated link with ${name} and a loss of 5 %`, () => {
      const [intervalMs, detectMs, count, lossShare] = [100, 450, 200_000, 0.05];
      const random = seededRandom(20_020_501);
      const arrivals: number[] = [];
      const seen: number[] = [];
      for (let index = 0; index < count; index++) {
        const delayMs = delay(random);
        seen.push(delayMs);
        arrivals.push(random() < lossShare ? Infinity : index * intervalMs + delayMs);
      }
      const delayMeanMs = seen.reduce((sum, each) => sum + each, 0) / count;
      const delayVariance = seen.reduce((sum, each) => sum + (each - delayMeanMs) ** 2, 0) / count;
      const bound = leastRecurrenceMs(
        { lossShare, delayMeanMs, delayVariance },
        intervalMs,
        detectMs,
      );
      const mistakes = mistakesOf(arrivals, intervalMs, detectMs);
      expect(mistakes).toBeGreaterThan(0);
      expect((count * intervalMs) / mistakes).toBeGreaterThanOrEqual(bound * 0.9);
    });
  }
});

/**
 * How often the paper's detector begins to suspect a live sender: at each freshness point, a fixed time after a
 * heartbeat was due, it wants to have that one or a later one.
 */
function mistakesOf(arrivals: readonly number[], intervalMs: number, detectMs: number): number {
  const shiftMs = detectMs - intervalMs;
  let mistakes = 0;
  let [isTrusted, newest, next] = [true, -1, 0];
  const byTime = arrivals
    .map((atMs, sequence) => ({ atMs, sequence }))
    .toSorted((a, b) => a.atMs - b.atMs);
  for (let point = 1; point < arrivals.length; point++) {
    const fromMs = point * intervalMs + shiftMs;
    // Whoever was late is trusted again when it comes.
    while (next < byTime.length && byTime[next]!.atMs <= fromMs) {
      newest = Math.max(newest, byTime[next++]!.sequence);
      if (newest >= point - 1) isTrusted = true;
    }
    if (newest < point && isTrusted) {
      isTrusted = false;
      mistakes++;
    }
  }
  return mistakes;
}

test("a heartbeat that is due at the very moment of the detection makes no promise better", () => {
  // 3 · 0.1 is a little more than three tenths, and yet nothing is left of it after three intervals.
  const link: LinkFacts = { lossShare: 0.5, delayMeanMs: 0, delayVariance: 0 };
  expect(leastRecurrenceMs(link, 0.1, 3 * 0.1)).toBeCloseTo(0.1 / 0.5 ** 2, 9);
});

describe("what would be feasible", () => {
  const anyAlarms = fc.double({ min: 0.01, max: 1_000, noNaN: true });

  test("shortestDetectionMs() passes the bound, and a twentieth less does not", () => {
    fc.assert(
      fc.property(
        anyLink,
        fc.integer({ min: 10, max: 5_000 }),
        anyAlarms,
        (link, every, alarms) => {
          const detectMs = shortestDetectionMs(link, every, alarms, MONTH_MS);
          if (detectMs === Infinity) return;
          expect(mostFalseAlarmsPerMonth(link, every, detectMs)).toBeLessThanOrEqual(alarms);
          if (detectMs * 0.95 <= link.delayMeanMs + every) return;
          expect(mostFalseAlarmsPerMonth(link, every, detectMs * 0.95)).toBeGreaterThan(alarms);
        },
      ),
    );
  });

  test("longestIntervalMs() passes the bound, and none that was tried before it does", () => {
    fc.assert(
      fc.property(
        anyLink,
        fc.integer({ min: 50, max: 20_000 }),
        anyAlarms,
        (link, within, alarms) => {
          const promise = { detectMs: within, falseAlarmsPerMonth: alarms };
          const range = { leastMs: 10, mostMs: 5_000 };
          const intervalMs = longestIntervalMs(link, promise, range);
          if (intervalMs === null) {
            expect(mostFalseAlarmsPerMonth(link, 10, within)).toBeGreaterThan(alarms);
            return;
          }
          expect(mostFalseAlarmsPerMonth(link, intervalMs, within)).toBeLessThanOrEqual(alarms);
          const longerMs = intervalMs * 1.01 ** 5;
          if (longerMs > 5_000) return;
          expect(mostFalseAlarmsPerMonth(link, longerMs, within)).toBeGreaterThan(alarms);
        },
      ),
    );
  });

  test("a link that loses too much for a month's promise is told so", () => {
    const link: LinkFacts = { lossShare: 0.3, delayMeanMs: 0, delayVariance: 1e4 };
    expect(shortestDetectionMs(link, 1_000, 0.1, 3_000)).toBe(Infinity);
    const promise = { detectMs: 1_000, falseAlarmsPerMonth: 0.1 };
    expect(longestIntervalMs(link, promise, { leastMs: 500, mostMs: 1_000 })).toBeNull();
  });
});

describe("what a search would never come to the end of is refused", () => {
  test("longestIntervalMs()", () => {
    for (const leastMs of [0, -1, NaN]) {
      expect(() => longestOf(leastMs, 1_000)).toThrow(
        new RangeError(
          `Cannot find an interval: "leastMs" must be > 0 and finite, received ${leastMs}`,
        ),
      );
    }
    expect(() => longestOf(10, Infinity)).toThrow(/"mostMs" must be > 0 and finite/u);
    expect(longestOf(10, 1_000)).toBeNull();
  });

  test("shortestDetectionMs()", () => {
    for (const intervalMs of [0, -1, NaN, Infinity]) {
      expect(() => shortestOf({}, intervalMs, MONTH_MS)).toThrow(
        new RangeError(
          `Cannot find a detection time: "intervalMs" must be > 0 and finite, received ${intervalMs}`,
        ),
      );
    }
    for (const delayMeanMs of [-1, NaN]) {
      expect(() => shortestOf({ delayMeanMs }, 1_000, MONTH_MS)).toThrow(/"delayMeanMs" must be/u);
    }
    expect(() => shortestOf({}, 1_000, NaN)).toThrow(/"longestMs" must be > 0/u);
    expect(shortestOf({}, 1_000, Infinity)).toBe(Infinity);
  });
});

const LINK: LinkFacts = { lossShare: 0.01, delayMeanMs: 0, delayVariance: 100 };
/** So few that no link keeps to it. */
const HARDLY_ANY = 1e-30;

function longestOf(leastMs: number, mostMs: number): number | null {
  const promise = { detectMs: 1_000, falseAlarmsPerMonth: HARDLY_ANY };
  return longestIntervalMs(LINK, promise, { leastMs, mostMs });
}

function shortestOf(part: Partial<LinkFacts>, intervalMs: number, longestMs: number): number {
  return shortestDetectionMs({ ...LINK, ...part }, intervalMs, HARDLY_ANY, longestMs);
}
