/** What a heartbeat and a look at φ cost; the figures in full are `src/detector/*_bench.ts`'s. */
import { do_not_optimize, measure } from "mitata";
import { PhiAccrualDetector } from "../../src/mod.ts";
import type { BenchRow } from "./row.ts";

const WINDOW = 200;
const INPUTS = 4_096;

export async function benchDetector(): Promise<BenchRow[]> {
  const gapsMs = Float64Array.from({ length: INPUTS }, () => 900 + 200 * Math.random());
  const detector = new PhiAccrualDetector({
    threshold: 16,
    maxSampleSize: WINDOW,
    minStdDeviationMs: 500,
    acceptableHeartbeatPauseMs: 0,
    firstHeartbeatEstimateMs: 1_000,
  });
  let turn = 0;
  let nowMs = 0;
  const nextGapMs = () => gapsMs[(turn = (turn + 1) % INPUTS)]!;
  const heartbeat = await measure(function* () {
    yield {
      [0]: () => (nowMs += nextGapMs()),
      bench: (atMs: number) => {
        detector.heartbeat(atMs);
        return do_not_optimize(detector);
      },
    };
  });
  const phi = await measure(function* () {
    yield {
      [0]: () => nowMs + 3 * nextGapMs(),
      bench: (atMs: number) => do_not_optimize(detector.phi(atMs)),
    };
  });
  return [row("heartbeat()", heartbeat.p50, 25), row("phi()", phi.p50, 60)];
}

function row(what: string, nanos: number, most: number): BenchRow {
  return {
    what: `${what}, window ${WINDOW}`,
    measured: `${nanos.toFixed(1)} ns`,
    toReach: `<= ${most} ns`,
    isReached: nanos <= most,
  };
}
