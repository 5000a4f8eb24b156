/**
 * The promise of the calibrated model, on gaps whose law is known, each judged by what was known before it; and what an outage, a cut and a
 * lasting change of rhythm do to it. All random gaps come from one seed.
 */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { CalibratedModel } from "./_calibrated_model.ts";

const OPTIONS = { acceptableHeartbeatPauseMs: 0, firstHeartbeatEstimateMs: 1000 };

type Random = () => number;

/** Multiply with carry (Marsaglia): 32 bits at a time, in [0, 1). */
function randomOf(seed: number): Random {
  let state = BigInt(seed) * 2_654_435_761n + 1n;
  return () => {
    state = (state & 0xffffffffn) * 4_294_957_665n + (state >> 32n);
    return Number(state & 0xffffffffn) / 2 ** 32;
  };
}

const normal = (random: Random) =>
  Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const exponential = (random: Random) => -Math.log(1 - random());

/** Gaps of servers of several kinds, 1 s apart. */
const SERVERS: Readonly<Record<string, (random: Random) => number>> = {
  "a spread of 2 ms in 1 s": (random) => 1000 + 2 * normal(random),
  "a normal spread of 10 %": (random) => Math.max(1000 + 100 * normal(random), 0),
  "an exponential delay": (random) => 950 + 50 * exponential(random),
  "a power law with no variance": (random) => 980 + 20 * (1 - random()) ** (-1 / 1.5),
  "one answer in a hundred lost": (random) => (random() < 0.01 ? 2000 : 1000) + 5 * normal(random),
  "whole milliseconds, half of them alike": (random) =>
    1000 + (random() < 0.5 ? 0 : Math.floor(8 * exponential(random))),
};

function modelAfter(gapsMs: Iterable<number>): CalibratedModel {
  const model = new CalibratedModel(OPTIONS);
  for (const gapMs of gapsMs) model.add(gapMs);
  return model;
}

function gapsOf(server: string, count: number, seed: number): number[] {
  const random = randomOf(seed);
  return Array.from({ length: count }, () => SERVERS[server]!(random));
}

describe("calibration", () => {
  test.each(Object.keys(SERVERS))("φ = k is reached in one of 10^k live gaps: %s", (server) => {
    const gapsMs = gapsOf(server, 62_000, 1);
    const model = modelAfter(gapsMs.slice(0, 2_000));
    const reached = [0, 0, 0, 0];
    const judged = gapsMs.slice(2_000);
    for (const gapMs of judged) {
      for (const k of [1, 2, 3]) if (gapMs >= model.silenceAtPhi(k)) reached[k]!++;
      model.add(gapMs);
    }
    // Sixty are expected at k = 3: chance alone makes less than 40 of them, or more than 90, once in some hundred seeds.
    for (const k of [1, 2, 3]) {
      const ratio = (reached[k]! / judged.length) * 10 ** k;
      // Where half are alike, no silence has a rank of just a tenth: the next that has is rarer.
      if (server.startsWith("whole")) expect(ratio).toBeGreaterThan(0.3);
      else expect(ratio).toBeGreaterThan(1 / 1.5);
      expect(ratio).toBeLessThan(1.5);
    }
  });

  test("a sender that keeps a schedule is judged by it, and is calibrated all the same", () => {
    const random = randomOf(12);
    const delaysMs = Array.from({ length: 62_001 }, () => 50 * normal(random));
    const gapsMs = Array.from({ length: 62_000 }, (_, index) =>
      Math.max(1_000 + delaysMs[index + 1]! - delaysMs[index]!, 0),
    );
    const model = modelAfter(gapsMs.slice(0, 2_000));
    let reached = 0;
    let sumMs = 0;
    for (const gapMs of gapsMs.slice(2_000)) {
      const silenceMs = model.silenceAtPhi(2);
      sumMs += silenceMs;
      if (gapMs >= silenceMs) reached++;
      model.add(gapMs);
    }
    expect(reached).toBeGreaterThan(600 / 1.3);
    expect(reached).toBeLessThan(600 * 1.3);
    // The gaps' own spread is the delays' times the root of 2, and the schedule takes most of that back.
    const byGapsMs = 1_000 + 2.326 * 50 * Math.SQRT2;
    const byDelaysMs = 1_000 + 2.326 * 50;
    expect(sumMs / 60_000).toBeLessThan((byGapsMs + byDelaysMs) / 2);
    expect(sumMs / 60_000).toBeGreaterThan(byDelaysMs);
  });

  test("is not bought with blindness: twice the interval is far beyond a regular server", () => {
    const model = modelAfter(gapsOf("a spread of 2 ms in 1 s", 5_000, 2));
    expect(model.silenceAtPhi(3)).toBeLessThan(1_012);
    expect(model.silenceAtPhi(8)).toBeLessThan(1_100);
  });
});

describe("log10Survival()", () => {
  test("has no jumps: neither at a bucket's bound, nor where ranks end, nor within an echo", () => {
    for (const server of Object.keys(SERVERS)) {
      for (const [count, last] of [
        [5, []],
        [300, []],
        [4_000, []],
        [4_000, [3_000, 1_000]],
      ] as const) {
        const model = modelAfter([...gapsOf(server, count, 10), ...last]);
        // Where φ jumped over a level, it would be beyond it at the silence that gets there.
        for (let phi = 0.01; phi < 12; phi += 0.01) {
          expect(-model.log10Survival(model.silenceAtPhi(phi)) - phi).toBeLessThan(1e-5);
        }
      }
    }
  });
});

describe("silenceAtPhi()", () => {
  test("of the φ of a silence is that silence, also within an echo, where φ hardly rises", () => {
    for (const server of ["a spread of 2 ms in 1 s", "one answer in a hundred lost"]) {
      const model = modelAfter([...gapsOf(server, 4_000, 10), 7_000, 1_000]);
      for (let silenceMs = 2_500; silenceMs < 9_000; silenceMs += 250) {
        const phi = -model.log10Survival(silenceMs);
        expect(Math.abs(model.silenceAtPhi(phi) - silenceMs)).toBeLessThan(1);
        if (silenceMs <= 7_000) expect(phi).toBeLessThanOrEqual(2.5);
      }
    }
  });
});

describe("isConfidentAt()", () => {
  test("is true as far as the past has ranks, and there φ is no more than it can count to", () => {
    const model = modelAfter(gapsOf("an exponential delay", 10_000, 3));
    expect(model.isConfidentAt(model.silenceAtPhi(2))).toBe(true);
    expect(model.isConfidentAt(model.silenceAtPhi(3))).toBe(true);
    expect(model.isConfidentAt(model.silenceAtPhi(4))).toBe(false);
    expect(model.isConfidentAt(Number.MAX_VALUE)).toBe(false);
  });

  test("is false of everything until sixteen gaps are known", () => {
    const model = modelAfter(Array.from({ length: 15 }, (_, index) => 1000 + index));
    expect(model.isConfidentAt(0)).toBe(false);
    model.add(1000);
    expect(model.isConfidentAt(1000)).toBe(true);
    expect(model.isConfidentAt(2000)).toBe(false);
  });
});

describe("the first heartbeats", () => {
  test("φ comes from the first estimate: low at the interval, and a failure is found", () => {
    const model = new CalibratedModel(OPTIONS);
    model.begin();
    expect(-model.log10Survival(1000)).toBeLessThan(1);
    expect(-model.log10Survival(2000)).toBeGreaterThan(2);
    expect(-model.log10Survival(10_000)).toBeGreaterThan(6);
  });

  test("a first estimate that was far off is forgotten after sixteen gaps", () => {
    const model = new CalibratedModel({ ...OPTIONS, firstHeartbeatEstimateMs: 60_000 });
    for (let gap = 0; gap < 16; gap++) model.add(100 + (gap % 4));
    expect(model.meanMs).toBeCloseTo(101.5, 6);
    expect(model.silenceAtPhi(4)).toBeLessThan(150);
  });

  test("a server with no spread at all is not suspected for a thousandth of its interval", () => {
    const model = modelAfter(Array.from({ length: 3_000 }, () => 1000));
    expect(-model.log10Survival(1001)).toBeLessThan(4);
    expect(-model.log10Survival(1300)).toBeGreaterThan(8);
  });
});

describe("addAtLeast()", () => {
  test("gaps that are cut at random take no side", () => {
    for (const server of ["an exponential delay", "a normal spread of 10 %"]) {
      const random = randomOf(4);
      const whole = new CalibratedModel(OPTIONS);
      const cut = new CalibratedModel(OPTIONS);
      const dropped = new CalibratedModel(OPTIONS);
      for (const [index, gapMs] of gapsOf(server, 20_000, 5).entries()) {
        whole.add(gapMs);
        // After a while each gap runs the risk of being cut, and the longer ones the more.
        const cutMs = index < 1_000 ? Infinity : 900 + 1_000 * random();
        if (cutMs < gapMs) {
          cut.addAtLeast(cutMs);
        } else {
          cut.add(gapMs);
          dropped.add(gapMs);
        }
      }
      for (const k of [1, 2]) {
        const truthMs = whole.silenceAtPhi(k) - whole.meanMs;
        const cutError = Math.abs(cut.silenceAtPhi(k) - whole.silenceAtPhi(k)) / truthMs;
        const droppedError = Math.abs(dropped.silenceAtPhi(k) - whole.silenceAtPhi(k)) / truthMs;
        expect(cutError).toBeLessThan(0.1);
        // Forgetting them would make the server look more punctual than it is.
        expect(droppedError).toBeGreaterThan(cutError);
      }
    }
  });

  test("an outage, however long and wherever it comes, moves no level", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 3_000 }),
        fc.integer({ min: 1, max: 10 }),
        fc.double({ min: 11_000, max: 1e9, noNaN: true }),
        (heartbeatsBefore, outages, outageMs) => {
          const gapsMs = gapsOf("an exponential delay", heartbeatsBefore + 100, 6);
          const spared = modelAfter(gapsMs);
          const model = modelAfter(gapsMs.slice(0, heartbeatsBefore));
          for (const gapMs of gapsMs.slice(heartbeatsBefore, heartbeatsBefore + outages)) {
            model.addAtLeast(outageMs);
            model.add(gapMs);
          }
          for (const gapMs of gapsMs.slice(heartbeatsBefore + outages)) model.add(gapMs);
          for (const k of [1, 3, 8]) expect(model.silenceAtPhi(k)).toBe(spared.silenceAtPhi(k));
        },
      ),
      { numRuns: 50 },
    );
  });
});

/** False alarms at `phi` while gaps of `toMs` follow gaps of `fromMs`, and the silence at which φ is 4 after a hundred. */
function change(fromMs: number, toMs: number, phi: number, seed: number) {
  const random = randomOf(seed);
  const model = new CalibratedModel({ ...OPTIONS, firstHeartbeatEstimateMs: fromMs });
  for (let gap = 0; gap < 4_000; gap++) model.add(fromMs + 0.01 * fromMs * normal(random));
  let alarms = 0;
  for (let gap = 0; gap < 100; gap++) {
    const gapMs = toMs + 0.01 * toMs * normal(random);
    if (gapMs >= model.silenceAtPhi(phi)) alarms++;
    model.add(gapMs);
  }
  return { alarms, silenceMs: model.silenceAtPhi(4) };
}

describe("a lasting change of rhythm", () => {
  test.each([
    [1000, 3000],
    [1000, 2000],
    [100, 300],
    [1000, 9000],
  ])(
    "from %p to %p ms: one false alarm, and a hundred heartbeats later it is known",
    (from, to) => {
      for (let seed = 1; seed <= 20; seed++) {
        for (const phi of [4, 6, 8]) {
          const { alarms, silenceMs } = change(from, to, phi, seed);
          expect(alarms).toBeLessThanOrEqual(1);
          expect(silenceMs).toBeGreaterThan(to);
          expect(silenceMs).toBeLessThan(1.5 * to);
        }
      }
    },
  );

  test("from 3000 to 1000 ms: no false alarm, and a hundred heartbeats later it is known", () => {
    for (let seed = 1; seed <= 20; seed++) {
      const { alarms, silenceMs } = change(3000, 1000, 4, seed);
      expect(alarms).toBe(0);
      expect(silenceMs).toBeLessThan(1500);
    }
  });

  test("fifteenfold it costs a dozen alarms, but not one for ever", () => {
    const { alarms, silenceMs } = change(1000, 15_000, 8, 1);
    expect(alarms).toBeLessThanOrEqual(12);
    expect(silenceMs).toBeLessThan(1.5 * 15_000);
  });

  test("a backlog that is delivered at once is no rhythm", () => {
    const model = modelAfter(gapsOf("an exponential delay", 3_000, 7));
    const before = model.silenceAtPhi(2);
    for (let gap = 0; gap < 200; gap++) model.add(5);
    // The ranks know it now, but the median is where it was: 1 s is no surprise.
    expect(-model.log10Survival(1000)).toBeLessThan(1);
    expect(model.silenceAtPhi(2)).toBeLessThanOrEqual(before * 1.01);
    expect(model.silenceAtPhi(2)).toBeGreaterThan(950);
  });
});

describe("save() and restore()", () => {
  test("the next process goes on with what was learnt, and learns alike", () => {
    for (const server of Object.keys(SERVERS)) {
      for (const count of [0, 3, 15, 16, 17, 500, 5_000]) {
        const model = modelAfter(gapsOf(server, count, 8));
        const saved = model.save();
        expect(saved.every((number) => Number.isSafeInteger(number) && number >= 0)).toBe(true);
        const restored = new CalibratedModel(OPTIONS);
        expect(restored.restore(Float64Array.from(saved))).toBe(true);
        expect(restored.sampleCount).toBe(model.sampleCount);
        expect(restored.meanMs).toBeCloseTo(model.meanMs, 3);
        expect(restored.stdDevMs).toBeCloseTo(model.stdDevMs, 3);
        // Up to 2 the tail has no say, which the other may have fitted some heartbeats ago.
        for (const k of [0.5, 1, 2]) {
          if (count === 500 && k === 2) continue;
          expect(restored.silenceAtPhi(k) / model.silenceAtPhi(k)).toBeCloseTo(1, 3);
        }
      }
    }
  });

  test("a rhythm that changes right after a restart is learnt from what the new process heard", () => {
    const restored = new CalibratedModel(OPTIONS);
    restored.restore(modelAfter(gapsOf("a spread of 2 ms in 1 s", 3_000, 11)).save());
    for (let gap = 0; gap < 20; gap++) restored.add(3_000 + (gap % 5));
    expect(restored.meanMs).toBeGreaterThan(2_500);
    expect(restored.silenceAtPhi(1)).toBeGreaterThan(3_000);
    expect(restored.silenceAtPhi(1)).toBeLessThan(5_000);
  });

  test("refuses what was never saved, and stays as it was", () => {
    const saved = modelAfter(gapsOf("an exponential delay", 100, 9)).save();
    const fresh = new CalibratedModel(OPTIONS);
    const phi = fresh.log10Survival(2000);
    for (const wrong of [
      [],
      [1000, 1000, 1000],
      [2, ...saved.slice(1)],
      saved.map((number, index) => (index === 2 ? 0 : number)),
      saved.map((number, index) => (index === 6 ? 0 : number)),
      saved.map((number, index) => (index === 8 ? number + 0.5 : number)),
      [1, 0, 5],
    ]) {
      expect(fresh.restore(wrong)).toBe(false);
      expect([fresh.sampleCount, fresh.log10Survival(2000)]).toEqual([0, phi]);
    }
  });
});
