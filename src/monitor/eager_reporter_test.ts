/** A target that reports by itself, and more often than its interval says; in virtual time. */
import { describe, expect, test } from "bun:test";
import type { TargetPart } from "../../test/kit/target.ts";
import { Bench, watchOf } from "./_test_bench.ts";

const MINUTE_MS = 60_000;
const EAGER_MS = 10_000;

const eachMinute = (part: TargetPart = {}): TargetPart => ({
  ...part,
  url: "push:",
  intervalMillis: MINUTE_MS,
  monitor: { ...part.monitor, firstHeartbeatEstimateMillis: MINUTE_MS },
});

/** It has reported every ten seconds for so long that nothing else is known of it. */
function eager(monitor: TargetPart["monitor"] = {}): Bench {
  const bench = new Bench();
  bench.put(eachMinute({ monitor }));
  report(bench, EAGER_MS, 600);
  expect(watchOf(bench)).toMatchObject({ sampleCount: 200, intervalMeanMs: EAGER_MS });
  expect(bench.verdicts()).toEqual(["server1: unknown -> up"]);
  bench.changes.length = 0;
  return bench;
}

function report(bench: Bench, everyMs: number, count: number): void {
  for (let beat = 0; beat < count; beat++) {
    bench.time.pass(everyMs);
    bench.monitor.heartbeat("server1");
  }
}

describe("a target that has reported more often than its interval says", () => {
  test("is called down once when it keeps to the interval from now on, and up again", () => {
    const bench = eager();
    for (const gapMs of [58_000, 64_000, 59_000]) report(bench, gapMs, 1);
    expect(bench.verdicts()).toEqual([
      "server1: up -> suspect",
      "server1: suspect -> down",
      "server1: down -> up",
    ]);
    report(bench, MINUTE_MS, 30);
    expect(bench.changes).toHaveLength(3);
    expect(watchOf(bench).intervalMeanMs).toBeCloseTo(MINUTE_MS, -3);
  });

  test("is not called down at each interval where a single heartbeat makes it up", () => {
    const bench = eager({ upAfterHeartbeats: 1 });
    report(bench, MINUTE_MS, 20);
    expect(bench.verdicts()).toEqual([
      "server1: up -> suspect",
      "server1: suspect -> down",
      "server1: down -> up",
    ]);
  });

  test("has been judged all the while: no mistake is forgotten, nor cut, when it slows down", () => {
    const bench = eager();
    const quality = () => watchOf(bench).quality(bench.monitor.nowMs());
    const { judgedSinceMs } = watchOf(bench);
    report(bench, 25_000, 1);
    report(bench, EAGER_MS, 20);
    const earlier = quality();
    expect(earlier.mistakeCount).toBe(1);
    report(bench, 59_000, 10);
    expect(watchOf(bench).judgedSinceMs).toBe(judgedSinceMs);
    const [down, up] = bench.changes.slice(-2);
    expect([down!.to, up!.to]).toEqual(["down", "up"]);
    const { mistakeCount, mistakeMs } = quality();
    expect(mistakeCount).toBe(2);
    expect(mistakeMs - earlier.mistakeMs).toBeCloseTo(up!.atWallMs - down!.atWallMs, 3);
    expect(watchOf(bench).gaps().length).toBeLessThan(10);
  });

  test("keeps its rhythm over an outage that is no longer than an interval", () => {
    const bench = eager();
    bench.time.pass(50_000 - EAGER_MS);
    report(bench, EAGER_MS, 10);
    expect(watchOf(bench)).toMatchObject({ verdict: "up", intervalMeanMs: EAGER_MS });
  });

  test("keeps its rhythm when its labels or its threshold are changed", () => {
    const bench = eager();
    bench.put(eachMinute({ labels: { team: "a" } }));
    bench.put(eachMinute({ monitor: { threshold: 12 } }));
    expect(watchOf(bench)).toMatchObject({ sampleCount: 200, intervalMeanMs: EAGER_MS });
  });

  test("keeps its rhythm over a restart of the monitor", () => {
    const before = eager();
    const again = new Bench({
      time: before.time,
      recall: () => watchOf(before).save(before.monitor.nowMs()),
    });
    again.put(eachMinute());
    report(again, EAGER_MS, 10);
    expect(watchOf(again)).toMatchObject({ sampleCount: 200, intervalMeanMs: EAGER_MS });
    expect(again.verdicts()).toEqual([]);
  });
});
