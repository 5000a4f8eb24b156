/** Whole monitors in virtual time: what happens to them, and what they then hold of themselves. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { makeTarget } from "../../../test/kit/target.ts";
import { Bench, QUICK } from "./_test_bench.ts";

function started(count = 10, part = {}): Bench {
  const bench = new Bench();
  bench.put(count, part);
  bench.time.pass(60_000);
  expect(bench.story).toEqual([]);
  return bench;
}

describe("SelfDoubt", () => {
  test("a monitor that is well has no doubts, also when some of its servers die", () => {
    const bench = started(20, QUICK);
    bench.time.pass(600_000);
    bench.answers = (name) => Number(name.slice("server".length)) >= 7;
    bench.time.pass(600_000);
    expect(bench.worsened.filter(({ change }) => change.to === "down")).toHaveLength(7);
    expect(bench.story).toEqual([]);
  });

  test("stopped for 30 s, it is in doubt when it wakes, whoever asks first, and until all were asked again", () => {
    const bench = started();
    bench.time.stop(30_000);
    expect(bench.selfDoubt.doubts()).toEqual(["paused"]);
    expect(bench.selfDoubt.detail("paused")).toBe("the process did not run for 30 s");
    bench.time.pass(4_900);
    expect(bench.selfDoubt.doubts()).toEqual(["paused"]);
    bench.time.pass(200);
    expect(bench.selfDoubt.doubts()).toEqual([]);
    expect(bench.story).toEqual(["+paused", "-paused"]);
    expect(bench.worsened).toEqual([]);
  });

  test("stopped for 30 s, it tells whoever listens before anything else runs", () => {
    const bench = started();
    const order: string[] = [];
    bench.selfDoubt.onChange(({ doubts }) => order.push(doubts.join()));
    bench.time.stop(30_000);
    // A timer that was due before the monitor's own, as that of an exchange with others.
    bench.time.after(0, () => order.push(`says what it sees: ${bench.selfDoubt.doubts().join()}`));
    bench.time.pass(100);
    expect(order).toEqual(["paused", "says what it sees: paused"]);
  });

  test("one that reports by itself, once a day, is not waited for", () => {
    const bench = started(3, QUICK);
    const daily = { name: "daily", url: "push:", intervalMillis: 86_400_000 };
    const monitor = { firstHeartbeatEstimateMillis: 86_400_000 };
    bench.monitor.put(makeTarget({ ...daily, monitor }));
    bench.stall(2_000);
    expect(bench.selfDoubt.doubts()).toContain("paused");
    bench.time.pass(6_000);
    expect(bench.selfDoubt.doubts()).toEqual([]);
  });

  test("a target that is asked every 20 s is waited for", () => {
    const bench = new Bench();
    bench.put(3, { intervalMillis: 20_000, monitor: { firstHeartbeatEstimateMillis: 20_000 } });
    bench.time.pass(120_000);
    bench.stall(30_000);
    bench.time.pass(39_000);
    expect(bench.selfDoubt.doubts()).toEqual(["paused"]);
    bench.time.pass(2_000);
    expect(bench.selfDoubt.doubts()).toEqual([]);
  });

  test("and one whose budget has it asked more often than its interval says, for no longer than that", () => {
    const bench = new Bench();
    const budget = { detectWithinMillis: 5_000, minIntervalMillis: 1_000 };
    const monitor = { ...budget, firstHeartbeatEstimateMillis: 60_000 };
    bench.put(3, { intervalMillis: 60_000, monitor: { model: "calibrated", ...monitor } });
    bench.time.pass(120_000);
    bench.stall(30_000);
    bench.time.pass(4_000);
    expect(bench.selfDoubt.doubts()).toEqual(["paused"]);
    bench.time.pass(2_000);
    expect(bench.selfDoubt.doubts()).toEqual([]);
  });

  test("asking many targets more often from now on is no doubt, and none of them is asked late", () => {
    for (const momentMs of [100, 4_900, 8_300, 9_990]) {
      const slow = { intervalMillis: 10_000, monitor: { firstHeartbeatEstimateMillis: 10_000 } };
      const bench = started(20, slow);
      bench.time.pass(momentMs);
      const budget = { detectWithinMillis: 8_000, minIntervalMillis: 1_000 };
      bench.put(20, { ...slow, monitor: { ...slow.monitor, model: "calibrated", ...budget } });
      bench.time.pass(10_000);
      expect([bench.story, bench.worsened]).toEqual([[], []]);
      const skipped = [...bench.monitor.watches()].map(({ skippedCount }) => skippedCount);
      expect(skipped).toEqual(Array.from({ length: 20 }, () => 0));
    }
  });

  test("stalls of 300 ms are a doubt from the second one on, however close or far, up to 9 s", () => {
    for (const apartMs of [20, 100, 300, 1_000, 3_000, 9_000]) {
      const bench = started(10, QUICK);
      bench.stall(300);
      bench.time.pass(apartMs);
      expect(bench.selfDoubt.doubts()).toEqual([]);
      bench.stall(300);
      expect(bench.selfDoubt.doubts()).toEqual(["loop_lag"]);
      for (let stall = 0; stall < 20; stall++) {
        bench.time.pass(apartMs);
        bench.stall(300);
      }
      // Longer when they are further apart than the doubt lasts at first.
      expect(bench.story.filter((step) => step === "+loop_lag").length).toBeLessThanOrEqual(3);
      expect(bench.worsened).toEqual([]);
    }
  });

  test("no stall makes a verdict wrong before the monitor is in doubt", () => {
    const stalls = fc.array(
      fc.record({
        afterMs: fc.integer({ min: 1, max: 3_000 }),
        forMs: fc.integer({ min: 10, max: 700 }),
        askingMs: fc.constantFrom(0, 0, 0, 5, 40),
      }),
      { minLength: 1, maxLength: 25 },
    );
    let wrongCount = 0;
    fc.assert(
      fc.property(stalls, (all) => {
        const bench = started(10, QUICK);
        for (const { afterMs, forMs, askingMs } of all) {
          bench.askingMs = askingMs;
          bench.time.pass(afterMs);
          bench.stall(forMs);
        }
        bench.askingMs = 0;
        bench.time.pass(10_000);
        wrongCount += bench.worsened.length;
        for (const { change, doubts } of bench.worsened) {
          expect([change.reason, doubts.length > 0]).toEqual([change.reason, true]);
        }
      }),
      {
        numRuns: 60,
        examples: [
          // Sending goes on beyond the moment at which the next stall begins.
          [
            [
              { afterMs: 290, forMs: 148, askingMs: 40 },
              { afterMs: 1, forMs: 10, askingMs: 0 },
            ],
          ],
        ],
      },
    );
    // Sending for too long does make some wrong, or this would be no test.
    expect(wrongCount).toBeGreaterThan(0);
  });

  test("cut off from all, it is in doubt before most of them are down, until they are heard again", () => {
    const bench = started(20, { timeoutMillis: 500 });
    bench.answers = () => false;
    bench.time.pass(60_000);
    expect(bench.selfDoubt.doubts()).toEqual(["many_suspected"]);
    expect(bench.selfDoubt.detail("many_suspected")).toBe(
      "10 of 20 targets, on 10 servers, became suspect within 10 s",
    );
    const downs = bench.worsened.filter(({ change }) => change.to === "down");
    expect(downs).toHaveLength(20);
    expect(downs.every(({ doubts }) => doubts.includes("many_suspected"))).toBe(true);
    bench.answers = () => true;
    bench.time.pass(20_000);
    expect(bench.story).toEqual(["+many_suspected", "-many_suspected"]);
  });

  test("a fleet on one server that dies is no doubt of oneself", () => {
    const bench = started(20, { url: "http://10.1.0.101:8080/", timeoutMillis: 500 });
    bench.answers = () => false;
    bench.time.pass(60_000);
    expect(bench.worsened.filter(({ change }) => change.to === "down")).toHaveLength(20);
    expect(bench.story).toEqual([]);
  });

  test("one that does not reach itself is in doubt sooner than its servers are down", () => {
    const bench = started(2, { timeoutMillis: 500 });
    bench.answers = () => false;
    bench.selfAnswer = { ok: false, detail: "unreachable: EMFILE" };
    bench.time.pass(60_000);
    expect(bench.selfDoubt.doubts()).toEqual(["self_probe"]);
    expect(bench.selfDoubt.detail("self_probe")).toContain("in a row: unreachable: EMFILE");
    const downs = bench.worsened.filter(({ change }) => change.to === "down");
    expect(downs.map(({ doubts }) => doubts)).toEqual([["self_probe"], ["self_probe"]]);
    bench.selfAnswer = { ok: true };
    bench.time.pass(10_000);
    expect(bench.story).toEqual(["+self_probe", "-self_probe"]);
  });

  test("one whose own work makes its probes late is in doubt", () => {
    const bench = started(30);
    bench.askingMs = 60;
    bench.time.pass(20_000);
    expect(bench.selfDoubt.doubts()).toContain("schedule_lag");
    bench.askingMs = 0;
    bench.time.pass(60_000);
    expect(bench.selfDoubt.doubts()).toEqual([]);
  });

  test("closed, it asks itself nothing and hears nothing", () => {
    const bench = started();
    bench.selfDoubt.close();
    bench.selfAnswer = { ok: false, detail: "refused" };
    bench.answers = () => false;
    bench.time.pass(60_000);
    expect(bench.story).toEqual([]);
  });
});
