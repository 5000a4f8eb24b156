/**
 * Properties of the whole detector over arbitrary settings and histories, and its agreement with a
 * twin that does everything anew, exactly and slowly.
 */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { PhiAccrualDetector, type PhiAccrualDetectorOptions } from "./mod.ts";

const anyOptions = fc.record({
  threshold: fc.double({ min: 0.01, max: 100, noNaN: true }),
  maxSampleSize: fc.integer({ min: 1, max: 30 }),
  minStdDeviationMs: fc.double({ min: 0.001, max: 1000, noNaN: true }),
  acceptableHeartbeatPauseMs: fc.oneof(
    fc.constant(0),
    fc.double({ min: 0, max: 1e5, noNaN: true }),
  ),
  // Its quarter is whole microseconds, as the twin has nothing else.
  firstHeartbeatEstimateMs: fc.integer({ min: 1, max: 1e6 }).map((size) => size / 250),
});
const anyGapMs = fc.oneof(
  fc.integer({ min: 900, max: 1100 }),
  fc.integer({ min: 0, max: 5000 }),
  fc.integer({ min: 0, max: 1e8 }),
);

describe("elapsedAtPhi()", () => {
  test("is the silence at which φ reaches the level, and no shorter one", () => {
    fc.assert(
      fc.property(
        anyOptions,
        fc.array(anyGapMs, { maxLength: 40 }),
        fc.double({ min: -300, max: 45, noNaN: true }),
        (options, gapsMs, exponent) => {
          const detector = new PhiAccrualDetector(options);
          // The last heartbeat is at 0, so that a moment is a silence with nothing rounded.
          let nowMs = gapsMs.reduce((sum, gapMs) => sum - gapMs, 0);
          for (const gapMs of gapsMs) detector.heartbeat((nowMs += gapMs));
          detector.start(0);
          const level = 10 ** exponent;
          const elapsedMs = detector.elapsedAtPhi(level);
          if (elapsedMs === Infinity) expect(detector.phi(Number.MAX_VALUE)).toBeLessThan(level);
          else expect(detector.phi(elapsedMs)).toBeGreaterThanOrEqual(level);
          if (elapsedMs === 0 || elapsedMs === Infinity) return;
          const sizeMs = elapsedMs + detector.meanMs + options.acceptableHeartbeatPauseMs;
          expect(detector.phi(elapsedMs - 1e-12 * sizeMs)).toBeLessThan(level);
        },
      ),
      { numRuns: 2000 },
    );
  });

  test("agrees with isAvailable() at the threshold", () => {
    fc.assert(
      fc.property(anyOptions, (options) => {
        const detector = new PhiAccrualDetector(options);
        detector.heartbeat(0);
        const elapsedMs = detector.elapsedAtPhi(options.threshold);
        expect(detector.isAvailable(elapsedMs)).toBe(false);
        for (const share of [0.5, 0.9, 0.999_999, 0.999_999_999_99]) {
          const isBefore = detector.phi(share * elapsedMs) < options.threshold;
          expect(detector.isAvailable(share * elapsedMs)).toBe(isBefore);
        }
      }),
    );
  });
});

/**
 * The twin: whole milliseconds come in, all gaps are kept as whole microseconds and summed anew and
 * exactly for each look, and the formula stands as it is written.
 */
class DumbDetector {
  options: PhiAccrualDetectorOptions;
  gapsUs: bigint[] = [];
  hasHeartbeat = false;
  silenceStartMs = 0;

  constructor(options: PhiAccrualDetectorOptions) {
    this.options = options;
  }

  heartbeat(nowMs: number): void {
    if (!this.hasHeartbeat) {
      const estimateUs = this.options.firstHeartbeatEstimateMs * 1000;
      this.gapsUs.push(
        BigInt(Math.round(estimateUs * 0.75)),
        BigInt(Math.round(estimateUs * 1.25)),
      );
      this.hasHeartbeat = true;
    } else if (this.phi(nowMs) < this.options.threshold) {
      this.gapsUs.push(BigInt(nowMs - this.silenceStartMs) * 1000n);
    }
    this.gapsUs = this.gapsUs.slice(-this.options.maxSampleSize);
    this.silenceStartMs = nowMs;
  }

  phi(nowMs: number): number {
    const { minStdDeviationMs, acceptableHeartbeatPauseMs, firstHeartbeatEstimateMs } =
      this.options;
    let meanMs = firstHeartbeatEstimateMs;
    let stdDevMs = firstHeartbeatEstimateMs / 4;
    if (this.hasHeartbeat) {
      const count = BigInt(this.gapsUs.length);
      const sum = this.gapsUs.reduce((total, gap) => total + gap, 0n);
      const squares = this.gapsUs.reduce((total, gap) => total + gap * gap, 0n);
      meanMs = Number(sum) / Number(count) / 1000;
      stdDevMs = Math.sqrt(Number(count * squares - sum * sum)) / Number(count) / 1000;
    }
    const elapsedMs = nowMs - this.silenceStartMs;
    const y =
      (elapsedMs - (meanMs + acceptableHeartbeatPauseMs)) / Math.max(stdDevMs, minStdDeviationMs);
    const g = y * (1.5976 + 0.070566 * y * y);
    return g > 40 ? g / Math.log(10) : Math.log1p(Math.exp(g)) / Math.log(10);
  }
}

describe("PhiAccrualDetector and an exact twin", () => {
  test("agree on φ and on the history through any life of a target", () => {
    const step = fc.oneof(
      { weight: 10, arbitrary: fc.record({ kind: fc.constant("heartbeat"), afterMs: anyGapMs }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("touch"), afterMs: anyGapMs }) },
      { weight: 1, arbitrary: fc.record({ kind: fc.constant("pause"), afterMs: anyGapMs }) },
      { weight: 3, arbitrary: fc.record({ kind: fc.constant("ask"), afterMs: anyGapMs }) },
    );
    fc.assert(
      fc.property(anyOptions, fc.array(step, { maxLength: 80 }), (options, steps) => {
        const detector = new PhiAccrualDetector(options);
        const twin = new DumbDetector(options);
        detector.start(0);
        let nowMs = 0;
        for (const { kind, afterMs } of steps) {
          nowMs += afterMs;
          if (kind === "heartbeat") {
            detector.heartbeat(nowMs);
            twin.heartbeat(nowMs);
          } else if (kind === "touch") {
            detector.touch(nowMs);
            if (twin.hasHeartbeat) twin.silenceStartMs = nowMs;
          } else if (kind === "pause") {
            detector.discount(afterMs);
            twin.silenceStartMs += afterMs;
          }
          const phi = twin.phi(nowMs);
          expect(Math.abs(detector.phi(nowMs) - phi)).toBeLessThanOrEqual(1e-6 * phi);
          expect(detector.isAvailable(nowMs)).toBe(phi < options.threshold);
          expect(detector.sampleCount).toBe(twin.gapsUs.length);
        }
      }),
      { numRuns: 500 },
    );
  });
});
