/** Intervals that a budget has shortened, over restarts and other configs, in virtual time. */
import { describe, expect, test } from "bun:test";
import type { TargetPart } from "../../test/kit/target.ts";
import { Bench, jitter, watchOf } from "./_test_bench.ts";

const MINUTES = 60_000;

/** As the config's decoder fills it in. */
const slow = (monitor: TargetPart["monitor"] & object): TargetPart => ({
  intervalMillis: 30_000,
  monitor: { model: "calibrated", firstHeartbeatEstimateMillis: 30_000, ...monitor },
});
describe("an interval that a budget has shortened", () => {
  const TIMED = slow({ detectWithinMillis: 5_000, minIntervalMillis: 1_000 });

  function watched(): Bench {
    const bench = new Bench();
    bench.behaviour = jitter();
    bench.put(TIMED);
    bench.time.pass(20 * MINUTES);
    expect(bench.verdicts()).toEqual(["server1: unknown -> up"]);
    expect(watchOf(bench).intervalMs).toBe(1_250);
    return bench;
  }

  test("is what the first question after a restart goes by", () => {
    for (let place = 0; place < 10; place++) {
      const before = watched();
      const again = new Bench({
        time: before.time,
        phase: place / 10,
        recall: () => watchOf(before).save(before.monitor.nowMs()),
      });
      again.behaviour = jitter(2);
      again.put(TIMED);
      again.time.pass(MINUTES);
      expect(again.verdicts()).toEqual([]);
    }
  });

  const RATED = slow({ falseAlarmsPerMonth: 1 });

  test("is no rhythm any more when the time is taken back", () => {
    const bench = watched();
    bench.put(RATED);
    bench.time.pass(20 * MINUTES);
    expect(bench.verdicts()).toEqual(["server1: unknown -> up"]);
  });

  test("and none after a restart under a config that has it asked less often", () => {
    const before = watched();
    const again = new Bench({
      time: before.time,
      recall: () => watchOf(before).save(before.monitor.nowMs()),
    });
    again.behaviour = jitter(2);
    again.put(RATED);
    again.time.pass(20 * MINUTES);
    expect(again.verdicts()).toEqual([]);
  });

  test("begins at once after a restart under a config that wants it", () => {
    const before = new Bench();
    before.behaviour = jitter();
    before.put(RATED);
    before.time.pass(120 * MINUTES);
    const again = new Bench({
      time: before.time,
      recall: () => watchOf(before).save(before.monitor.nowMs()),
    });
    again.behaviour = jitter(2);
    again.put(TIMED);
    again.time.pass(MINUTES);
    expect([watchOf(again).intervalMs, again.verdicts()]).toEqual([1_250, []]);
    again.behaviour = () => "never";
    again.time.pass(MINUTES);
    const down = again.changes.find(({ to }) => to === "down")!;
    const lastWallMs = again.monitor.wallMsOf(watchOf(again).lastHeartbeatMs);
    expect(down.atWallMs - lastWallMs).toBeLessThanOrEqual(5_000);
  });

  test("stays, and the history with it, when something else is changed", () => {
    const bench = new Bench();
    bench.behaviour = jitter();
    const both: TargetPart = {
      intervalMillis: 5_000,
      monitor: {
        model: "calibrated",
        detectWithinMillis: 15_000,
        falseAlarmsPerMonth: 1,
        minIntervalMillis: 100,
        firstHeartbeatEstimateMillis: 5_000,
      },
    };
    bench.put(both);
    bench.time.pass(120 * MINUTES);
    const { intervalMs, sampleCount } = watchOf(bench);
    bench.put({
      ...both,
      headers: { "x-a": "b" },
      monitor: { ...both.monitor, upAfterHeartbeats: 3 },
    });
    expect(watchOf(bench).intervalMs).toBe(intervalMs);
    expect(watchOf(bench).sampleCount).toBeGreaterThanOrEqual(Math.min(sampleCount, 1_000));
    bench.time.pass(10 * MINUTES);
    expect(bench.verdicts()).toEqual(["server1: unknown -> up"]);
  });

  test("of a target that Akka's model judges keeps the time too", () => {
    const bench = new Bench();
    bench.behaviour = jitter();
    bench.put(slow({ ...TIMED.monitor, model: "akka", minStdDeviationMillis: 100 }));
    bench.time.pass(10_000);
    expect(bench.verdicts()).toEqual(["server1: unknown -> up"]);
    bench.behaviour = () => "never";
    bench.time.pass(MINUTES);
    const down = bench.changes.find(({ to }) => to === "down")!;
    const lastWallMs = bench.monitor.wallMsOf(watchOf(bench).lastHeartbeatMs);
    expect(down.atWallMs - lastWallMs).toBeLessThanOrEqual(5_000);
  });

  test("keeps the time from the first heartbeats on", () => {
    for (const afterMs of [2_000, 10_000, 30_000, 60_000]) {
      const bench = new Bench();
      bench.behaviour = jitter();
      bench.put(TIMED);
      bench.time.pass(afterMs);
      bench.behaviour = () => "never";
      bench.time.pass(MINUTES);
      const down = bench.changes.find(({ to }) => to === "down")!;
      const lastWallMs = bench.monitor.wallMsOf(watchOf(bench).lastHeartbeatMs);
      expect([afterMs, down.atWallMs - lastWallMs <= 5_000]).toEqual([afterMs, true]);
    }
  });
});
