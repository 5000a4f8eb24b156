/** A question that is changed while it is out, in virtual time: phi's own doing, and no silence of the server's. */
import { describe, expect, test } from "bun:test";
import type { TargetPart } from "../../test/kit/target.ts";
import { Bench, watchOf } from "./_test_bench.ts";

/** Asked that often, and expected to answer as often. */
function every(intervalMillis: number, part: TargetPart = {}): TargetPart {
  return { ...part, intervalMillis, monitor: { firstHeartbeatEstimateMillis: intervalMillis } };
}

const EDITS: [string, TargetPart][] = [
  ["header", { headers: { "x-a": "b" } }],
  ["timeout", { timeoutMillis: 9_000 }],
  ["URL", { url: "http://127.0.0.1:8082/heartbeat" }],
];

/** Before, during and after the time that a question of `slowMinutes` is out. */
const MOMENTS_MS = [20_900, 21_100, 22_000, 23_900, 24_100];

/** Asked every minute at :21, and answered 3 s later; at the end it is the moment `atMs` of a minute. */
function slowMinutes(atMs: number): Bench {
  const bench = new Bench({ phase: 0.35 });
  bench.behaviour = () => 3_000;
  bench.put(every(60_000));
  bench.time.pass(20 * 60_000 + atMs);
  expect(bench.verdicts()).toEqual(["server1: unknown -> up"]);
  return bench;
}

describe("a question that is changed while it is out", () => {
  test.each(EDITS)("another %s of a healthy slow target is no alarm", (_name, edit) => {
    for (const atMs of MOMENTS_MS) {
      const bench = slowMinutes(atMs);
      bench.put(every(60_000, edit));
      bench.time.pass(10 * 60_000);
      expect([atMs, bench.verdicts()]).toEqual([atMs, ["server1: unknown -> up"]]);
      expect(watchOf(bench).intervalMeanMs).toBeCloseTo(60_000, -4);
    }
  });

  test.each([59_000, 61_000, 90_000, 1_000])("nor is another interval, %d ms", (intervalMillis) => {
    for (const atMs of MOMENTS_MS) {
      const bench = slowMinutes(atMs);
      bench.put(every(intervalMillis));
      bench.time.pass(10 * 60_000);
      expect([atMs, bench.verdicts()]).toEqual([atMs, ["server1: unknown -> up"]]);
    }
  });

  test("the gap that an edit has cut is not learnt", () => {
    const longer = slowMinutes(22_000);
    longer.put(every(90_000));
    longer.time.pass(10 * 60_000);
    expect(watchOf(longer).intervalMeanMs).toBeCloseTo(90_000, -2);

    const moved = slowMinutes(23_000);
    const { sampleCount, heartbeatCount } = watchOf(moved);
    moved.put(every(60_000, { url: "http://127.0.0.1:8082/heartbeat" }));
    moved.time.pass(62_000);
    expect(watchOf(moved)).toMatchObject({ sampleCount, heartbeatCount: heartbeatCount + 1 });
  });

  test("nor are many edits of one whose answers take longer than its interval", () => {
    const bench = new Bench();
    bench.behaviour = () => 6_000;
    bench.put(every(5_000, { timeoutMillis: 10_000 }));
    bench.time.pass(300_000);
    for (let edit = 0; edit < 30; edit++) {
      bench.put(every(5_000, { timeoutMillis: 10_001 + edit }));
      bench.time.pass(2_300);
    }
    bench.time.pass(60_000);
    expect(bench.verdicts()).toEqual(["server1: unknown -> up"]);
    expect(watchOf(bench).skippedCount).toBe(0);
    // Of those that were changed only what was still out is open.
    expect(bench.probers.filter(({ isClosed }) => !isClosed)).toHaveLength(1);
  });

  test.each(EDITS)("a dead target is found however often its %s is changed", (_name, edit) => {
    const bench = slowMinutes(30_000);
    bench.behaviour = () => "never";
    for (let round = 0; round < 40; round++) {
      bench.put(every(60_000, round % 2 === 0 ? edit : {}));
      bench.time.pass(5_000);
    }
    expect(bench.verdicts().slice(1)).toEqual([
      "server1: up -> suspect",
      "server1: suspect -> down",
    ]);
  });

  test("what failed may be what was changed: it is no error of the new question's", () => {
    const bench = slowMinutes(21_500);
    bench.behaviour = () => "never";
    bench.time.pass(60_000);
    bench.behaviour = () => 1;
    bench.put(every(60_000, { headers: { "x-a": "b" } }));
    bench.time.pass(50_000);
    expect(watchOf(bench).lastError).toBeNull();
  });

  test("what would hang for long is given up as the new question would be", () => {
    const bench = new Bench();
    bench.put({ timeoutMillis: 500_000 });
    bench.time.pass(60_000);
    bench.behaviour = () => "never";
    bench.time.pass(60_000);
    expect(watchOf(bench).verdict).toBe("down");
    bench.behaviour = () => 1;
    bench.put({ timeoutMillis: 5_000 });
    bench.time.pass(10_000);
    expect(watchOf(bench).verdict).toBe("up");
  });

  test("answers that come at once are one heartbeat, and end no down", () => {
    const bench = new Bench();
    bench.put({ timeoutMillis: 60_000 });
    bench.time.pass(60_000);
    const wakesMs = bench.time.monotonicMs() + 20_500;
    bench.behaviour = () => wakesMs - bench.time.monotonicMs();
    bench.time.pass(20_000);
    bench.behaviour = () => "never";
    bench.put({ timeoutMillis: 60_000, headers: { "x-a": "b" } });
    const { heartbeatCount } = watchOf(bench);
    bench.time.pass(2_000);
    expect(watchOf(bench)).toMatchObject({ heartbeatCount: heartbeatCount + 2, verdict: "down" });
  });

  test("what was out before is not heard of any more once the target is removed", () => {
    const bench = slowMinutes(22_000);
    bench.put(every(60_000, { headers: { "x-a": "b" } }));
    bench.monitor.remove("server1");
    expect(bench.probers.every(({ isClosed }) => isClosed)).toBe(true);
    bench.time.pass(60_000);
    expect(bench.verdicts()).toEqual(["server1: unknown -> up"]);
  });
});

describe("a target that is not asked any more, but reports", () => {
  const REPORTING = every(10_000, { url: "push:" });

  test("is no alarm when its first report comes an interval later, whenever it is changed", () => {
    for (const atMs of [500, 4_000, 8_000, 9_900]) {
      const bench = new Bench();
      bench.put(every(10_000));
      bench.time.pass(250 * 10_000 + atMs);
      bench.put(REPORTING);
      for (let beat = 0; beat < 10; beat++) {
        bench.time.pass(10_000);
        bench.monitor.heartbeat("server1");
      }
      expect([atMs, bench.verdicts()]).toEqual([atMs, ["server1: unknown -> up"]]);
    }
  });

  test("is found dead however often it is changed to and fro", () => {
    const bench = new Bench();
    bench.put(every(10_000));
    bench.time.pass(250 * 10_000);
    bench.behaviour = () => "never";
    for (let round = 0; round < 20; round++) {
      bench.put(round % 2 === 0 ? REPORTING : every(10_000));
      bench.time.pass(4_000);
    }
    expect(watchOf(bench).verdict).toBe("down");
  });
});
