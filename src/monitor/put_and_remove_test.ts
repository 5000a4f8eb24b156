/** Targets that come, change and go while the monitor is at work, in virtual time. */
import { describe, expect, test } from "bun:test";
import { makeTarget } from "../../test/kit/target.ts";
import { Bench } from "./_test_bench.ts";

describe("Monitor, its targets changing", () => {
  test("remove() ends the watch, its questions and its alarms", () => {
    const bench = new Bench();
    bench.put();
    bench.time.pass(10_000);
    bench.monitor.remove("server1");
    expect(bench.monitor.watch("server1")).toBeUndefined();
    expect(bench.probers[0]!.isClosed).toBe(true);
    bench.time.pass(60_000);
    expect(bench.verdicts()).toEqual(["server1: unknown -> up"]);
  });

  test("put() on a known name changes the settings and keeps the history", () => {
    const bench = new Bench();
    bench.put();
    bench.time.pass(100_000);
    const before = bench.monitor.watch("server1")!.sampleCount;
    bench.put({ monitor: { threshold: 3, minStdDeviationMillis: 100 } });
    expect(bench.monitor.watch("server1")!.sampleCount).toBe(before);
    expect(bench.probers).toHaveLength(1);
    bench.put({ url: "http://127.0.0.1:8082/heartbeat", monitor: { threshold: 3 } });
    expect(bench.monitor.watch("server1")!.sampleCount).toBe(before);
    expect(bench.probers).toHaveLength(2);
    expect(bench.probers[0]!.isClosed).toBe(true);
    bench.behaviour = () => "never";
    bench.changes.length = 0;
    bench.time.pass(10_000);
    expect(bench.changes.map((change) => change.phi.toFixed(3))).toEqual(["1.500", "3.000"]);
  });

  test("a stricter threshold on a silent server is judged when it is set, not before", () => {
    const bench = new Bench();
    bench.put();
    bench.time.pass(60_000);
    bench.behaviour = () => "never";
    bench.time.pass(2_500);
    const setAtWallMs = bench.time.wallMs();
    bench.put({ monitor: { threshold: 0.5 } });
    expect(bench.changes.at(-1)!.to).toBe("down");
    expect(bench.changes.at(-1)!.atWallMs).toBe(setAtWallMs);
  });

  test("a longer interval, under which the history would be suspicious, begins a new one", () => {
    const bench = new Bench();
    bench.put();
    bench.time.pass(100_000);
    bench.changes.length = 0;
    bench.put({ intervalMillis: 10_000, monitor: { firstHeartbeatEstimateMillis: 10_000 } });
    bench.time.pass(600_000);
    expect(bench.verdicts()).toEqual([]);
    expect(bench.monitor.watch("server1")!.intervalMeanMs).toBeCloseTo(10_000, -2);
  });

  test("a longer interval that comes under suspicion ends it with the next answer", () => {
    // Wherever its next slot is: sooner than half an interval after the last heartbeat, or later.
    for (let phase = 0; phase < 1; phase += 0.1) {
      const bench = new Bench({ phase });
      bench.put();
      bench.time.pass(60_000);
      bench.behaviour = () => "refused";
      const watch = bench.monitor.watch("server1")!;
      for (let step = 0; step < 200 && watch.verdict === "up"; step++) bench.time.pass(50);
      expect(watch.verdict).toBe("suspect");
      const { heartbeatCount } = watch;
      bench.behaviour = () => 1;
      bench.put({ intervalMillis: 10_000, monitor: { firstHeartbeatEstimateMillis: 10_000 } });
      for (let step = 0; step < 200 && watch.heartbeatCount === heartbeatCount; step++) {
        bench.time.pass(50);
      }
      expect([watch.heartbeatCount, watch.verdict]).toEqual([heartbeatCount + 1, "up"]);
    }
  });

  test("another question keeps its slots, so that no gap is longer than before", () => {
    const strict = { threshold: 8, minStdDeviationMillis: 100 };
    for (let moment = 0; moment < 10; moment++) {
      const bench = new Bench();
      bench.put({ monitor: strict });
      bench.time.pass(60_050 + moment * 90);
      bench.put({ monitor: strict, headers: { "x-a": "b" } });
      bench.time.pass(60_000);
      expect(bench.probers).toHaveLength(2);
      expect(bench.verdicts()).toEqual(["server1: unknown -> up"]);
    }
  });
});

describe("Monitor, closed", () => {
  test("close() in a listener stops the ticker too", () => {
    const bench = new Bench();
    bench.monitor.onVerdictChange(() => bench.monitor.close());
    bench.behaviour = () => "refused";
    bench.put();
    bench.time.pass(10_000);
    expect(bench.time.waitingCount).toBe(0);
  });

  test("close() leaves no timer and no question behind", () => {
    const bench = new Bench();
    bench.put();
    bench.time.pass(5_500);
    bench.monitor.close();
    expect(bench.time.waitingCount).toBe(0);
    expect(bench.probers[0]!.isClosed).toBe(true);
  });
});

test("onWatch() tells of each watch that begins, changes or ends", () => {
  const { monitor } = new Bench();
  const events: string[] = [];
  const stop = monitor.onWatch(({ kind, watch }) => {
    const isThere = monitor.watch(watch.target.name) === watch;
    events.push(`${watch.target.name} ${kind}${isThere ? "" : ", is not there"}`);
  });
  monitor.put(makeTarget({ name: "s" }));
  monitor.put(makeTarget({ name: "s", intervalMillis: 2_000 }));
  monitor.remove("s");
  monitor.remove("s");
  monitor.put(makeTarget({ name: "s" }));
  stop();
  monitor.remove("s");
  expect(events).toEqual(["s began", "s changed", "s ended, is not there", "s began"]);
});
