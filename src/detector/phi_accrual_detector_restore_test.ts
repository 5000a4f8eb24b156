/** A detector that goes on where another one ended, and the highest φ between two looks. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { PhiAccrualDetector, type PhiAccrualDetectorOptions } from "./mod.ts";

const OPTIONS: PhiAccrualDetectorOptions = {
  threshold: 8,
  maxSampleSize: 20,
  minStdDeviationMs: 100,
  acceptableHeartbeatPauseMs: 0,
  firstHeartbeatEstimateMs: 1_000,
};

/** Heartbeats at these gaps from 0 on; the moment of the last one. */
function live(detector: PhiAccrualDetector, gapsMs: readonly number[]): number {
  let nowMs = 0;
  detector.heartbeat(nowMs);
  for (const gapMs of gapsMs) detector.heartbeat((nowMs += gapMs));
  return nowMs;
}

/** Another that goes on, its silence from `silenceStartMs` on. */
function successor(
  detector: PhiAccrualDetector,
  silenceStartMs: number,
  options = OPTIONS,
): PhiAccrualDetector {
  const next = new PhiAccrualDetector(options);
  const { lastHeartbeatMs } = detector;
  next.restore({ windowUs: detector.windowUs(), lastHeartbeatMs }, silenceStartMs);
  return next;
}

const anyGapMs = fc.oneof(
  fc.integer({ min: 900, max: 1_100 }),
  fc.double({ min: 0, max: 5_000, noNaN: true }),
  fc.double({ min: 0, max: 1e8, noNaN: true }),
);

/** Different centres round the same sums differently, in their last places. */
function expectAlike(phi: number, other: number): void {
  expect(Math.abs(phi - other)).toBeLessThanOrEqual(1e-6 * Math.max(phi, other));
}

describe("restore()", () => {
  test("gives the same φ as a detector that never stopped, now and for good", () => {
    fc.assert(
      fc.property(
        fc.array(anyGapMs, { maxLength: 60 }),
        fc.array(anyGapMs, { maxLength: 60 }),
        (beforeMs, afterMs) => {
          const one = new PhiAccrualDetector(OPTIONS);
          let nowMs = live(one, beforeMs);
          const other = successor(one, one.silenceStartMs);
          expect(other.windowUs()).toEqual(one.windowUs());
          expect(other.lastHeartbeatMs).toBe(one.lastHeartbeatMs);
          for (const gapMs of afterMs) {
            nowMs += gapMs;
            expectAlike(other.phi(nowMs), one.phi(nowMs));
            const level = one.elapsedAtPhi(8);
            expect(Math.abs(other.elapsedAtPhi(8) - level)).toBeLessThanOrEqual(1e-6 * level);
            // A gap of just the threshold may enter one history and not the other.
            if (Math.abs(one.phi(nowMs) - OPTIONS.threshold) < 1e-4) return;
            one.heartbeat(nowMs);
            other.heartbeat(nowMs);
          }
          expect(other.windowUs()).toEqual(one.windowUs());
        },
      ),
      { numRuns: 500 },
    );
  });

  test("knows as well which of its gaps stand for the first estimate", () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("beat", "beat", "beat", "restore", "restart"), { maxLength: 80 }),
        (steps) => {
          let detector = new PhiAccrualDetector(OPTIONS);
          let nowMs = 0;
          let heardCount = 0;
          detector.heartbeat(nowMs);
          for (const step of steps) {
            if (step === "beat") detector.heartbeat((nowMs += 1_000 + (++heardCount % 7)));
            if (step === "restore") detector = successor(detector, nowMs);
            if (step === "restart") detector.restart(OPTIONS);
            if (step === "restart") heardCount = 0;
            expect(detector.gapCount).toBe(Math.min(heardCount, OPTIONS.maxSampleSize));
            const sampleCount = Math.min(heardCount + 2, OPTIONS.maxSampleSize);
            expect(detector.sampleCount).toBe(sampleCount);
          }
        },
      ),
    );
  });

  test("keeps count of the gaps that were heard through another window size", () => {
    const detector = new PhiAccrualDetector(OPTIONS);
    const lastMs = live(detector, [1_001, 1_002, 1_003]);
    expect([detector.sampleCount, detector.gapCount]).toEqual([5, 3]);
    // The second that stands for the estimate, without the first.
    detector.reconfigure({ ...OPTIONS, maxSampleSize: 4 });
    expect([detector.sampleCount, detector.gapCount]).toEqual([4, 4]);
    detector.reconfigure({ ...OPTIONS, maxSampleSize: 2 });
    expect([detector.sampleCount, detector.gapCount]).toEqual([2, 2]);
    detector.reconfigure(OPTIONS);
    detector.heartbeat(lastMs + 1_000);
    expect([detector.sampleCount, detector.gapCount]).toEqual([3, 3]);
  });

  test("takes gaps of no time at all for none of the estimate's", () => {
    const detector = new PhiAccrualDetector(OPTIONS);
    detector.restore({ windowUs: [0, 0, 1_000_000], lastHeartbeatMs: 1_000 }, 1_000);
    expect(detector.gapCount).toBe(3);
  });

  test("the silence begins when it is told to, and the last heartbeat is still known", () => {
    const before = new PhiAccrualDetector(OPTIONS);
    const lastMs = live(
      before,
      Array.from({ length: 30 }, () => 1_000),
    );
    const startMs = lastMs + 3_600_000;
    const detector = successor(before, startMs);
    expect(detector.lastHeartbeatMs).toBe(lastMs);
    expect(detector.phi(startMs)).toBe(before.phi(lastMs));
    expect(detector.phi(startMs + 1_500)).toBe(before.phi(lastMs + 1_500));
  });

  test("a heartbeat before the silence has begun counts as any other", () => {
    const before = new PhiAccrualDetector(OPTIONS);
    const lastMs = live(before, [1_000, 1_000]);
    const detector = successor(before, lastMs + 10_000);
    expect(detector.phi(lastMs + 5_000)).toBe(detector.phi(lastMs + 10_000));
    detector.touch(lastMs + 9_000);
    expect(detector.lastHeartbeatMs).toBe(lastMs + 9_000);
    expect(detector.silenceStartMs).toBe(lastMs + 9_000);
  });

  test("keeps the newest gaps that fit", () => {
    const before = new PhiAccrualDetector(OPTIONS);
    live(before, [1_001, 1_002, 1_003]);
    const smaller = { ...OPTIONS, maxSampleSize: 2 };
    const detector = successor(before, 1e6, smaller);
    expect([...detector.windowUs()]).toEqual([1_002_000, 1_003_000]);
    detector.heartbeat(1e6);
    detector.heartbeat(1e6 + 1_000);
    expect(detector.sampleCount).toBe(2);
  });

  test("without a history it is as new, from that start on", () => {
    const detector = new PhiAccrualDetector(OPTIONS);
    detector.restore({ windowUs: [], lastHeartbeatMs: Number.NaN }, 5_000);
    const fresh = new PhiAccrualDetector(OPTIONS);
    fresh.start(5_000);
    expect(detector.phi(6_000)).toBe(fresh.phi(6_000));
    expect(detector.lastHeartbeatMs).toBe(Number.NaN);
    detector.heartbeat(6_000);
    expect(detector.sampleCount).toBe(2);
  });

  test.each([
    [{ windowUs: [1.5], lastHeartbeatMs: 0 }, 0, '"windowUs" must be whole numbers >= 0'],
    [{ windowUs: [-1], lastHeartbeatMs: 0 }, 0, "received -1"],
    [{ windowUs: [Number.NaN], lastHeartbeatMs: 0 }, 0, "received NaN"],
    [{ windowUs: [1], lastHeartbeatMs: Number.NaN }, 0, '"nowMs" must be finite'],
    [{ windowUs: [1], lastHeartbeatMs: 0 }, Infinity, '"nowMs" must be finite'],
    [{ windowUs: [1], lastHeartbeatMs: 1 }, 0, '"lastHeartbeatMs" must be <= "silenceStartMs"'],
  ])("refuses %j with a silence from %p, and changes nothing", (memory, startMs, words) => {
    const detector = new PhiAccrualDetector(OPTIONS);
    expect(() => detector.restore(memory, startMs)).toThrow(words);
    expect([detector.sampleCount, detector.silenceStartMs]).toEqual([0, Number.NaN]);
  });

  test("refuses a detector that has a history", () => {
    const detector = new PhiAccrualDetector(OPTIONS);
    detector.heartbeat(0);
    expect(() => detector.restore({ windowUs: [1], lastHeartbeatMs: 0 }, 0)).toThrow("already");
  });
});

describe("takePeakPhi()", () => {
  test("is the highest φ of any moment since it was asked last", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(anyGapMs, { maxLength: 8 }), { minLength: 1, maxLength: 8 }),
        anyGapMs,
        (rounds, restMs) => {
          const detector = new PhiAccrualDetector(OPTIONS);
          detector.start(0);
          let nowMs = 0;
          for (const gapsMs of rounds) {
            let peak = 0;
            for (const gapMs of gapsMs) {
              nowMs += gapMs;
              // It rises up to the heartbeat, so that the moment before it is the highest.
              peak = Math.max(peak, detector.phi(nowMs));
              detector.heartbeat(nowMs);
            }
            nowMs += restMs;
            peak = Math.max(peak, detector.phi(nowMs));
            expect(detector.takePeakPhi(nowMs)).toBe(peak);
          }
          expect(detector.takePeakPhi(nowMs)).toBe(detector.phi(nowMs));
        },
      ),
      { numRuns: 300 },
    );
  });

  test("sees what the second answer of a burst has ended, too", () => {
    const detector = new PhiAccrualDetector(OPTIONS);
    const lastMs = live(detector, [1_000, 1_000]);
    const phi = detector.phi(lastMs + 1_400);
    detector.touch(lastMs + 1_400);
    expect(detector.takePeakPhi(lastMs + 1_401)).toBe(phi);
  });
});
