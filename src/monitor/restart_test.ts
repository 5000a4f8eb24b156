/** A monitor that goes on where an earlier process ended, in virtual time. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { makeTarget, type TargetPart } from "../../test/kit/target.ts";
import { Bench, type Behaviour } from "./_test_bench.ts";
import type { SavedWatch } from "./saved_watch.ts";
import type { Watch } from "./watch.ts";
import { WatchSet } from "./watch_set.ts";

const MINUTE_MS = 60_000;

/** What the monitor of a bench leaves behind when it ends. */
function end(bench: Bench): Map<string, SavedWatch> {
  const nowMs = bench.monitor.nowMs();
  const saved = [...bench.monitor.watches()].map((watch) => watch.save(nowMs));
  bench.monitor.close();
  return new Map(saved.map((each) => [each.target, each]));
}

interface Restart {
  readonly downMs?: number;
  readonly phase?: number;
  readonly behaviour?: Behaviour;
  readonly target?: TargetPart;
  readonly change?: (saved: SavedWatch) => SavedWatch;
}

/** The next process, at its first moment. */
function restart(before: Bench, options: Restart = {}): Bench {
  const { downMs = 30_000, phase = 0.7, behaviour, target, change = (each) => each } = options;
  const saved = end(before);
  before.time.pass(downMs);
  const recall = (name: string) => {
    const each = saved.get(name);
    return each && change(each);
  };
  const bench = new Bench({ time: before.time, recall, phase });
  bench.behaviour = behaviour ?? before.behaviour;
  bench.put(target);
  return bench;
}

/** A target that has been watched for a while. */
function watched(
  behaviour: Behaviour = () => 1,
  target?: TargetPart,
  forMs = 5 * MINUTE_MS,
): Bench {
  const bench = new Bench();
  bench.behaviour = behaviour;
  bench.put(target);
  bench.time.pass(forMs);
  return bench;
}

const only = (bench: Bench) => bench.monitor.watch("server1")!;

/** The highest φ while `ms` pass. */
function peakPhi(bench: Bench, ms: number): number {
  only(bench).takePeakPhi(bench.monitor.nowMs());
  bench.time.pass(ms);
  return only(bench).takePeakPhi(bench.monitor.nowMs());
}

describe("a monitor that is started again", () => {
  test("has its samples, verdict and last heartbeat at once, and φ does not count its own absence", () => {
    const before = watched();
    const { sampleCount, verdictSinceMs, lastHeartbeatMs } = only(before);
    const since = before.monitor.wallMsOf(verdictSinceMs);
    const last = before.monitor.wallMsOf(lastHeartbeatMs);
    const after = restart(before, { downMs: 10 * MINUTE_MS });
    const watch = only(after);
    expect(sampleCount).toBe(200);
    expect(watch).toMatchObject({ sampleCount, verdict: "up", heartbeatCount: 0 });
    expect(after.monitor.wallMsOf(watch.verdictSinceMs)).toBeCloseTo(since, 3);
    expect(after.monitor.wallMsOf(watch.lastHeartbeatMs)).toBeCloseTo(last, 3);
    expect(after.phi()).toBeLessThan(0.05);
    expect(peakPhi(after, 10 * MINUTE_MS)).toBeLessThan(1);
    expect(after.changes).toEqual([]);
  });

  test("takes what stands for the first estimate for no gap that was heard", () => {
    const target = { monitor: { model: "akka", detectWithinMillis: 3_000 } } as const;
    const before = watched(() => 1, target, 5_500);
    const gaps = only(before).gaps();
    expect(gaps).toHaveLength(5);
    expect(only(restart(before, { target })).gaps()).toEqual(gaps);
  });

  test("knows nothing of a target that is added once nothing more is recalled", () => {
    const saved = end(watched());
    const after = new Bench({ recall: (name) => saved.get(name) });
    after.monitor.recallNoMore();
    after.put();
    expect(only(after)).toMatchObject({ sampleCount: 0, verdict: "unknown" });
    expect(after.monitor.recalledCount).toBe(0);
  });

  test("does not learn the gap that it was not there for", () => {
    const after = restart(
      watched(() => 1, {}, 20_500),
      { phase: 0.3 },
    );
    const { sampleCount, intervalMeanMs } = only(after);
    after.time.pass(400);
    expect(only(after)).toMatchObject({ heartbeatCount: 1, sampleCount, intervalMeanMs });
    after.time.pass(1_000);
    expect(only(after)).toMatchObject({ heartbeatCount: 2, sampleCount: sampleCount + 1 });
  });

  test("announces nothing of servers that go on as before, however slow and irregular they are", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 4_000 }),
        fc.integer({ min: 0, max: 700 }),
        fc.integer({ min: 1, max: 2 ** 31 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        fc.integer({ min: 0, max: 3_600_000 }),
        (delayMs, jitterMs, seed, phase, downMs) => {
          const behaviour: Behaviour = (slot) =>
            delayMs + jitterMs * (((slot * 7_919 + seed) % 1_000) / 1_000);
          const before = watched(behaviour);
          before.changes.length = 0;
          const usual = peakPhi(before, MINUTE_MS);
          const isSteady = before.changes.length === 0;
          const after = restart(before, { downMs, phase });
          // Of one that is slower than its interval the first slots are skipped in another order.
          const bearable = delayMs + jitterMs < 1_000 ? usual + 1 : 4;
          expect(peakPhi(after, 10_000)).toBeLessThan(bearable);
          after.time.pass(MINUTE_MS);
          if (isSteady) expect(after.verdicts()).toEqual([]);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("gives a server that takes long to answer that long before its silence begins", () => {
    const before = watched(() => 4_000);
    before.changes.length = 0;
    before.time.pass(MINUTE_MS);
    const after = restart(before, { phase: 0.95 });
    expect(peakPhi(after, 10_000)).toBeLessThan(2);
    expect([...before.verdicts(), ...after.verdicts()]).toEqual([]);
  });

  test("keeps down what was down until it has recovered, and says so once", () => {
    const before = watched();
    before.behaviour = () => "refused";
    before.time.pass(30_000);
    expect(only(before).verdict).toBe("down");
    const after = restart(before, { downMs: MINUTE_MS });
    expect(only(after).verdict).toBe("down");
    after.time.pass(MINUTE_MS);
    expect(after.verdicts()).toEqual([]);
    after.behaviour = () => 1;
    after.time.pass(1_100);
    expect(after.verdicts()).toEqual([]);
    after.time.pass(1_000);
    expect(after.verdicts()).toEqual(["server1: down -> up"]);
  });

  test("keeps down, too, what never answered", () => {
    const before = watched(() => "refused");
    const after = restart(before);
    expect(only(after)).toMatchObject({ verdict: "down", sampleCount: 0 });
    after.time.pass(MINUTE_MS);
    expect(after.verdicts()).toEqual([]);
  });

  test("keeps suspect what was suspect: a heartbeat clears it, a silence makes it down", () => {
    const outcomes: readonly [Behaviour, string][] = [
      [() => 1, "up"],
      [() => "never", "down"],
    ];
    for (const [behaviour, to] of outcomes) {
      const before = watched();
      before.behaviour = () => "never";
      while (only(before).verdict === "up") before.time.pass(20);
      const after = restart(before, { behaviour });
      expect(only(after).verdict).toBe("suspect");
      after.time.pass(20_000);
      expect(after.verdicts()).toEqual([`server1: suspect -> ${to}`]);
    }
  });

  test("finds out what died meanwhile as soon as it usually would, and not before it has asked", () => {
    for (const intervalMillis of [1_000, 60_000]) {
      for (const phase of [0, 0.5, 0.95]) {
        const target = {
          intervalMillis,
          monitor: { firstHeartbeatEstimateMillis: intervalMillis },
        };
        const before = watched(() => 1, target, 30 * intervalMillis);
        const saved = only(before).save(before.monitor.nowMs());
        const after = restart(before, { phase, behaviour: () => "refused", target });
        const start = after.time.wallMs();
        after.time.pass(3 * intervalMillis + 10_000);
        expect(after.verdicts()).toEqual(["server1: up -> suspect", "server1: suspect -> down"]);
        const [suspect, down] = after.changes;
        // Mean and floor of the deviation, as Akka's formula has them: φ = 16 at 7.1 deviations.
        const usualMs =
          mean(saved.windowUs) / 1_000 + 7.2 * Math.max(500, deviation(saved.windowUs));
        expect(down!.atWallMs - start).toBeLessThanOrEqual(usualMs);
        expect(suspect!.atWallMs - start).toBeGreaterThan(phase * intervalMillis);
        expect(down!.reason).toContain("since this monitor started");
      }
    }
  });

  test("calls nothing suspect that it has not asked", () => {
    const target = { monitor: { minStdDeviationMillis: 50 } };
    const saved = end(watched(() => 1, target)).get("server1")!;
    const time = { pausedMs: 0, excusingPauses: [] };
    const wallMsOf = (monitorMs: number) => saved.savedWallMs + monitorMs;
    const set = new WatchSet({ ...time, nowMs: () => 0, wallMsOf });
    const watch: Watch = set.put(makeTarget(target), () => saved);
    expect(watch.sampleCount).toBe(200);
    expect(watch.nextChangeMs()).toBe(2_000);
    watch.asked(500);
    expect(watch.nextChangeMs()).toBeLessThan(1_400);
  });

  test("and again before anything was heard, it knows no less", () => {
    const saved = end(watched(() => 300)).get("server1")!;
    const again = end(
      restart(
        watched(() => 300),
        { downMs: 5_000 },
      ),
    ).get("server1")!;
    expect(saved.answerMs).toBe(300);
    expect({ ...again, savedWallMs: saved.savedWallMs }).toEqual(saved);
    expect(again.savedWallMs - saved.savedWallMs).toBeCloseTo(5_000, 3);
  });

  test("a pushed target goes on the same way", () => {
    const target = { url: "push:" };
    const before = new Bench();
    before.put(target);
    for (let beat = 0; beat < 100; beat++) {
      before.time.pass(1_000);
      before.monitor.heartbeat("server1");
    }
    const after = restart(before, { target });
    expect(only(after)).toMatchObject({ verdict: "up", sampleCount: 101 });
    after.time.pass(900);
    for (let beat = 0; beat < 100; beat++) {
      after.monitor.heartbeat("server1");
      after.time.pass(1_000);
    }
    expect(after.verdicts()).toEqual([]);
    after.time.pass(20_000);
    expect(after.verdicts()).toEqual(["server1: up -> suspect", "server1: suspect -> down"]);
  });
});

function expectCold(bench: Bench): void {
  expect(only(bench)).toMatchObject({ verdict: "unknown", sampleCount: 0 });
  expect(only(bench).lastHeartbeatMs).toBe(Number.NaN);
  bench.time.pass(MINUTE_MS);
  expect(bench.verdicts()).toEqual(["server1: unknown -> up"]);
}

const allAtOnce = (saved: SavedWatch) => ({ ...saved, windowUs: new Float64Array(100) });

describe("what was saved counts for nothing", () => {
  test.each<[string, (saved: SavedWatch) => SavedWatch]>([
    ["of another target", (saved) => ({ ...saved, target: "server2" })],
    ["of another question", (saved) => ({ ...saved, question: "0123456789abcdef" })],
    ["older than a day", (saved) => ({ ...saved, savedWallMs: saved.savedWallMs - 86_400_001 })],
    ["from the future", (saved) => ({ ...saved, savedWallMs: saved.savedWallMs + 3_600_000 })],
    ["at no time", (saved) => ({ ...saved, savedWallMs: Number.NaN })],
    ["with a verdict that is none", (saved) => ({ ...saved, verdict: "dead" as "down" })],
    ["with a verdict since no time", (saved) => ({ ...saved, verdictSinceWallMs: -1 })],
    ["with a verdict since later", (saved) => ({ ...saved, verdictSinceWallMs: Infinity })],
    ["without a last heartbeat", (saved) => ({ ...saved, lastHeartbeatWallMs: Number.NaN })],
    ["with a last heartbeat later", (saved) => ({ ...saved, lastHeartbeatWallMs: 2e14 })],
    ["with an answer in no time", (saved) => ({ ...saved, answerMs: Number.NaN })],
    ["with an answer in negative time", (saved) => ({ ...saved, answerMs: -1 })],
    ["with a negative gap", (saved) => ({ ...saved, windowUs: Float64Array.of(1e6, -1) })],
    ["with half a microsecond", (saved) => ({ ...saved, windowUs: Float64Array.of(0.5) })],
    ["with a gap of no length", (saved) => ({ ...saved, windowUs: Float64Array.of(Number.NaN) })],
    ["with an endless gap", (saved) => ({ ...saved, windowUs: Float64Array.of(Infinity) })],
  ])("%s", (_, change) => expectCold(restart(watched(), { change })));

  test("if the target is asked something else, or at another rhythm", () => {
    for (const target of [
      { url: "http://127.0.0.1:8082/heartbeat" },
      { intervalMillis: 900 },
      { headers: { host: "other" } },
    ]) {
      expectCold(restart(watched(), { target }));
    }
  });

  test("but not if it is only judged or labelled otherwise: it is judged by the new settings", () => {
    const target = { labels: { team: "a" }, monitor: { threshold: 12, maxSampleSize: 50 } };
    const after = restart(watched(), { target });
    expect(only(after)).toMatchObject({ verdict: "up", sampleCount: 50 });
  });

  test("nor is a history kept under which the interval itself is suspicious", () => {
    const target = { monitor: { minStdDeviationMillis: 10 } };
    const after = restart(
      watched(() => 1, target),
      { target, change: allAtOnce },
    );
    expect(only(after)).toMatchObject({ verdict: "up", sampleCount: 2, intervalMeanMs: 1_000 });
    after.time.pass(MINUTE_MS);
    expect(after.verdicts()).toEqual([]);
  });

  test("a window of any gaps, and moments at the edge of what is believed, break nothing", () => {
    const anyWall = fc.oneof(fc.double(), fc.double({ min: 1.7e12, max: 1.8e12 }));
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.maxSafeNat(), fc.double(), fc.nat(2e6)), { maxLength: 300 }),
        fc.record({ since: anyWall, last: anyWall, answer: fc.double() }),
        (gapsUs, { since, last, answer }) => {
          const change = (saved: SavedWatch) => ({
            ...saved,
            windowUs: Float64Array.from(gapsUs),
            verdictSinceWallMs: since,
            lastHeartbeatWallMs: last,
            answerMs: answer,
          });
          const after = restart(
            watched(() => 1, {}, 5_000),
            { change },
          );
          after.time.pass(10_000);
          const { verdict, intervalMeanMs } = only(after);
          expect([verdict, Number.isFinite(after.phi())]).toEqual(["up", true]);
          expect(Number.isFinite(intervalMeanMs)).toBe(true);
        },
      ),
      { numRuns: 100 },
    );
  });
});

function mean(windowUs: Float64Array): number {
  return windowUs.reduce((sum, gapUs) => sum + gapUs, 0) / windowUs.length;
}

/** In milliseconds. */
function deviation(windowUs: Float64Array): number {
  const middle = mean(windowUs);
  const squares = windowUs.reduce((sum, gapUs) => sum + (gapUs - middle) ** 2, 0);
  return Math.sqrt(squares / windowUs.length) / 1_000;
}
