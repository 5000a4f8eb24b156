/**
 * What a heartbeat, a look at φ and the scheduling of the next verdict cost, and how much memory a
 * detector takes. Inputs vary from call to call (gaps with jitter, a thousand detectors with
 * histories of their own), and every result is consumed. Beside them is what a user might write
 * instead: the formula as Akka prints it, over a history summed anew for each look.
 */
import { heapStats } from "bun:jsc";
import { bench, do_not_optimize, group, run } from "mitata";
import { PhiAccrualDetector } from "./mod.ts";

const DETECTOR_COUNT = 1000;
const WINDOW_SAMPLES = 200;
const JITTER_COUNT = 4096;

const jitterMs = Float64Array.from({ length: JITTER_COUNT }, () => 900 + 200 * Math.random());

function warmDetector(): PhiAccrualDetector {
  const detector = new PhiAccrualDetector({
    threshold: 16,
    maxSampleSize: WINDOW_SAMPLES,
    minStdDeviationMs: 500,
    acceptableHeartbeatPauseMs: 0,
    firstHeartbeatEstimateMs: 1000,
  });
  let nowMs = 0;
  for (let beat = 0; beat < 2 * WINDOW_SAMPLES; beat++) {
    detector.heartbeat(nowMs);
    nowMs += 900 + 200 * Math.random();
  }
  return detector;
}

function naivePhi(history: readonly number[], elapsedMs: number): number {
  let sum = 0;
  for (const gap of history) sum += gap;
  const mean = sum / history.length;
  let squares = 0;
  for (const gap of history) squares += (gap - mean) * (gap - mean);
  const y = (elapsedMs - mean) / Math.max(Math.sqrt(squares / history.length), 500);
  const e = Math.exp(-y * (1.5976 + 0.070566 * y * y));
  return elapsedMs > mean ? -Math.log10(e / (1 + e)) : -Math.log10(1 - 1 / (1 + e));
}

let turn = 0;

function nextJitterMs(): number {
  turn = (turn + 1) % JITTER_COUNT;
  return jitterMs[turn]!;
}

group("one detector", () => {
  const detector = warmDetector();
  let nowMs = detector.silenceStartMs;
  bench("nothing: what the measuring costs", function* () {
    yield {
      [0]: () => (nowMs += nextJitterMs()),
      bench: (atMs: number) => do_not_optimize(atMs),
    };
  });
  bench("heartbeat()", function* () {
    yield {
      [0]: () => (nowMs += nextJitterMs()),
      bench: (atMs: number) => do_not_optimize(detector.heartbeat(atMs)),
    };
  });
  bench("phi()", function* () {
    yield {
      [0]: () => detector.silenceStartMs + 3 * nextJitterMs(),
      bench: (atMs: number) => do_not_optimize(detector.phi(atMs)),
    };
  });
  bench("isAvailable()", function* () {
    yield {
      [0]: () => detector.silenceStartMs + 3 * nextJitterMs(),
      bench: (atMs: number) => do_not_optimize(detector.isAvailable(atMs)),
    };
  });
  bench("elapsedAtPhi() of one level", function* () {
    yield {
      // A new mean each time, as after a heartbeat; consumed, so that nothing is computed ahead.
      [0]: () => (detector.heartbeat((nowMs += nextJitterMs())), 8),
      bench: (level: number) => do_not_optimize(detector.elapsedAtPhi(level)),
    };
  });
  bench("elapsedAtPhi() of another level each time", function* () {
    yield {
      [0]: () => nextJitterMs() / 100,
      bench: (level: number) => do_not_optimize(detector.elapsedAtPhi(level)),
    };
  });
});

group("a thousand detectors in turn", () => {
  const detectors = Array.from({ length: DETECTOR_COUNT }, warmDetector);
  const histories = Array.from({ length: DETECTOR_COUNT }, () =>
    Array.from({ length: WINDOW_SAMPLES }, () => 900 + 200 * Math.random()),
  );
  let index = 0;
  const next = () => (index = (index + 1) % DETECTOR_COUNT);
  bench("heartbeat() of the next", function* () {
    yield {
      [0]: nextJitterMs,
      bench: (gapMs: number) => {
        const detector = detectors[next()]!;
        detector.heartbeat(detector.silenceStartMs + gapMs);
        return do_not_optimize(detector);
      },
    };
  });
  bench("phi() of the next", function* () {
    yield {
      [0]: () => 3 * nextJitterMs(),
      bench: (silenceMs: number) => {
        const detector = detectors[next()]!;
        return do_not_optimize(detector.phi(detector.silenceStartMs + silenceMs));
      },
    };
  });
  bench("φ as Akka prints it, history summed anew", function* () {
    yield {
      [0]: () => 3 * nextJitterMs(),
      bench: (silenceMs: number) => do_not_optimize(naivePhi(histories[next()]!, silenceMs)),
    };
  });
});

await run();

const sampleCount = 20_000;
Bun.gc(true);
const before = heapStats().heapSize;
const kept = Array.from({ length: sampleCount }, warmDetector);
Bun.gc(true);
const bytes = (heapStats().heapSize - before) / kept.length;
console.log(`memory: ${bytes.toFixed(0)} B a detector with a full window of ${WINDOW_SAMPLES}`);
