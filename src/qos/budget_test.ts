import { describe, expect, test } from "bun:test";
import { seededRandom } from "./_test_random.ts";
import {
  BudgetKeeper,
  LEAST_THRESHOLD,
  MOST_STEP,
  REDERIVED_EVERY,
  type BudgetOptions,
  type SuspicionCurve,
} from "./budget.ts";
import { MONTH_MS } from "./configuration.ts";

const INTERVAL_MS = 1_000;

/** Silences beyond an interval are exponential, with `meanMs`; the model believes in `believedMs`. */
class Server {
  readonly #random: () => number;
  readonly #meanMs: number;
  believedMs: number;

  constructor(meanMs: number, believedMs = meanMs, seed = 3) {
    this.#meanMs = meanMs;
    this.believedMs = believedMs;
    this.#random = seededRandom(seed);
  }

  readonly curve: SuspicionCurve = {
    phiAfter: (silenceMs) => Math.max(silenceMs - INTERVAL_MS, 0) / (this.believedMs * Math.LN10),
    silenceAtPhi: (phi) => (phi <= 0 ? 0 : INTERVAL_MS + phi * this.believedMs * Math.LN10),
  };

  gapMs(): number {
    return INTERVAL_MS - this.#meanMs * Math.log(this.#random());
  }
}

function keeperOf(server: Server, part: Partial<BudgetOptions>): BudgetKeeper {
  const options = {
    detectWithinMs: null,
    falseAlarmsPerMonth: null,
    intervalMs: INTERVAL_MS,
    leastIntervalMs: INTERVAL_MS,
    suspectRatio: 0.5,
    threshold: 16,
    longestSilenceMs: 60_000,
    ...part,
  };
  return new BudgetKeeper(options, server.curve);
}

/** Lets so many gaps pass; how often φ had reached the threshold in one. */
function live(keeper: BudgetKeeper, server: Server, gaps: number): number {
  let alarms = 0;
  for (let count = 0; count < gaps; count++) {
    const gapMs = server.gapMs();
    const phi = server.curve.phiAfter(gapMs);
    if (phi >= keeper.threshold) alarms++;
    keeper.gapEnded(gapMs, phi, true, server.curve);
  }
  return alarms;
}

describe("falseAlarmsPerMonth", () => {
  // So many that 40 are expected of the gaps that a test can afford.
  const GAPS = 200_000;
  const stated = (40 * MONTH_MS) / (GAPS * (INTERVAL_MS + 50));

  for (const [name, believedMs] of [
    ["is right", 50],
    ["thinks the server twice as good as it is", 25],
    ["thinks it half as good as it is", 100],
  ] as const) {
    test(`is kept within a half and twice with a model that ${name}`, () => {
      const server = new Server(50, believedMs);
      const keeper = keeperOf(server, { falseAlarmsPerMonth: stated });
      // What it begins with is the model's word; that is put right in the first gaps.
      live(keeper, server, GAPS);
      const alarms = live(keeper, server, GAPS);
      expect(alarms).toBeGreaterThan(20);
      expect(alarms).toBeLessThan(80);
    });
  }

  test("begins with what the model's own promise says", () => {
    const keeper = keeperOf(new Server(50), { falseAlarmsPerMonth: 1 });
    expect(keeper.threshold).toBeCloseTo(Math.log10(MONTH_MS / INTERVAL_MS), 9);
    expect(keeper.reading()).toMatchObject({ isFeasible: null, detectWithinMs: null });
    expect(keeper.feasibleInstead()).toBeNull();
  });

  test("moves the threshold once in so many gaps, and by no more than a step", () => {
    const server = new Server(50, 5);
    const keeper = keeperOf(server, { falseAlarmsPerMonth: stated });
    let [before, sinceChange, changes] = [keeper.threshold, REDERIVED_EVERY, 0];
    for (let gap = 0; gap < 20_000; gap++) {
      live(keeper, server, 1);
      sinceChange++;
      const step = Math.abs(keeper.threshold - before);
      if (step === 0) continue;
      expect(step).toBeLessThanOrEqual(MOST_STEP + 1e-9);
      expect(sinceChange).toBeGreaterThanOrEqual(changes === 0 ? 0 : REDERIVED_EVERY);
      [before, sinceChange] = [keeper.threshold, 0];
      changes++;
    }
    expect(changes).toBeGreaterThan(5);
  });

  test("does not go below the least threshold, however many are allowed", () => {
    const keeper = keeperOf(new Server(50), { falseAlarmsPerMonth: 2_000_000 });
    expect(keeper.threshold).toBe(LEAST_THRESHOLD);
  });
});

describe("detectWithinMs", () => {
  test("is met at once and from then on, whatever the model learns", () => {
    const server = new Server(50);
    const keeper = keeperOf(server, { detectWithinMs: 3_000 });
    for (const believedMs of [50, 20, 200, 80]) {
      server.believedMs = believedMs;
      live(keeper, server, 2 * REDERIVED_EVERY);
      const silenceMs = server.curve.silenceAtPhi(keeper.threshold);
      expect(silenceMs).toBeLessThanOrEqual(3_000);
      expect(silenceMs).toBeGreaterThanOrEqual(0.9 * 3_000);
    }
  });

  test("is met with the very next gap where the model has become slower", () => {
    const server = new Server(50);
    const keeper = keeperOf(server, { detectWithinMs: 3_000 });
    server.believedMs = 200;
    live(keeper, server, 1);
    expect(server.curve.silenceAtPhi(keeper.threshold)).toBeLessThanOrEqual(3_000);
  });

  test("makes a target suspect at a share of the time past a usual gap", () => {
    const server = new Server(50);
    const keeper = keeperOf(server, { detectWithinMs: 3_000, suspectRatio: 0.4 });
    live(keeper, server, 3 * REDERIVED_EVERY);
    const suspectMs = server.curve.silenceAtPhi(keeper.suspectThreshold);
    const downMs = server.curve.silenceAtPhi(keeper.threshold);
    expect(Math.abs(suspectMs - (1_050 + 0.4 * (downMs - 1_050)))).toBeLessThan(20);
  });

  test("is not left to alarms where the model has become far more sure", () => {
    const server = new Server(50, 400);
    const keeper = keeperOf(server, { detectWithinMs: 3_000 });
    live(keeper, server, 1);
    server.believedMs = 50;
    live(keeper, server, 1);
    expect(server.curve.silenceAtPhi(keeper.threshold)).toBeGreaterThan(0.9 * 3_000);
  });

  test("shorter than an interval, which no config says, leaves the least threshold", () => {
    const server = new Server(50);
    const keeper = keeperOf(server, { detectWithinMs: 900 });
    live(keeper, server, 200);
    expect(keeper.threshold).toBe(LEAST_THRESHOLD);
  });
});

describe("with a threshold alone", () => {
  test("it is in force, but for silences longer than any that is waited for", () => {
    const server = new Server(50);
    const keeper = keeperOf(server, { threshold: 12 });
    expect([keeper.threshold, keeper.suspectThreshold]).toEqual([12, 6]);
    server.believedMs = 10_000;
    live(keeper, server, 1);
    expect(server.curve.silenceAtPhi(keeper.threshold)).toBeCloseTo(60_000, 3);
    server.believedMs = 50;
    live(keeper, server, REDERIVED_EVERY);
    expect(keeper.threshold).toBe(12);
    expect(keeper.reading()).toBeNull();
    expect(keeper.feasibleInstead()).toBeNull();
  });
});

describe("both", () => {
  test("a pair that the bound lets pass is feasible, and the time is what is used up", () => {
    const server = new Server(5);
    const keeper = keeperOf(server, { detectWithinMs: 5_000, falseAlarmsPerMonth: 1 });
    expect(keeper.reading()!.isFeasible).toBeNull();
    live(keeper, server, 2_000);
    const reading = keeper.reading()!;
    expect(reading).toMatchObject({ isFeasible: true, falseAlarmsPerMonth: 1 });
    expect(keeper.feasibleInstead()).toBeNull();
    expect(reading.mostFalseAlarmsPerMonth!).toBeLessThanOrEqual(1);
    expect(server.curve.silenceAtPhi(keeper.threshold)).toBeGreaterThan(0.9 * 5_000);
  });

  test("each of the numbers that are named for a pair that cannot be kept makes it feasible", () => {
    const stated = { detectWithinMs: 1_500, falseAlarmsPerMonth: 1 };
    const server = new Server(20);
    const keeper = keeperOf(server, stated);
    live(keeper, server, 2_000);
    expect(keeper.reading()!.isFeasible).toBe(false);
    const { detectWithinMs, falseAlarmsPerMonth, intervalMs } = keeper.feasibleInstead()!;
    expect(detectWithinMs!).toBeGreaterThan(1_500);
    expect(falseAlarmsPerMonth!).toBeGreaterThan(1);
    expect(intervalMs!).toBeLessThan(INTERVAL_MS);
    for (const mended of [{ detectWithinMs }, { falseAlarmsPerMonth }]) {
      const again = new Server(20);
      const mendedKeeper = keeperOf(again, { ...stated, ...mended });
      live(mendedKeeper, again, 2_000);
      expect(mendedKeeper.reading()!.isFeasible).toBe(true);
    }
  });

  test("the interval is made shorter where that is allowed and needed, and no shorter than allowed", () => {
    const stated = { detectWithinMs: 1_500, falseAlarmsPerMonth: 1 };
    const intervalsOf = (leastIntervalMs: number) => {
      const keeper = keeperOf(new Server(20), { ...stated, leastIntervalMs });
      const random = seededRandom(5);
      const intervals = [keeper.intervalMs];
      for (let gap = 0; gap < 5_000; gap++) {
        const gapMs = keeper.intervalMs - 5 * Math.log(random());
        const curve: SuspicionCurve = {
          phiAfter: (silenceMs) => Math.max(silenceMs - keeper.intervalMs, 0) / 12,
          silenceAtPhi: (phi) => keeper.intervalMs + 12 * phi,
        };
        keeper.gapEnded(gapMs, curve.phiAfter(gapMs), true, curve);
        if (keeper.intervalMs !== intervals.at(-1)) intervals.push(keeper.intervalMs);
      }
      return { last: intervals.at(-1)!, changes: intervals.length, reading: keeper.reading()! };
    };
    expect(intervalsOf(INTERVAL_MS).last).toBe(INTERVAL_MS);
    const allowed = intervalsOf(100);
    expect(allowed.last).toBeLessThan(700);
    expect(allowed.last).toBeGreaterThanOrEqual(100);
    expect(allowed.reading.isFeasible).toBe(true);
    expect(allowed.changes).toBeLessThan(10);
    expect(intervalsOf(600).last).toBeGreaterThanOrEqual(600);
  });
});

describe("the longest silence to wait for", () => {
  test("lowers the threshold where φ would take longer, and lets go of it with the next gap", () => {
    const server = new Server(50, 10_000);
    const keeper = keeperOf(server, { threshold: 6 });
    live(keeper, server, 1);
    expect(server.curve.silenceAtPhi(keeper.threshold)).toBeCloseTo(60_000, 6);
    server.believedMs = 50;
    live(keeper, server, 1);
    expect([keeper.threshold, keeper.suspectThreshold]).toEqual([6, 3]);
    server.believedMs = 10_000;
    live(keeper, server, 1);
    expect(keeper.threshold).toBeLessThan(3);
  });

  test("is no reason to be suspect right after a usual gap", () => {
    const server = new Server(50, 5_000);
    const keeper = keeperOf(server, { threshold: 6 });
    live(keeper, server, 1);
    // Half of the threshold stated, which that silence gets to.
    expect(keeper.threshold).toBeGreaterThan(5);
    expect(keeper.suspectThreshold / keeper.threshold).toBeCloseTo(0.5, 1);
    const lasting = new Server(50, 5_000);
    const heavy: SuspicionCurve = {
      phiAfter: (silenceMs) => Math.log10(Math.max(silenceMs / INTERVAL_MS, 1)),
      silenceAtPhi: (phi) => (phi <= 0 ? 0 : INTERVAL_MS * 10 ** phi),
    };
    const late = keeperOf(lasting, { threshold: 6 });
    late.gapEnded(INTERVAL_MS, 0, true, heavy);
    expect(heavy.silenceAtPhi(late.threshold)).toBeCloseTo(60_000, 6);
    expect(heavy.silenceAtPhi(late.suspectThreshold)).toBeCloseTo(30_500, -2);
  });
});

test("restore() goes on where save() ended, and takes nothing else", () => {
  const server = new Server(50, 20);
  const keeper = keeperOf(server, { falseAlarmsPerMonth: 1_000 });
  live(keeper, server, 10_000);
  const saved = keeper.save();
  const restored = keeperOf(server, { falseAlarmsPerMonth: 1_000 });
  expect(restored.threshold).not.toBe(keeper.threshold);
  expect(restored.restore(saved, server.curve)).toBe(true);
  // At once where the other was on its way to.
  expect(Math.abs(restored.threshold - keeper.threshold)).toBeLessThan(0.05);
  expect(restored.save()).toEqual(saved);
  for (const broken of [
    [],
    [-0.5, ...saved.slice(1)],
    saved.with(1, 0),
    saved.with(2, -1),
    [...saved.slice(0, -1), -1],
    saved.slice(0, 20),
    saved.slice(0, -1),
  ]) {
    expect(restored.restore(broken, server.curve)).toBe(false);
  }
  expect(restored.save()).toEqual(saved);
});

/** As the next process has it. */
function restoredFrom(saved: readonly number[], server: Server, part: Partial<BudgetOptions>) {
  const keeper = keeperOf(server, part);
  expect(keeper.restore(saved, server.curve)).toBe(true);
  return keeper;
}

describe("after a restart", () => {
  const STATED = { falseAlarmsPerMonth: 10_000 };

  test("how far φ rose is gone on with under the settings that it was counted under alone", () => {
    const server = new Server(50, 10);
    const keeper = keeperOf(server, { ...STATED, phiDigest: 1 });
    live(keeper, server, 10_000);
    const byModel = -Math.log10((10_000 * (INTERVAL_MS + 50)) / MONTH_MS);
    expect(keeper.threshold).toBeGreaterThan(3 * byModel);
    const same = restoredFrom(keeper.save(), server, { ...STATED, phiDigest: 1 });
    expect(Math.abs(same.threshold - keeper.threshold)).toBeLessThan(MOST_STEP);
    const other = restoredFrom(keeper.save(), server, { ...STATED, phiDigest: 2 });
    expect(Math.abs(other.threshold - byModel)).toBeLessThan(0.02);
    // It counts anew, and no sooner than one that begins.
    live(other, server, 500);
    expect(Math.abs(other.threshold - byModel)).toBeLessThan(0.02);
    live(other, server, 5_000);
    expect(other.threshold).toBeGreaterThan(2 * byModel);
  });

  test("what is known of the link is known at once, and is no less", () => {
    const server = new Server(20);
    const both = { detectWithinMs: 3_000, falseAlarmsPerMonth: 10 };
    const keeper = keeperOf(server, both);
    live(keeper, server, 6_000);
    const { isFeasible, mostFalseAlarmsPerMonth } = keeper.reading()!;
    expect(isFeasible).toBe(true);
    const again = restoredFrom(keeper.save(), server, both);
    expect(again.reading()).toMatchObject({ isFeasible, mostFalseAlarmsPerMonth });
    live(again, server, 200);
    expect(again.reading()!.isFeasible).toBe(true);
  });

  test("the first intervals, which are not counted, are those of all processes together", () => {
    const server = new Server(50, 10);
    let keeper = keeperOf(server, STATED);
    const byModel = keeper.threshold;
    for (let process = 0; process < 40; process++) {
      live(keeper, server, 100);
      keeper = restoredFrom(keeper.save(), server, STATED);
    }
    expect(keeper.threshold).toBeGreaterThan(2 * byModel);
  });
});

test("a budget of numbers that are none is refused, and not searched for ever", () => {
  const refused: [Partial<BudgetOptions>, string][] = [
    [{ leastIntervalMs: 0 }, '"leastIntervalMs" must be > 0 and finite, received 0'],
    [{ leastIntervalMs: NaN }, '"leastIntervalMs" must be > 0 and finite, received NaN'],
    [{ intervalMs: Infinity }, '"intervalMs" must be > 0 and finite, received Infinity'],
    [{ threshold: 0 }, '"threshold" must be > 0 and finite, received 0'],
    [{ longestSilenceMs: -1 }, '"longestSilenceMs" must be > 0, received -1'],
    [{ detectWithinMs: 0 }, '"detectWithinMs" must be > 0, received 0'],
    [{ falseAlarmsPerMonth: -1 }, '"falseAlarmsPerMonth" must be > 0, received -1'],
    [{ suspectRatio: 2 }, '"suspectRatio" must be > 0 and <= 1, received 2'],
  ];
  for (const [part, message] of refused) {
    expect(() => keeperOf(new Server(50), part)).toThrow(
      new RangeError(`Cannot create BudgetKeeper: ${message}`),
    );
  }
  expect(keeperOf(new Server(50), { longestSilenceMs: Infinity }).threshold).toBe(16);
});
