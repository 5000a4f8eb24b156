/**
 * What a heartbeat, a look at φ and its inverse cost in each suspicion model, and how much memory a model takes. Gaps
 * and silences vary from call to call, the late ones too, and every result is consumed. The models are full:
 * twice as many gaps went in as the longest history holds.
 */
import { heapStats } from "bun:jsc";
import { bench, do_not_optimize, group, run } from "mitata";
import { createModel, type ModelOptions } from "./mod.ts";

const SETTINGS = {
  maxSampleSize: 200,
  minStdDeviationMs: 100,
  acceptableHeartbeatPauseMs: 0,
  firstHeartbeatEstimateMs: 1000,
  timeoutMs: 3000,
  threshold: 8,
};
const MODELS: readonly ModelOptions[] = (["akka", "normal", "fixed", "calibrated"] as const).map(
  (model) => ({ model, ...SETTINGS }),
);
const GAP_COUNT = 4096;
const WARM_GAPS = 12_000;
const KEPT = 10_000;

/** Jitter as of a busy machine, and one gap in fifty much later. */
const gapsMs = Float64Array.from({ length: GAP_COUNT }, () => {
  const delayMs = -10 * Math.log(1 - Math.random());
  return 1000 + (Math.random() < 0.02 ? 30 * delayMs : delayMs);
});

let turn = 0;

function nextGapMs(): number {
  turn = (turn + 1) % GAP_COUNT;
  return gapsMs[turn]!;
}

function warmModel(options: ModelOptions, gapCount = WARM_GAPS) {
  const model = createModel(options);
  for (let gap = 0; gap < gapCount; gap++) model.add(nextGapMs());
  return model;
}

for (const options of MODELS) {
  group(options.model, () => {
    const model = warmModel(options);
    bench("add()", function* () {
      yield {
        [0]: nextGapMs,
        bench: (gapMs: number) => do_not_optimize(model.add(gapMs)),
      };
    });
    bench("log10Survival()", function* () {
      yield {
        [0]: nextGapMs,
        bench: (silenceMs: number) => do_not_optimize(model.log10Survival(silenceMs)),
      };
    });
    bench("silenceAtPhi()", function* () {
      yield {
        [0]: () => nextGapMs() / 300,
        bench: (phi: number) => do_not_optimize(model.silenceAtPhi(phi)),
      };
    });
  });
}

await run();

for (const options of MODELS) {
  Bun.gc(true);
  const before = heapStats();
  const kept = Array.from({ length: KEPT }, () => warmModel(options, 300));
  Bun.gc(true);
  const after = heapStats();
  const bytes = (after.heapSize - before.heapSize) / kept.length;
  const extraBytes = (after.extraMemorySize - before.extraMemorySize) / kept.length;
  console.log(
    `memory: ${bytes.toFixed(0)} B a model (${options.model}), ${extraBytes.toFixed(0)} B of them in arrays`,
  );
}
