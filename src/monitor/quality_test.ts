/** How well a target is judged, in virtual time: what the probes find is written by hand, all else is real. */
import { describe, expect, test } from "bun:test";
import { makeTarget } from "../../test/kit/target.ts";
import { PROBE_FAILURE_REASONS } from "../probe/mod.ts";
import { Bench, type Behaviour, jitter } from "./_test_bench.ts";
import { isOutageEvidence } from "./outage_evidence.ts";

const MINUTES = 60_000;

/** Lives five good minutes, then so many seconds of `behaviour`, then a good minute. */
function episode(behaviour: Behaviour, seconds: number, monitor = {}): Bench {
  const bench = new Bench();
  bench.put({ monitor });
  bench.time.pass(5 * MINUTES);
  bench.behaviour = behaviour;
  bench.time.pass(seconds * 1_000);
  bench.behaviour = () => 1;
  bench.time.pass(MINUTES);
  return bench;
}

function qualityOf(bench: Bench) {
  return bench.monitor.watch("server1")!.quality(bench.monitor.nowMs());
}

describe("an episode of being down", () => {
  test("in which every probe ran into its deadline is a possible mistake", () => {
    const bench = episode(() => "never", 12);
    const { mistakeCount, mistakeMs, outageCount, queryAccuracy } = qualityOf(bench);
    expect([mistakeCount, outageCount]).toEqual([1, 0]);
    // From the crossing to the heartbeat that made it up again.
    const [down, up] = ["down", "up"].map((to) =>
      bench.changes.findLast((each) => each.to === to)!,
    );
    expect(mistakeMs).toBeCloseTo(up!.atWallMs - down!.atWallMs, 3);
    expect(queryAccuracy!).toBeCloseTo(1 - mistakeMs / (6 * MINUTES + 12_000), 3);
  });

  for (const reason of PROBE_FAILURE_REASONS) {
    const kind = isOutageEvidence(reason) ? "an outage" : "a possible mistake";
    test(`in which a single probe said "${reason}" is ${kind}`, () => {
      let asked = 0;
      const bench = episode(() => (asked++ === 0 ? reason : "never"), 12);
      const { mistakeCount, outageCount } = qualityOf(bench);
      expect([outageCount, mistakeCount]).toEqual(kind === "an outage" ? [1, 0] : [0, 1]);
    });
  }

  test("is an outage where the evidence comes late in it, and not where it came in another silence", () => {
    let asked = 0;
    const late = episode(() => (++asked === 4 ? "refused" : "never"), 12);
    expect(qualityOf(late).outageCount).toBe(1);
    const before = new Bench();
    before.put();
    before.time.pass(5 * MINUTES);
    before.behaviour = () => "status";
    before.time.pass(1_000);
    before.behaviour = () => 1;
    before.time.pass(MINUTES);
    before.behaviour = () => "never";
    before.time.pass(12_000);
    before.behaviour = () => 1;
    before.time.pass(MINUTES);
    expect(qualityOf(before)).toMatchObject({ mistakeCount: 1, outageCount: 0 });
  });

  test("that lasts longer than a mistake can is an outage", () => {
    expect(qualityOf(episode(() => "never", 90)).outageCount).toBe(1);
    const long = { mistakeMaxMillis: 200_000 };
    expect(qualityOf(episode(() => "never", 90, long)).mistakeCount).toBe(1);
    const short = { mistakeMaxMillis: 4_000 };
    expect(qualityOf(episode(() => "never", 12, short)).outageCount).toBe(1);
  });

  test("of a slow target may take as long as one lost heartbeat does", () => {
    const bench = new Bench();
    const minute = { intervalMillis: MINUTES, monitor: { firstHeartbeatEstimateMillis: MINUTES } };
    bench.put({ ...minute, timeoutMillis: 5_000 });
    bench.time.pass(300 * MINUTES);
    bench.behaviour = () => "never";
    bench.time.pass(2 * MINUTES);
    bench.behaviour = () => 1;
    bench.time.pass(30 * MINUTES);
    expect(bench.verdicts()).toContain("server1: suspect -> down");
    expect(qualityOf(bench)).toMatchObject({ mistakeCount: 1, outageCount: 0 });
  });

  test("of a target that its budget has asked more often takes no longer than that time allows", () => {
    const bench = new Bench();
    bench.behaviour = jitter();
    const budget = { detectWithinMillis: 5_000, minIntervalMillis: 1_000 };
    const estimate = { firstHeartbeatEstimateMillis: MINUTES };
    bench.put({
      intervalMillis: MINUTES,
      monitor: { model: "calibrated", ...budget, ...estimate },
    });
    bench.time.pass(10 * MINUTES);
    bench.behaviour = () => "never";
    bench.time.pass(100_000);
    bench.behaviour = jitter();
    bench.time.pass(MINUTES);
    expect(bench.verdicts()).toContain("server1: suspect -> down");
    expect(qualityOf(bench)).toMatchObject({ mistakeCount: 0, outageCount: 1 });
    // Nor is it learnt as the gap of a live server.
    const watch = bench.monitor.watch("server1")!;
    const longest = watch.gaps().toSorted((one, other) => other.gapMs - one.gapMs)[0]!;
    expect(longest.isOutage).toBe(true);
  });

  test("that goes on counts for nothing yet, and the time of an outage is no time alive", () => {
    const bench = episode(() => "refused", 30);
    const { aliveMs, outageMs, queryAccuracy } = qualityOf(bench);
    expect(queryAccuracy).toBe(1);
    expect(aliveMs + outageMs).toBeCloseTo(6 * MINUTES + 30_000, 0);
    bench.behaviour = () => "refused";
    bench.time.pass(MINUTES);
    const open = qualityOf(bench);
    expect(open).toMatchObject({ mistakeCount: 0, outageCount: 1 });
    expect(open.aliveMs).toBeLessThan(aliveMs + 10_000);
  });
});

describe("intervals", () => {
  test("are counted by how far phi had risen, and an outage's is not", () => {
    let asked = 0;
    const late = episode(() => (asked++ === 0 ? "never" : 1), 1).monitor.watch("server1")!;
    const reached = late.calibration().map(({ reachedCount }) => reachedCount);
    // Of the 360 gaps one is of two seconds, which Akka's model gives a phi of 1.7.
    expect(reached).toEqual([1, 0, 0, 0]);
    expect(late.judgedIntervalCount).toBeGreaterThan(355);
    const out = episode(() => "refused", 12).monitor.watch("server1")!;
    expect(out.calibration().map(({ reachedCount }) => reachedCount)).toEqual([0, 0, 0, 0]);
  });

  test("are kept in order, as the sampling window has them, until there is an outage to keep", () => {
    const bench = new Bench();
    bench.put({ monitor: { maxSampleSize: 50 } });
    bench.time.pass(10_500);
    const young = bench.monitor.watch("server1")!.gaps();
    // What stands for the first estimate is no gap.
    expect(young.map(({ gapMs }) => Math.round(gapMs / 50) * 50)).toEqual(
      Array.from({ length: young.length }, () => 1_000),
    );
    expect(young.length).toBeGreaterThanOrEqual(9);
    bench.time.pass(5 * MINUTES);
    bench.behaviour = () => "refused";
    bench.time.pass(12_000);
    bench.behaviour = () => 1;
    bench.time.pass(20_000);
    const gaps = bench.monitor.watch("server1")!.gaps();
    expect(gaps.length).toBe(50);
    const outages = gaps.filter(({ isOutage }) => isOutage);
    expect(outages.length).toBe(1);
    expect(outages[0]!.gapMs).toBeGreaterThan(12_000);
    expect(gaps.findIndex(({ isOutage }) => isOutage)).toBeGreaterThan(25);
  });
});

describe("new settings", () => {
  test("that judge otherwise begin the account anew, and keep the rhythm", () => {
    const bench = episode(() => "never", 12);
    const before = bench.monitor.watch("server1")!;
    const meanMs = before.intervalMeanMs;
    bench.put({ labels: { team: "a" } });
    expect(qualityOf(bench).mistakeCount).toBe(1);
    bench.put({ monitor: { model: "normal", threshold: 12 } });
    const after = bench.monitor.watch("server1")!;
    expect(qualityOf(bench)).toMatchObject({ mistakeCount: 0, aliveMs: 0 });
    expect(after.judgedIntervalCount).toBe(0);
    expect(after.judgedSinceMs).toBe(bench.monitor.nowMs());
    expect(after.gaps().length).toBeGreaterThan(150);
    expect(Math.abs(after.intervalMeanMs - meanMs)).toBeLessThan(100);
    expect([after.model, after.downPhi]).toEqual(["normal", 12]);
    bench.time.pass(MINUTES);
    expect(after.verdict).toBe("up");
  });

  test("of another model say what a silence is to it, at once", () => {
    const bench = new Bench();
    bench.put();
    bench.time.pass(5 * MINUTES);
    const akkaMs = bench.monitor.watch("server1")!.detectionMs;
    bench.put({ monitor: { model: "fixed", fixedTimeoutMillis: 7_000 } });
    expect(bench.monitor.watch("server1")!.detectionMs).toBeCloseTo(7_000, 6);
    expect(akkaMs).toBeLessThan(6_000);
  });
});

test("a target of a hundred thousand that is well holds no record", () => {
  const bench = new Bench();
  bench.monitor.put(makeTarget());
  bench.time.pass(5 * MINUTES);
  const watch = bench.monitor.watch("server1")!;
  expect(watch.episodes).toBe(watch.episodes);
  expect(Object.isFrozen(watch.episodes)).toBe(true);
});
