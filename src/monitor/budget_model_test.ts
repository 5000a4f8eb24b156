/** A budget whose target is judged by another model, or by other settings of it, than φ was counted under; in virtual time. */
import { expect, test } from "bun:test";
import type { TargetPart } from "../../test/kit/target.ts";
import { Bench, jitter, watchOf } from "./_test_bench.ts";

const MINUTES = 60_000;
const MONTH_MS = 30 * 24 * 60 * MINUTES;
const PER_MONTH = 10;

/** So sure of itself that an answer that is lost has a φ of thousands. */
const SURE = { model: "akka", minStdDeviationMillis: 20, falseAlarmsPerMonth: PER_MONTH } as const;

/** One answer in 150 is lost. */
function watched(): Bench {
  const bench = new Bench();
  const answers = jitter();
  bench.behaviour = (slot) => (slot % 150 === 149 ? "never" : answers());
  bench.put({ monitor: SURE });
  bench.time.pass(120 * MINUTES);
  expect(watchOf(bench).downPhi).toBeGreaterThan(10);
  return bench;
}

test.each<TargetPart["monitor"] & object>([
  { ...SURE, model: "normal" },
  { ...SURE, minStdDeviationMillis: 500 },
  { ...SURE, acceptableHeartbeatPauseMillis: 3_000 },
])("begins with the new model's own promise, after a restart and without: %p", (monitor) => {
  const byModel = -Math.log10((PER_MONTH * 1_000) / MONTH_MS);
  const bench = watched();
  const saved = watchOf(bench).save(bench.monitor.nowMs());
  const again = new Bench({ time: bench.time, recall: () => saved });
  again.put({ monitor });
  bench.put({ monitor });
  expect(Math.abs(watchOf(again).downPhi - byModel)).toBeLessThan(0.05);
  expect(Math.abs(watchOf(bench).downPhi - byModel)).toBeLessThan(0.05);
});

test("goes on where it was if what φ follows from is the same", () => {
  const bench = watched();
  const saved = watchOf(bench).save(bench.monitor.nowMs());
  const again = new Bench({ time: bench.time, recall: () => saved });
  const monitor = { ...SURE, upAfterHeartbeats: 3 };
  again.put({ monitor });
  bench.put({ monitor });
  expect(watchOf(again).downPhi).toBeGreaterThan(10);
  expect(watchOf(bench).downPhi).toBeGreaterThan(10);
});
