/** Targets with a model or a budget, in virtual time: what the probes find is written by hand, all else is real. */
import { describe, expect, test } from "bun:test";
import type { TargetPart } from "../../test/kit/target.ts";
import { Bench, jitter, watchOf } from "./_test_bench.ts";

const MINUTES = 60_000;
const CALIBRATED = { model: "calibrated", threshold: 6 } as const;

describe("a target judged by the calibrated model", () => {
  test("is up from its first heartbeat on, and a silence makes it down", () => {
    const bench = new Bench();
    bench.behaviour = jitter();
    bench.put({ monitor: CALIBRATED });
    bench.time.pass(30 * MINUTES);
    expect(bench.verdicts()).toEqual(["server1: unknown -> up"]);
    expect(watchOf(bench).isConfident(bench.monitor.nowMs())).toBe(true);
    bench.behaviour = () => "never";
    bench.time.pass(MINUTES);
    expect(watchOf(bench).verdict).toBe("down");
    expect(watchOf(bench).isConfident(bench.monitor.nowMs())).toBe(false);
  });

  test("and never answered is down before long", () => {
    const bench = new Bench();
    bench.behaviour = () => "refused";
    bench.put({ monitor: CALIBRATED });
    bench.time.pass(10_000);
    expect(watchOf(bench).verdict).toBe("down");
  });

  test("learns a rhythm three times as slow with at most one false alarm, and phi is soon of use again", () => {
    const bench = new Bench();
    bench.put({ url: "push:", monitor: CALIBRATED });
    const random = jitter(7);
    const beat = (intervalMs: number) => {
      bench.time.pass(intervalMs + (random() % 10));
      bench.monitor.heartbeat("server1");
    };
    for (let count = 0; count < 2_000; count++) beat(1_000);
    bench.changes.length = 0;
    for (let count = 0; count < 100; count++) beat(3_000);
    const downs = bench.changes.filter(({ to }) => to === "down").length;
    expect(downs).toBeLessThanOrEqual(1);
    expect(bench.phi()).toBeLessThan(2);
    bench.changes.length = 0;
    for (let count = 0; count < 500; count++) beat(3_000);
    expect(bench.changes.filter(({ to }) => to === "down")).toEqual([]);
    bench.time.pass(30_000);
    expect(watchOf(bench).verdict).toBe("down");
  });

  test.each<TargetPart["monitor"] & object>([
    CALIBRATED,
    { falseAlarmsPerMonth: 1 },
    { detectWithinMillis: 25_000 },
    { model: "normal", minStdDeviationMillis: 100 },
  ])("is asked less often from now on: no alarm, also after a restart: %p", (monitor) => {
    const bench = new Bench();
    bench.behaviour = jitter();
    bench.put({ monitor });
    bench.time.pass(10 * MINUTES);
    const estimated = { ...monitor, firstHeartbeatEstimateMillis: 10_000 };
    const slower = { intervalMillis: 10_000, monitor: estimated };
    bench.put(slower);
    bench.time.pass(3 * MINUTES);
    expect(bench.verdicts()).toEqual(["server1: unknown -> up"]);
    const saved = watchOf(bench).save(bench.monitor.nowMs());
    const again = new Bench({ time: bench.time, recall: () => saved });
    again.behaviour = jitter(2);
    again.put(slower);
    again.time.pass(10 * MINUTES);
    expect(again.verdicts()).toEqual([]);
    again.behaviour = () => "never";
    again.time.pass(2 * MINUTES);
    expect(watchOf(again).verdict).toBe("down");
  });

  test("goes on with its rhythm after a restart", () => {
    const bench = new Bench();
    bench.behaviour = jitter();
    bench.put({ monitor: CALIBRATED });
    bench.time.pass(40 * MINUTES);
    const before = watchOf(bench);
    const saved = before.save(bench.monitor.nowMs());
    const again = new Bench({ time: bench.time, recall: () => saved });
    again.put({ monitor: CALIBRATED });
    const after = watchOf(again);
    expect(after.verdict).toBe("up");
    expect(Math.abs(after.intervalMeanMs - before.intervalMeanMs)).toBeLessThan(1);
    expect(after.detectionMs / before.detectionMs).toBeCloseTo(1, 2);
    expect(after.gaps().length).toBe(1_024);
  });
});

describe("a budget of false alarms", () => {
  const BUDGET = { model: "calibrated", falseAlarmsPerMonth: 10 } as const;

  test("sets the threshold, which an outage never moves", () => {
    const bench = new Bench();
    bench.behaviour = jitter();
    bench.put({ monitor: BUDGET });
    const watch = watchOf(bench);
    expect(watch.downPhi).toBeCloseTo(Math.log10((30 * 86_400_000) / 10_000), 6);
    bench.time.pass(40 * MINUTES);
    const threshold = watch.downPhi;
    expect(watch.budget()).toMatchObject({ falseAlarmsPerMonth: 10, threshold, isFeasible: null });
    for (const outage of ["refused", "never", "status"] as const) {
      bench.behaviour = () => outage;
      bench.time.pass(2 * MINUTES);
      expect(watch.verdict).toBe("down");
      bench.behaviour = jitter();
      bench.time.pass(10_000);
      expect(watch.verdict).toBe("up");
      expect(watch.downPhi).toBe(threshold);
    }
    expect(watch.quality(bench.monitor.nowMs())).toMatchObject({ outageCount: 3, mistakeCount: 0 });
  });

  test("is the verdict's: suspect from its share, down from the threshold", () => {
    const bench = new Bench();
    bench.behaviour = jitter();
    bench.put({ monitor: { ...BUDGET, suspectRatio: 0.75 } });
    bench.time.pass(30 * MINUTES);
    const watch = watchOf(bench);
    expect(watch.suspectPhi).toBeCloseTo(0.75 * watch.downPhi, 9);
    bench.behaviour = () => "never";
    bench.time.pass(MINUTES);
    const [suspect, down] = ["suspect", "down"].map((to) =>
      bench.changes.find((each) => each.to === to)!,
    );
    expect(suspect!.phi).toBeCloseTo(watch.suspectPhi, 3);
    expect(down!.phi).toBeCloseTo(watch.downPhi, 3);
  });

  test("is gone on with after a restart", () => {
    const bench = new Bench();
    bench.behaviour = jitter();
    const monitor = { model: "calibrated", falseAlarmsPerMonth: 20_000 } as const;
    bench.put({ monitor });
    bench.time.pass(120 * MINUTES);
    const before = watchOf(bench);
    const saved = before.save(bench.monitor.nowMs());
    const again = new Bench({ time: bench.time, recall: () => saved });
    again.put({ monitor });
    // At once where the one before was on its way to.
    expect(Math.abs(watchOf(again).downPhi - before.downPhi)).toBeLessThan(0.05);
    const unknowing = new Bench({ time: bench.time });
    unknowing.put({ monitor });
    expect(watchOf(unknowing).downPhi).not.toBeCloseTo(before.downPhi, 2);
  });
});

/** How often a monitor asks that has a second and a half to notice a crash. */
function asked(monitor: object) {
  const bench = new Bench();
  bench.behaviour = jitter(5);
  bench.put({ monitor: { model: "calibrated", detectWithinMillis: 1_500, ...monitor } });
  bench.time.pass(10 * MINUTES);
  expect(bench.verdicts()).toEqual(["server1: unknown -> up"]);
  return { count: bench.probers[0]!.askedCount, intervalMs: watchOf(bench).intervalMs };
}

describe("a budget of time", () => {
  const BUDGET = { model: "calibrated", detectWithinMillis: 3_000 } as const;

  test("is kept whenever the server crashes, in the first minute and later", () => {
    for (const minutes of [0.2, 1, 5, 60]) {
      const bench = new Bench();
      bench.behaviour = jitter(3);
      bench.put({ monitor: BUDGET });
      bench.time.pass(minutes * MINUTES);
      expect(bench.verdicts()).toEqual(["server1: unknown -> up"]);
      bench.behaviour = () => "never";
      bench.time.pass(10_000);
      const down = bench.changes.find(({ to }) => to === "down")!;
      expect(down.silenceMs).toBeLessThanOrEqual(3_000);
      expect(down.silenceMs).toBeGreaterThan(1_200);
    }
  });

  test("makes the monitor ask more often where it may, and not where it may not", () => {
    const fixed = asked({});
    expect(fixed.intervalMs).toBe(1_000);
    expect(Math.abs(fixed.count - 600)).toBeLessThan(5);
    const free = asked({ minIntervalMillis: 200 });
    expect(free.intervalMs).toBe(375);
    expect(Math.abs(free.count - 1_600)).toBeLessThan(10);
    expect(asked({ minIntervalMillis: 800 }).intervalMs).toBe(800);
  });

  test.each([
    { detectWithinMillis: 5_000 },
    { detectWithinMillis: 5_000, falseAlarmsPerMonth: 100 },
    { detectWithinMillis: 2_400, falseAlarmsPerMonth: 100, minIntervalMillis: 400 },
  ])(
    "is not used up by two lost answers in a row, however long they are waited for: %p",
    (limits) => {
      const bench = new Bench();
      const answers = jitter(11);
      let slot = 0;
      bench.behaviour = () => (++slot % 150 < 2 ? "never" : answers());
      bench.put({ monitor: { model: "calibrated", ...limits } });
      bench.time.pass(60 * MINUTES);
      expect(bench.changes.filter(({ to }) => to === "down")).toEqual([]);
      expect(watchOf(bench).budget()).toMatchObject({ isFeasible: true });
      expect(watchOf(bench).skippedCount).toBe(0);
      bench.behaviour = () => "never";
      bench.time.pass(10_000);
      const down = bench.changes.find(({ to }) => to === "down")!;
      expect(down.silenceMs).toBeLessThanOrEqual(limits.detectWithinMillis);
      // It goes on being asked, and when it has been down for a while as any other.
      const { askedCount } = bench.probers[0]!;
      bench.time.pass(1_100);
      expect(bench.probers[0]!.askedCount).toBeGreaterThan(askedCount);
      bench.time.pass(10_000);
      expect(bench.probers[0]!.out.length).toBe(2);
    },
  );

  test("is used up by no single lost answer, also soon after one that nearly was by three in a row", () => {
    const bench = new Bench();
    const answers = jitter(7);
    const lost = new Set([1_000, 1_001, 1_002, 1_008]);
    let slot = 0;
    bench.behaviour = () => (lost.has(++slot) ? "never" : answers());
    bench.put({ monitor: { model: "calibrated", detectWithinMillis: 4_800 } });
    bench.time.pass(20 * MINUTES);
    expect(bench.changes.filter(({ to }) => to === "down")).toEqual([]);
  });

  test("is kept within the bound of its alarms where answers are lost at random and waited for long", () => {
    const bench = new Bench();
    let state = 5;
    const random = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state / 2 ** 32;
    };
    let slot = 0;
    bench.behaviour = () => (random() < 0.03 && ++slot > 5 ? "never" : 15 + 10 * random());
    const limits = { detectWithinMillis: 1_000, falseAlarmsPerMonth: 1_000 };
    bench.put({ intervalMillis: 250, monitor: { model: "calibrated", ...limits } });
    const hours = 2;
    bench.time.pass(hours * 60 * MINUTES);
    expect(watchOf(bench).skippedCount).toBe(0);
    const { isFeasible, mostFalseAlarmsPerMonth } = watchOf(bench).budget()!;
    expect(isFeasible).toBe(true);
    const downs = bench.changes.filter(({ to }) => to === "down").length;
    // Of as many as the bound allows for, more than this would be chance once in a thousand times.
    const expected = (mostFalseAlarmsPerMonth! * hours) / (30 * 24);
    expect(downs).toBeLessThanOrEqual(expected + 3.1 * Math.sqrt(expected) + 1);
  });

  test("goes on with the interval that it had come to after a restart", () => {
    const bench = new Bench();
    bench.behaviour = jitter(5);
    const limits = { falseAlarmsPerMonth: 1, minIntervalMillis: 100 };
    const monitor = { model: "calibrated", detectWithinMillis: 1_500, ...limits } as const;
    bench.put({ monitor });
    bench.time.pass(30 * MINUTES);
    const { intervalMs } = watchOf(bench);
    expect(intervalMs).toBeLessThan(450);
    const saved = watchOf(bench).save(bench.monitor.nowMs());
    const again = new Bench({ time: bench.time, recall: () => saved });
    again.behaviour = jitter(6);
    again.put({ monitor });
    expect(watchOf(again).intervalMs).toBe(intervalMs);
    again.time.pass(MINUTES);
    expect(Math.abs(again.probers[0]!.askedCount - MINUTES / intervalMs)).toBeLessThan(5);
    expect(again.verdicts()).toEqual([]);
  });

  test("that cannot go with the alarms allowed is told, with numbers that could", () => {
    const bench = new Bench();
    const answers = jitter(9);
    // One answer in 200 does not come.
    let slot = 0;
    bench.behaviour = () => (++slot % 200 === 0 ? "never" : answers());
    const monitor = { ...BUDGET, detectWithinMillis: 1_600, falseAlarmsPerMonth: 1 };
    bench.put({ monitor });
    bench.time.pass(30 * MINUTES);
    const watch = watchOf(bench);
    expect(watch.budget()).toMatchObject({ isFeasible: false });
    const instead = watch.feasibleInstead()!;
    expect(instead.detectWithinMs!).toBeGreaterThan(1_600);
    expect(instead.falseAlarmsPerMonth!).toBeGreaterThan(1_000);
    expect(instead.intervalMs!).toBeLessThan(1_000);
    // The time is what is kept: so every lost answer is a false alarm, and is counted as one.
    expect(watch.quality(bench.monitor.nowMs()).mistakeCount).toBeGreaterThan(5);
  });
});
