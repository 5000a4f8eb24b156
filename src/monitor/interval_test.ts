/** An interval that is changed while the monitor runs, in virtual time: no alarm, and no crash that is found later for it. */
import { describe, expect, test } from "bun:test";
import type { TargetPart } from "../../test/kit/target.ts";
import { Bench } from "./_test_bench.ts";

/** Asked that often, and expected to answer as often. */
function every(intervalMillis: number, monitor: TargetPart["monitor"] = {}): TargetPart {
  return { intervalMillis, monitor: { ...monitor, firstHeartbeatEstimateMillis: intervalMillis } };
}

/** From a crash until it is down; `isChanged`: it was asked each minute before. */
function tookMs(monitor: TargetPart["monitor"] & object, isChanged: boolean): number {
  const bench = new Bench();
  if (isChanged) {
    bench.put(every(60_000, monitor));
    bench.time.pass(250 * 60_000);
  }
  bench.put(every(1_000, monitor));
  bench.time.pass(30_000);
  expect(bench.verdicts()).toEqual(["server1: unknown -> up"]);
  bench.behaviour = () => "never";
  const diedMs = bench.monitor.wallMsOf(bench.monitor.nowMs());
  bench.time.pass(120_000);
  const down = bench.changes.find(({ to }) => to === "down");
  return down === undefined ? Infinity : down.atWallMs - diedMs;
}

describe("another interval", () => {
  test.each([
    [10_000, 9_000],
    [10_000, 11_000],
    [60_000, 59_000],
    [60_000, 90_000],
    [60_000, 1_000],
    [1_000, 60_000],
  ])("%d ms and then %d, is no alarm, whenever it comes", (beforeMs, afterMs) => {
    for (let moment = 0; moment < 20; moment++) {
      const bench = new Bench({ phase: (moment * 0.37) % 1 });
      bench.put(every(beforeMs));
      bench.time.pass(30.02 * beforeMs + (moment / 20) * beforeMs);
      bench.put(every(afterMs));
      bench.time.pass(10 * afterMs);
      expect(bench.verdicts()).toEqual(["server1: unknown -> up"]);
    }
  });

  test("one that is asked more often from now on is found dead as soon as if it had always been", () => {
    for (const monitor of [{}, { model: "normal" }, { model: "calibrated" }] as const) {
      const alwaysMs = tookMs(monitor, false);
      const changedMs = tookMs(monitor, true);
      expect([monitor, changedMs < alwaysMs + 1_500]).toEqual([monitor, true]);
    }
  });

  test.each([
    [10_000, 5_000, 4_000],
    [60_000, 20_000, 15_000],
  ])("%d ms and %d, to and fro, hides no crash", (firstMs, secondMs, everyMs) => {
    const bench = new Bench();
    bench.put(every(firstMs));
    bench.time.pass(30 * firstMs);
    bench.behaviour = () => "never";
    for (let round = 0; round < 40; round++) {
      bench.put(every(round % 2 === 0 ? secondMs : firstMs));
      bench.time.pass(everyMs);
    }
    expect(bench.monitor.watch("server1")!.verdict).toBe("down");
  });

  test("a target that reported by itself and is asked now is no alarm", () => {
    for (let moment = 0; moment < 20; moment++) {
      const bench = new Bench({ phase: (moment * 0.37) % 1 });
      bench.put({ ...every(10_000), url: "push:" });
      for (let beat = 0; beat < 30; beat++) {
        bench.time.pass(10_000);
        bench.monitor.heartbeat("server1");
      }
      bench.time.pass((moment / 20) * 10_000);
      bench.put(every(10_000));
      bench.time.pass(100_000);
      expect(bench.verdicts()).toEqual(["server1: unknown -> up"]);
    }
  });
});
