import { describe, expect, test } from "bun:test";
import { FIRST_GAPS } from "./_first_gaps_model.ts";
import { ModelDetector, PhiAccrualDetector } from "./mod.ts";

const WINDOW = {
  maxSampleSize: 200,
  minStdDeviationMs: 50,
  acceptableHeartbeatPauseMs: 0,
  firstHeartbeatEstimateMs: 1_000,
};
const CALIBRATED = {
  model: "calibrated",
  acceptableHeartbeatPauseMs: 0,
  firstHeartbeatEstimateMs: 1_000,
} as const;

/** Gaps of 1 s, some ms more or less, the same each time. */
function gapsMs(count: number): number[] {
  return Array.from({ length: count }, (_, index) => 990 + ((index * 7_919) % 21));
}

function fed(detector: ModelDetector, gaps: readonly number[]): number {
  let nowMs = 0;
  detector.heartbeat(nowMs);
  for (const gapMs of gaps) detector.heartbeat((nowMs += gapMs));
  return nowMs;
}

describe("ModelDetector", () => {
  test("over Akka's model says what PhiAccrualDetector says", () => {
    const detector = new ModelDetector({ model: "akka", ...WINDOW }, 8);
    const akka = new PhiAccrualDetector({ ...WINDOW, threshold: 8 });
    let nowMs = 0;
    for (const gapMs of [0, ...gapsMs(300), 60_000, 1_000]) {
      nowMs += gapMs;
      expect(detector.phi(nowMs)).toBe(akka.phi(nowMs));
      detector.heartbeat(nowMs);
      akka.heartbeat(nowMs);
    }
    expect(detector.elapsedAtPhi(8)).toBe(akka.elapsedAtPhi(8));
  });

  test("without a threshold learns every gap but those it is told were outages", () => {
    const judging = new ModelDetector({ model: "normal", ...WINDOW }, 8);
    const told = new ModelDetector({ model: "normal", ...WINDOW });
    const nowMs = fed(judging, gapsMs(100));
    fed(told, gapsMs(100));
    for (const detector of [judging, told]) detector.heartbeat(nowMs + 30_000);
    expect(judging.meanMs).toBeLessThan(1_010);
    expect(told.meanMs).toBeGreaterThan(1_200);
    const { meanMs } = told;
    told.heartbeatAfterOutage(nowMs + 90_000, 1_000);
    expect(told.meanMs).toBe(meanMs);
    expect(told.lastHeartbeatMs).toBe(nowMs + 90_000);
  });
});

describe("the first gaps of a calibrated model", () => {
  test("are judged by the first estimate: neither is a little late an alarm, nor is the end never told", () => {
    const detector = new ModelDetector(CALIBRATED);
    detector.start(0);
    expect(detector.elapsedAtPhi(6)).toBeLessThan(3_000);
    let nowMs = 0;
    detector.heartbeat(nowMs);
    for (const [index, gapMs] of gapsMs(FIRST_GAPS - 1).entries()) {
      detector.heartbeat((nowMs += gapMs));
      const what = `after ${index + 1} gaps`;
      expect([what, detector.phiAfter(1_100) < 1.5]).toEqual([what, true]);
      expect([what, detector.elapsedAtPhi(6) < 3_000]).toEqual([what, true]);
      expect(detector.isConfident(nowMs + 1_000)).toBe(false);
    }
  });

  test("after them the ranks speak, and may be trusted with what they have seen", () => {
    const detector = new ModelDetector(CALIBRATED);
    const nowMs = fed(detector, gapsMs(FIRST_GAPS + 1));
    expect(detector.phiAfter(1_100)).toBeGreaterThan(2);
    expect(detector.isConfident(nowMs + 1_005)).toBe(true);
  });

  test("phi never falls while the silence grows, nor does its inverse stray, on either side", () => {
    for (const count of [0, 1, 10, FIRST_GAPS, 300]) {
      const detector = new ModelDetector(CALIBRATED);
      fed(detector, gapsMs(count));
      let before = 0;
      for (let silenceMs = 0; silenceMs < 20_000; silenceMs += 37) {
        const phi = detector.phiAfter(silenceMs);
        expect(phi).toBeGreaterThanOrEqual(before);
        before = phi;
        if (phi > 0.6)
          expect(detector.elapsedAtPhi(phi)).toBeLessThanOrEqual(silenceMs * 1.001 + 1);
      }
    }
  });
});

describe("memory()", () => {
  test("recall() goes on with it, and takes nothing else", () => {
    const detector = new ModelDetector(CALIBRATED);
    const nowMs = fed(detector, gapsMs(2_000));
    const memory = detector.memory()!;
    const again = new ModelDetector(CALIBRATED);
    expect(again.recall([1, 2, 3.5], nowMs, nowMs)).toBe(false);
    expect(again.recall(memory, nowMs, nowMs)).toBe(true);
    for (const phi of [1, 2, 3, 6]) {
      expect(again.elapsedAtPhi(phi) / detector.elapsedAtPhi(phi)).toBeCloseTo(1, 3);
    }
    expect(again.lastHeartbeatMs).toBe(nowMs);
  });

  test("there is none while the first estimate judges, or where gaps are all there is", () => {
    const young = new ModelDetector(CALIBRATED);
    fed(young, gapsMs(10));
    expect(young.memory()).toBeNull();
    const normal = new ModelDetector({ model: "normal", ...WINDOW });
    fed(normal, gapsMs(300));
    expect(normal.memory()).toBeNull();
    expect(normal.recall([1], 0, 0)).toBe(false);
  });
});

describe("phiAfter()", () => {
  test("of any length is the φ of a silence of that length, and finite", () => {
    for (const options of [CALIBRATED, { model: "akka", ...WINDOW }] as const) {
      const detector = new ModelDetector(options);
      const nowMs = fed(detector, gapsMs(100));
      for (const silenceMs of [-1, 0, 1_000, 1e16]) {
        expect(detector.phiAfter(silenceMs)).toBe(detector.phi(nowMs + silenceMs));
      }
      expect(detector.phiAfter(-Infinity)).toBe(detector.phiAfter(0));
      expect(detector.phiAfter(Infinity)).toBe(detector.phiAfter(1e16));
      expect(detector.phiAfter(Infinity)).toBeFinite();
      expect(() => detector.phiAfter(NaN)).toThrow(
        new RangeError('Cannot compute phi: "silenceMs" must be a number, received NaN'),
      );
    }
  });
});
