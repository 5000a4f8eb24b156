/** The pipeline in virtual time: what the probes find is written by hand, all else is real. */
import { describe, expect, test } from "bun:test";
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

  test("the reason of a recovery is all that it took, and how long it had been down", () => {
    for (const [upAfterHeartbeats, words] of [
      [1, "heartbeat after being down for 296"],
      [2, "2 heartbeats in a row after being down for 297"],
    ] as const) {
      const bench = new Bench();
      bench.put({ monitor: { upAfterHeartbeats } });
      bench.time.pass(60_500);
      bench.behaviour = () => "refused";
      bench.time.pass(240_000);
      bench.time.stop(60_000);
      bench.behaviour = () => 1;
      bench.time.pass(10_000);
      const [down, up] = bench.changes.slice(-2);
      expect(up!.reason).toStartWith(words);
      const downMs = up!.atWallMs - down!.atWallMs;
      expect(up!.reason).toEndWith(`after being down for ${(downMs / 1_000).toFixed(3)} s`);
    }
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
});

/** Down, after it has reported twelve times as often as its interval says. */
function downAndEager(): Bench {
  const bench = new Bench();
  const firstHeartbeatEstimateMillis = 60_000;
  bench.put({ url: "push:", intervalMillis: 60_000, monitor: { firstHeartbeatEstimateMillis } });
  for (let beat = 0; beat < 2_000; beat++) {
    bench.time.pass(5_000);
    bench.monitor.heartbeat("server1");
  }
  bench.time.pass(15_000);
  expect(bench.monitor.watch("server1")!.verdict).toBe("down");
  return bench;
}

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

  test("beats much faster than the interval are a rhythm, and the second one ends a down", () => {
    const bench = downAndEager();
    bench.monitor.heartbeat("server1");
    expect(bench.monitor.watch("server1")!.verdict).toBe("down");
    bench.time.pass(5_000);
    bench.monitor.heartbeat("server1");
    expect(bench.monitor.watch("server1")!.verdict).toBe("up");
  });

  test("one beat that is sent several times ends no down", () => {
    const bench = downAndEager();
    for (let retry = 0; retry < 10; retry++) {
      bench.monitor.heartbeat("server1");
      bench.time.pass(200);
    }
    expect(bench.monitor.watch("server1")!.verdict).toBe("down");
  });

  test("beats that are each sent several times keep their rhythm", () => {
    const bench = new Bench();
    bench.put({ url: "push:" });
    for (let beat = 0; beat < 300; beat++) {
      for (let retry = 0; retry < 5; retry++) bench.monitor.heartbeat("server1");
      bench.time.pass(20);
      bench.monitor.heartbeat("server1");
      bench.time.pass(980);
    }
    expect(bench.monitor.watch("server1")!.intervalMeanMs).toBeWithin(900, 1_001);
    expect(bench.verdicts()).toEqual(["server1: unknown -> up"]);
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
