/** The pipeline in virtual time: what the probes find is written by hand, all else is real. */
import { describe, expect, test } from "bun:test";
import { makeTarget } from "../../test/kit/target.ts";
import { Bench } from "./_test_bench.ts";

describe("Monitor", () => {
  test("a server that answers is up from its first heartbeat, and stays so", () => {
    const bench = new Bench();
    bench.put();
    bench.time.pass(600_000);
    expect(bench.verdicts()).toEqual(["server1: unknown -> up"]);
    expect(bench.changes[0]!.reason).toBe("first heartbeat");
    expect(bench.monitor.watch("server1")!.heartbeatCount).toBe(600);
    expect(bench.phi()).toBeLessThan(1);
  });

  test("a server that never answered is not phi = 0: it is suspected, then down", () => {
    const bench = new Bench();
    bench.behaviour = () => "refused";
    bench.put();
    bench.time.pass(10_000);
    expect(bench.verdicts()).toEqual(["server1: unknown -> suspect", "server1: suspect -> down"]);
    expect(bench.changes[1]!.reason).toContain("never a heartbeat");
    expect(bench.phi()).toBeGreaterThan(16);
    expect(bench.monitor.watch("server1")!.lastError?.reason).toBe("refused");
  });

  test("phi rises between two probes, and the verdict changes with no probe under way", () => {
    const bench = new Bench();
    bench.put({ intervalMillis: 60_000, monitor: { firstHeartbeatEstimateMillis: 60_000 } });
    bench.time.pass(600_000);
    bench.behaviour = () => "never";
    bench.time.pass(60_000);
    bench.changes.length = 0;
    const before = bench.phi();
    const askedCount = bench.probers[0]!.askedCount;
    while (bench.changes.length === 0) bench.time.pass(100);
    expect(bench.phi()).toBeGreaterThan(before);
    expect(bench.probers[0]!.askedCount - askedCount).toBeLessThanOrEqual(1);
    expect(bench.verdicts()).toEqual(["server1: up -> suspect"]);
  });

  test("a verdict changes at the moment phi crosses its level", () => {
    const bench = new Bench();
    bench.put();
    bench.time.pass(300_000);
    bench.behaviour = () => "never";
    bench.time.pass(20_000);
    const [, suspect, down] = bench.changes;
    expect(suspect!.phi).toBeCloseTo(8, 6);
    expect(down!.phi).toBeCloseTo(16, 6);
    expect(down!.silenceMs).toBeGreaterThan(suspect!.silenceMs);
    // Dated to the crossing itself, not to the tick that found it.
    expect(down!.atWallMs - suspect!.atWallMs).toBeCloseTo(down!.silenceMs - suspect!.silenceMs, 3);
  });

  test("worsensMs() foretells each change of a silence, and nothing that is past", () => {
    const bench = new Bench();
    bench.put();
    bench.time.pass(300_000);
    bench.behaviour = () => "never";
    bench.time.pass(1_200);
    const watch = bench.monitor.watch("server1")!;
    const foretold = [watch.worsensMs("suspect"), watch.worsensMs("down")].map((atMs) =>
      bench.monitor.wallMsOf(atMs),
    );
    while (watch.verdict !== "suspect") bench.time.pass(20);
    expect(watch.worsensMs("suspect")).toBe(Infinity);
    expect(bench.monitor.wallMsOf(watch.worsensMs("down"))).toBeCloseTo(foretold[1]!, 3);
    bench.time.pass(20_000);
    expect(watch.worsensMs("down")).toBe(Infinity);
    const [, suspect, down] = bench.changes;
    expect(foretold[0]).toBeCloseTo(suspect!.atWallMs, 3);
    expect(foretold[1]).toBeCloseTo(down!.atWallMs, 3);
  });

  test("recoveryCount says how many heartbeats a target that is down has behind it", () => {
    const bench = new Bench();
    bench.behaviour = () => "refused";
    bench.put({ monitor: { upAfterHeartbeats: 3 } });
    bench.time.pass(20_500);
    bench.behaviour = () => 1;
    const watch = bench.monitor.watch("server1")!;
    const counts = [0, 1, 2, 3].map(() => {
      const count = watch.recoveryCount;
      bench.time.pass(1_000);
      return count;
    });
    expect(counts).toEqual([0, 1, 2, 0]);
    expect(watch.verdict).toBe("up");
  });

  test("a single dropped answer never reaches suspect under the defaults", () => {
    for (const kind of ["never", "refused"] as const) {
      const bench = new Bench();
      bench.behaviour = (slot) => (slot % 100 === 50 ? kind : 1);
      bench.put();
      let highest = 0;
      for (let step = 0; step < 30_000; step++) {
        bench.time.pass(20);
        highest = Math.max(highest, bench.phi());
      }
      expect(bench.verdicts()).toEqual(["server1: unknown -> up"]);
      expect(highest).toBeGreaterThan(1);
      expect(highest).toBeLessThan(8);
    }
  });

  test("a dropped answer right after the first heartbeat is no suspicion either", () => {
    const bench = new Bench();
    bench.behaviour = (slot) => (slot === 1 ? "never" : 1);
    bench.put();
    bench.time.pass(60_000);
    expect(bench.verdicts()).toEqual(["server1: unknown -> up"]);
  });

  test("up again takes two heartbeats in a row after a down", () => {
    const bench = new Bench();
    bench.put();
    bench.time.pass(60_000);
    bench.behaviour = () => "refused";
    bench.time.pass(20_000);
    bench.changes.length = 0;
    // One good answer between failures is not enough.
    bench.behaviour = (slot) => (slot % 2 === 0 ? 1 : "refused");
    bench.time.pass(20_000);
    expect(bench.verdicts()).toEqual([]);
    bench.behaviour = () => 1;
    bench.time.pass(3_000);
    expect(bench.verdicts()).toEqual(["server1: down -> up"]);
  });

  test("questions from before a heartbeat that time out after it undo no recovery", () => {
    const bench = new Bench();
    bench.put({ intervalMillis: 2_000 });
    bench.time.pass(60_000);
    bench.behaviour = () => "never";
    bench.time.pass(40_000);
    const watch = bench.monitor.watch("server1")!;
    expect(watch.verdict).toBe("down");
    bench.behaviour = () => 1;
    const { heartbeatCount } = watch;
    for (let step = 0; step < 200 && watch.verdict === "down"; step++) bench.time.pass(100);
    expect(watch.heartbeatCount).toBe(heartbeatCount + 2);
  });

  test("a bad answer starts the count again, however late it comes", () => {
    const bench = new Bench();
    bench.put();
    bench.time.pass(60_000);
    bench.behaviour = () => "never";
    bench.time.pass(20_000);
    const watch = bench.monitor.watch("server1")!;
    const { heartbeatCount } = watch;
    // Every second question is answered by a backend that takes its time to say no.
    bench.behaviour = (slot) => (slot % 2 === 0 ? 1 : { refusesAfterMs: 1_500 });
    bench.time.pass(30_000);
    expect(watch.heartbeatCount).toBeGreaterThan(heartbeatCount + 5);
    expect(watch.verdict).toBe("down");
  });

  test("a burst of late answers does not shrink the mean", () => {
    const bench = new Bench();
    bench.put();
    bench.time.pass(60_000);
    const hangsUntil = bench.monitor.nowMs() + 3_000;
    bench.behaviour = () => Math.max(hangsUntil - bench.monitor.nowMs(), 1);
    bench.time.pass(30_000);
    const watch = bench.monitor.watch("server1")!;
    expect(watch.intervalMeanMs).toBeGreaterThan(999);
    expect(bench.verdicts()).toEqual(["server1: unknown -> up"]);
  });

  test("a slow but steady server keeps the rhythm of the questions", () => {
    const bench = new Bench();
    bench.behaviour = () => 1_500;
    bench.put();
    bench.time.pass(300_000);
    expect(bench.monitor.watch("server1")!.intervalMeanMs).toBeCloseTo(1_000, -1);
    expect(bench.monitor.watch("server1")!.skippedCount).toBe(0);
  });

  test("a wall clock moved by an hour changes nothing", () => {
    const bench = new Bench();
    bench.put();
    bench.time.pass(60_000);
    bench.time.wall += 3_600_000;
    bench.time.pass(30_000);
    bench.time.wall -= 7_200_000;
    bench.time.pass(30_000);
    expect(bench.verdicts()).toEqual(["server1: unknown -> up"]);
  });

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
      // Between two questions; an answer that a change overtakes is lost.
      bench.time.pass(60_050 + moment * 90);
      bench.put({ monitor: strict, headers: { "x-a": "b" } });
      bench.time.pass(60_000);
      expect(bench.probers).toHaveLength(2);
      expect(bench.verdicts()).toEqual(["server1: unknown -> up"]);
    }
  });

  test("close() in a listener stops the ticker too", () => {
    const bench = new Bench();
    bench.monitor.onVerdictChange(() => bench.monitor.close());
    bench.behaviour = () => "refused";
    bench.put();
    bench.time.pass(10_000);
    expect(bench.time.waitingCount).toBe(0);
  });

  test("the loop's lag is measured by a clock that leaves no pause out", () => {
    const bench = new Bench();
    bench.time.pass(1_000);
    bench.time.stop(5_000);
    bench.time.pass(1_000);
    expect(Math.max(...bench.loopLagsSeconds)).toBeGreaterThan(4.9);
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

/** From the death of a server, in a pause of the monitor of so many milliseconds, to its being called down. */
function detectionMs(pauseMs: number): number {
  const bench = new Bench();
  bench.put();
  bench.time.pass(60_000);
  bench.behaviour = () => "never";
  if (pauseMs > 0) bench.time.stop(pauseMs);
  const fromWallMs = bench.time.wallMs();
  bench.time.pass(60_000);
  const down = bench.changes.find((change) => change.to === "down")!;
  return down.atWallMs - fromWallMs;
}

describe("Monitor, paused", () => {
  test("calls nothing down when it goes on after 10 s", () => {
    const bench = new Bench();
    bench.put();
    bench.time.pass(60_000);
    bench.time.stop(10_000);
    bench.time.pass(60_000);
    expect(bench.verdicts()).toEqual(["server1: unknown -> up"]);
    expect(bench.monitor.pausedMs).toBeGreaterThan(9_900);
    expect(bench.monitor.watch("server1")!.intervalMeanMs).toBeCloseTo(1_000, -1);
  });

  test("a server that died meanwhile is down one normal detection time later", () => {
    const normalMs = detectionMs(0);
    expect(detectionMs(10_000)).toBeGreaterThan(normalMs - 100);
    expect(detectionMs(10_000)).toBeLessThan(normalMs + 100);
  });

  test("a server about to be suspected is asked again first", () => {
    const bench = new Bench();
    bench.put();
    bench.time.pass(60_000);
    bench.behaviour = () => "never";
    // Just short of the suspicion that the silence would bring, the monitor stops.
    while (bench.phi() < 7.9) bench.time.pass(2);
    bench.behaviour = () => 1;
    bench.time.stop(10_000);
    bench.time.pass(30_000);
    expect(bench.verdicts()).toEqual(["server1: unknown -> up"]);
  });
});

describe("Monitor, stalling for a moment again and again", () => {
  const SECOND = 1_000;

  test.each([
    ["a stall every 0.9 s", 0.9 * SECOND, SECOND],
    ["a stall every 50 s, an interval of 60 s", 50 * SECOND, 60 * SECOND],
  ])("still calls a dead server down: %s", (_name, everyMs, intervalMillis) => {
    for (const url of ["http://127.0.0.1:1/", "push:"]) {
      const bench = new Bench();
      const monitor = { firstHeartbeatEstimateMillis: intervalMillis };
      bench.put({ url, intervalMillis, monitor });
      for (let beat = 0; beat < 30; beat++) {
        bench.time.pass(intervalMillis);
        if (url === "push:") bench.monitor.heartbeat("server1");
      }
      bench.behaviour = () => "refused";
      for (let passedMs = 0; passedMs < 30 * intervalMillis; passedMs += everyMs) {
        bench.time.pass(everyMs - 150);
        bench.time.stop(150);
      }
      expect(bench.monitor.watch("server1")!.verdict).toBe("down");
    }
  });

  test("they cut no gap of a slow target, whose rhythm would otherwise never be known", () => {
    const bench = new Bench();
    const monitor = { model: "calibrated", firstHeartbeatEstimateMillis: 30_000 } as const;
    bench.put({ name: "slow", intervalMillis: 30_000, monitor });
    for (let stall = 0; stall < 500; stall++) {
      bench.time.pass(4_850);
      bench.time.stop(150);
    }
    const slow = bench.monitor.watch("slow")!;
    expect(slow.heartbeatCount).toBeGreaterThan(70);
    expect(slow.gaps().length).toBeGreaterThan(0.9 * slow.heartbeatCount);
  });

  test("a stall excuses nobody for longer than it lasted, two hanging probes or not", () => {
    const bench = new Bench();
    bench.put();
    bench.time.pass(60_000);
    bench.behaviour = () => "never";
    bench.time.pass(2_500);
    bench.time.stop(150);
    bench.time.pass(3_500);
    expect(bench.monitor.watch("server1")!.verdict).toBe("down");
  });
});

describe("Monitor, pushed heartbeats", () => {
  test("beats faster than expected end a down, and are all counted", () => {
    const bench = new Bench();
    bench.put({ url: "push:" });
    bench.monitor.heartbeat("server1");
    bench.time.pass(20_000);
    expect(bench.monitor.watch("server1")!.verdict).toBe("down");
    for (let beat = 0; beat < 10; beat++) {
      bench.time.pass(400);
      bench.monitor.heartbeat("server1");
    }
    expect(bench.monitor.watch("server1")!.verdict).toBe("up");
    expect(bench.monitor.watch("server1")!.heartbeatCount).toBe(11);
  });

  test("judges the rhythm of what arrives, and asks nothing", () => {
    const bench = new Bench();
    bench.put({ name: "job", url: "push:" });
    for (let beat = 0; beat < 60; beat++) {
      bench.time.pass(1_000);
      expect(bench.monitor.heartbeat("job", beat)).toBe("accepted");
    }
    expect(bench.probers).toHaveLength(0);
    expect(bench.verdicts()).toEqual(["job: unknown -> up"]);
    bench.time.pass(60_000);
    expect(bench.verdicts().slice(1)).toEqual(["job: up -> suspect", "job: suspect -> down"]);
  });

  test("a sequence number not above the last is stale and changes nothing", () => {
    const bench = new Bench();
    bench.put({ name: "job", url: "push:" });
    expect(bench.monitor.heartbeat("job", 7)).toBe("accepted");
    bench.time.pass(3_000);
    const before = bench.phi("job");
    expect(bench.monitor.heartbeat("job", 7)).toBe("stale");
    expect(bench.monitor.heartbeat("job", 3)).toBe("stale");
    expect(bench.phi("job")).toBe(before);
    expect(bench.monitor.heartbeat("job", 8)).toBe("accepted");
  });

  test("names what cannot be pushed to", () => {
    const bench = new Bench();
    bench.put();
    expect(bench.monitor.heartbeat("server1")).toBe("not_pushed");
    expect(bench.monitor.heartbeat("nobody")).toBe("unknown_target");
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
