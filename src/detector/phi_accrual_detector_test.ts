import { describe, expect, test } from "bun:test";
import { exactPhi } from "../../test/kit/exact_phi.ts";
import { PhiAccrualDetector, type PhiAccrualDetectorOptions } from "./mod.ts";

const OPTIONS: PhiAccrualDetectorOptions = {
  threshold: 8,
  maxSampleSize: 200,
  minStdDeviationMs: 100,
  acceptableHeartbeatPauseMs: 0,
  firstHeartbeatEstimateMs: 1000,
};

function detectorWith(options: Partial<PhiAccrualDetectorOptions> = {}): PhiAccrualDetector {
  return new PhiAccrualDetector({ ...OPTIONS, ...options });
}

/** Heartbeats from `fromMs` on, `gapMs` apart; the moment of the last one. */
function beat(detector: PhiAccrualDetector, fromMs: number, count: number, gapMs = 1000): number {
  for (let index = 0; index < count; index++) detector.heartbeat(fromMs + index * gapMs);
  return fromMs + (count - 1) * gapMs;
}

describe("PhiAccrualDetector", () => {
  test("refuses options out of range, and says which", () => {
    const refused = [
      [{ threshold: -1 }, '"threshold" must be > 0, received -1'],
      [{ threshold: NaN }, '"threshold" must be > 0, received NaN'],
      [{ threshold: Infinity }, '"threshold" must be finite, received Infinity'],
      [{ maxSampleSize: 0 }, '"maxSampleSize" must be an integer >= 1, received 0'],
      [{ maxSampleSize: 1.5 }, '"maxSampleSize" must be an integer >= 1, received 1.5'],
      [{ maxSampleSize: Infinity }, '"maxSampleSize" must be an integer >= 1, received Infinity'],
      [{ minStdDeviationMs: 0 }, '"minStdDeviationMs" must be > 0, received 0'],
      [
        { minStdDeviationMs: Infinity },
        '"minStdDeviationMs" must be <= 9007199254740.99, received Infinity',
      ],
      [
        { acceptableHeartbeatPauseMs: -1 },
        '"acceptableHeartbeatPauseMs" must be >= 0, received -1',
      ],
      [
        { acceptableHeartbeatPauseMs: NaN },
        '"acceptableHeartbeatPauseMs" must be >= 0, received NaN',
      ],
      [{ firstHeartbeatEstimateMs: 0 }, '"firstHeartbeatEstimateMs" must be > 0, received 0'],
    ] as const;
    for (const [options, message] of refused) {
      expect(() => detectorWith(options)).toThrow(
        new RangeError(`Cannot create PhiAccrualDetector: ${message}`),
      );
      expect(() => detectorWith().reconfigure({ ...OPTIONS, ...options })).toThrow(
        new RangeError(`Cannot reconfigure PhiAccrualDetector: ${message}`),
      );
    }
  });

  test("refuses moments that are none", () => {
    for (const nowMs of [NaN, Infinity, -Infinity]) {
      const detector = detectorWith();
      const message = `Cannot tell the time: "nowMs" must be finite, received ${nowMs}`;
      expect(() => detector.start(nowMs)).toThrow(new RangeError(message));
      expect(() => detector.heartbeat(nowMs)).toThrow(new RangeError(message));
      expect(() => detector.touch(nowMs)).toThrow(new RangeError(message));
      expect(() => detector.phi(nowMs)).toThrow(new RangeError(message));
      expect(() => detector.isAvailable(nowMs)).toThrow(new RangeError(message));
      expect(detector.silenceStartMs).toBe(NaN);
    }
    for (const pauseMs of [NaN, Infinity, -1]) {
      expect(() => detectorWith().discount(pauseMs)).toThrow(RangeError);
    }
    expect(() => detectorWith().elapsedAtPhi(NaN)).toThrow(RangeError);
  });

  test("starts on the first estimate: φ 0.3, 4.5 and above 15 after 1, 2 and 3 s", () => {
    const detector = detectorWith();
    detector.heartbeat(0);
    expect(detector.meanMs).toBe(1000);
    expect(detector.stdDevMs).toBe(250);
    expect(detector.sampleCount).toBe(2);
    expect(Math.abs(detector.phi(1000) - 0.3)).toBeLessThanOrEqual(0.2);
    expect(Math.abs(detector.phi(2000) - 4.5)).toBeLessThanOrEqual(0.3);
    expect(detector.phi(3000)).toBeGreaterThan(15);
  });

  test("suspects a server that never answered, from the start of the watch on", () => {
    const detector = detectorWith();
    expect(detector.silenceStartMs).toBe(NaN);
    detector.start(5000);
    detector.start(9000); //                             only the first call counts
    expect(detector.silenceStartMs).toBe(5000);
    expect(detector.lastHeartbeatMs).toBe(NaN);
    expect([detector.meanMs, detector.stdDevMs, detector.sampleCount]).toEqual([1000, 250, 0]);
    expect(detector.phi(6000)).toBeCloseTo(0.301, 3); // 1 s
    expect(detector.phi(7000)).toBeCloseTo(4.737, 3); // 2 s
    expect(detector.isAvailable(7000)).toBe(true);
    expect(detector.isAvailable(8000)).toBe(false); //   3 s
  });

  test("takes whatever it is first asked for the start of the watch", () => {
    const asked = detectorWith();
    expect(asked.phi(5000)).toBeLessThan(0.001);
    const available = detectorWith();
    expect(available.isAvailable(5000)).toBe(true);
    const beaten = detectorWith();
    beaten.heartbeat(5000);
    for (const detector of [asked, available, beaten]) {
      detector.start(1);
      expect(detector.silenceStartMs).toBe(5000);
    }
  });

  test("raises the deviation of a perfectly regular server to the least one", () => {
    const detector = detectorWith({ maxSampleSize: 10 });
    beat(detector, 0, 100); //                          the last at 99,000
    expect(detector.stdDevMs).toBe(0);
    expect(detector.phi(100_200)).toBeCloseTo(1.643, 3); // as φ(1200, 1000, 100)
    expect(detector.phi(100_400)).toBeCloseTo(4.737, 3);
  });

  test("adds the acceptable pause to the mean", () => {
    const detector = detectorWith({ acceptableHeartbeatPauseMs: 3000, maxSampleSize: 10 });
    beat(detector, 0, 100);
    expect(detector.phi(103_200)).toBeCloseTo(1.643, 3);
    expect(detector.meanMs).toBe(1000);
  });

  test("calls 300 s a failure, and after two more heartbeats 7 s a failure again", () => {
    const detector = detectorWith({
      acceptableHeartbeatPauseMs: 3000,
      maxSampleSize: 1000,
      minStdDeviationMs: 100,
    });
    const lastMs = beat(detector, 0, 1000);
    expect(detector.isAvailable(lastMs + 1000)).toBe(true);
    expect(detector.isAvailable(lastMs + 300_000)).toBe(false);
    detector.heartbeat(lastMs + 300_000);
    detector.heartbeat(lastMs + 301_000);
    detector.heartbeat(lastMs + 302_000);
    expect(detector.isAvailable(lastMs + 303_000)).toBe(true);
    expect(detector.isAvailable(lastMs + 309_000)).toBe(false); // 7 s
  });

  test("keeps every outage out of the window, which would blind it to the next", () => {
    const detector = detectorWith();
    let nowMs = beat(detector, 0, 20);
    const { meanMs, stdDevMs, sampleCount } = detector;
    for (let outage = 0; outage < 50; outage++) {
      nowMs += 60_000;
      expect(detector.isAvailable(nowMs)).toBe(false);
      detector.heartbeat(nowMs);
      expect(detector.isAvailable(nowMs)).toBe(true);
      expect(detector.lastHeartbeatMs).toBe(nowMs);
    }
    expect([detector.meanMs, detector.stdDevMs]).toEqual([meanMs, stdDevMs]);
    expect(detector.sampleCount).toBe(sampleCount);
  });

  test("lets the last gap below the threshold in, and no longer one", () => {
    for (const [excessMs, sampleCount] of [
      [0, 3],
      [1, 2],
    ] as const) {
      const detector = detectorWith();
      detector.heartbeat(0);
      detector.heartbeat(Math.floor(detector.elapsedAtPhi(8)) + excessMs);
      expect(detector.sampleCount).toBe(sampleCount);
    }
  });

  test("says how long the first gap may be, and learns any that is not longer", () => {
    // A first estimate far below the interval would keep the target down for ever.
    const limitMs = detectorWith().elapsedAtPhi(8);
    const stuck = detectorWith();
    beat(stuck, 0, 100, limitMs * 1.01);
    expect(stuck.sampleCount).toBe(2);
    const learning = detectorWith();
    beat(learning, 0, 100, limitMs * 0.99);
    expect(learning.sampleCount).toBe(101);
    expect(learning.meanMs).toBeCloseTo(limitMs * 0.99, -2);
  });

  test("moves φ all the time while a server hangs, asked or not", () => {
    const detector = detectorWith();
    const lastMs = beat(detector, 0, 20);
    let phi = -1;
    for (let silenceMs = 100; silenceMs < 1e7; silenceMs *= 1.1) {
      expect(detector.phi(lastMs + silenceMs)).toBeGreaterThan(phi);
      phi = detector.phi(lastMs + silenceMs);
    }
    expect(detector.phi(lastMs)).toBeLessThan(1e-3); // asking changes nothing
  });

  test("is finite and exact through ten years of silence", () => {
    const tenYearsMs = 10 * 365.25 * 24 * 3600 * 1000;
    for (const minStdDeviationMs of [0.001, 100, 500]) {
      const detector = detectorWith({ minStdDeviationMs, maxSampleSize: 10 });
      const lastMs = beat(detector, 0, 100);
      const y = (tenYearsMs - 1000) / minStdDeviationMs;
      expect(detector.phi(lastMs + tenYearsMs) / exactPhi(y)).toBeCloseTo(1, 13);
      expect(detector.phi(Number.MAX_VALUE)).toBeFinite();
      expect(detector.isAvailable(lastMs + tenYearsMs)).toBe(false);
    }
  });

  test("saturates instead of overflowing", () => {
    const detector = detectorWith({ minStdDeviationMs: Number.MIN_VALUE, maxSampleSize: 1 });
    detector.heartbeat(-Number.MAX_VALUE);
    expect(detector.phi(Number.MAX_VALUE)).toBe(Number.MAX_VALUE);
    expect(detector.phi(-Number.MAX_VALUE)).toBe(0);
    detector.heartbeat(Number.MAX_VALUE);
    expect(detector.phi(Number.MAX_VALUE)).toBe(0);
  });

  test("takes a clock that goes back for one that stands still", () => {
    const detector = detectorWith();
    beat(detector, 0, 10); //              the last at 9000
    const phiAtOnce = detector.phi(9000);
    expect(detector.phi(5000)).toBe(phiAtOnce);
    expect(detector.isAvailable(-1e9)).toBe(true);
    const before = detector.sampleCount;
    detector.heartbeat(5000);
    expect(detector.sampleCount).toBe(before + 1); // a gap of 0
    expect(detector.lastHeartbeatMs).toBe(9000);
    detector.touch(4000);
    expect(detector.silenceStartMs).toBe(9000);
  });

  test("does not care where the clock's zero is", () => {
    for (const originMs of [-1e9, 0, 12_345.5, 1e9]) {
      const detector = detectorWith();
      const lastMs = beat(detector, originMs, 50);
      expect(detector.phi(lastMs + 1250)).toBeCloseTo(2.216, 3);
    }
  });
});

describe("touch()", () => {
  test("ends the silence of a burst's later answers and leaves the rhythm alone", () => {
    const touched = detectorWith();
    const lastMs = beat(touched, 0, 20);
    const { meanMs, stdDevMs, sampleCount } = touched;
    for (let answer = 1; answer <= 100; answer++) touched.touch(lastMs + answer);
    expect(touched.lastHeartbeatMs).toBe(lastMs + 100);
    expect(touched.silenceStartMs).toBe(lastMs + 100);
    expect([touched.meanMs, touched.stdDevMs, touched.sampleCount]).toEqual([
      meanMs,
      stdDevMs,
      sampleCount,
    ]);
    touched.heartbeat(lastMs + 1100);
    expect(touched.sampleCount).toBe(sampleCount + 1);
    expect(touched.meanMs).toBeCloseTo(1000, 6);
  });

  test("does nothing before the first heartbeat", () => {
    const detector = detectorWith();
    detector.touch(500);
    expect(detector.silenceStartMs).toBe(NaN);
    detector.start(0);
    detector.touch(500);
    expect(detector.silenceStartMs).toBe(0);
    expect(detector.lastHeartbeatMs).toBe(NaN);
  });
});

describe("discount()", () => {
  test("takes a pause of the caller's own out of the silence and of the next gap", () => {
    const detector = detectorWith();
    const lastMs = beat(detector, 0, 20);
    const phi = detector.phi(lastMs + 600);
    detector.discount(4000);
    detector.discount(6000);
    expect(detector.phi(lastMs + 10_600)).toBe(phi);
    expect(detector.silenceStartMs).toBe(lastMs + 10_000);
    expect(detector.lastHeartbeatMs).toBe(lastMs);
    const { sampleCount } = detector;
    detector.heartbeat(lastMs + 11_000);
    expect(detector.sampleCount).toBe(sampleCount + 1);
    expect(detector.meanMs).toBeCloseTo(1000, 6);
    expect(detector.lastHeartbeatMs).toBe(lastMs + 11_000);
  });

  test("works on a target that never answered, and on nothing before the start", () => {
    const detector = detectorWith();
    detector.discount(1000);
    detector.start(0);
    expect(detector.phi(1000)).toBeCloseTo(0.301, 3);
    detector.discount(10_000);
    expect(detector.phi(11_000)).toBeCloseTo(0.301, 3);
    expect(detector.lastHeartbeatMs).toBe(NaN);
  });
});

test("discount() of more than the silence puts its beginning off, and a heartbeat before that counts", () => {
  const detector = detectorWith();
  const lastMs = beat(detector, 0, 20);
  detector.discount(5000);
  expect(detector.silenceStartMs).toBe(lastMs + 5000);
  expect(detector.phi(lastMs + 4000)).toBe(detector.phi(lastMs + 5000));
  expect(detector.phi(lastMs + 7000)).toBeGreaterThan(detector.phi(lastMs + 5000));
  expect(detector.lastHeartbeatMs).toBe(lastMs);
  detector.touch(lastMs + 3000);
  expect(detector.silenceStartMs).toBe(lastMs + 3000);
});

describe("restart()", () => {
  test("forgets the history, goes on with the running silence, and begins from the new estimate", () => {
    const detector = detectorWith();
    beat(detector, 0, 51);
    detector.restart({ ...OPTIONS, firstHeartbeatEstimateMs: 10_000 });
    expect(detector.sampleCount).toBe(2);
    expect(detector.meanMs).toBe(10_000);
    expect(detector.stdDevMs).toBe(2_500);
    expect(detector.lastHeartbeatMs).toBe(50_000);
    expect(detector.isAvailable(60_000)).toBe(true);
  });

  test("before the first heartbeat it only changes what is expected", () => {
    const detector = detectorWith();
    detector.start(0);
    detector.restart({ ...OPTIONS, firstHeartbeatEstimateMs: 10_000 });
    expect([detector.sampleCount, detector.meanMs]).toEqual([0, 10_000]);
  });
});

describe("reconfigure()", () => {
  test("keeps the newest gaps that fit, and the silence", () => {
    const detector = detectorWith({ threshold: 1000 });
    let nowMs = 0;
    for (const gapMs of [0, 500, 600, 700, 800, 900]) detector.heartbeat((nowMs += gapMs));
    detector.reconfigure({ ...OPTIONS, maxSampleSize: 3 });
    expect(detector.sampleCount).toBe(3);
    expect(detector.meanMs).toBe(800);
    expect(detector.lastHeartbeatMs).toBe(nowMs);
    detector.heartbeat((nowMs += 1000));
    expect(detector.meanMs).toBe(900); //          700 has gone
    detector.reconfigure({ ...OPTIONS, maxSampleSize: 4 });
    detector.heartbeat((nowMs += 1100));
    expect(detector.sampleCount).toBe(4);
    expect(detector.meanMs).toBe(950);
  });

  test("applies the new settings to the running silence at once", () => {
    const detector = detectorWith({ maxSampleSize: 10 });
    const lastMs = beat(detector, 0, 50);
    expect(detector.isAvailable(lastMs + 1550)).toBe(false); // φ 9
    detector.reconfigure({ ...OPTIONS, threshold: 16 });
    expect(detector.isAvailable(lastMs + 1550)).toBe(true);
    detector.reconfigure({ ...OPTIONS, minStdDeviationMs: 500 });
    expect(detector.phi(lastMs + 2000)).toBeCloseTo(1.643, 3);
    detector.reconfigure({ ...OPTIONS, acceptableHeartbeatPauseMs: 1000 });
    expect(detector.phi(lastMs + 2000)).toBeCloseTo(0.301, 3);
  });

  test("takes a new first estimate only before the first heartbeat", () => {
    const detector = detectorWith();
    detector.reconfigure({ ...OPTIONS, firstHeartbeatEstimateMs: 4000 });
    expect([detector.meanMs, detector.stdDevMs]).toEqual([4000, 1000]);
    detector.heartbeat(0);
    detector.reconfigure(OPTIONS);
    expect([detector.meanMs, detector.stdDevMs]).toEqual([4000, 1000]);
  });

  test("changes nothing if it throws", () => {
    const detector = detectorWith();
    beat(detector, 0, 50);
    const phi = detector.phi(51_000);
    expect(() => detector.reconfigure({ ...OPTIONS, maxSampleSize: 5, threshold: 0 })).toThrow();
    expect(detector.sampleCount).toBe(51);
    expect(detector.phi(51_000)).toBe(phi);
  });
});

describe("elapsedAtPhi()", () => {
  test("is never short of the level, where the inverse itself is rounded most", () => {
    const detector = detectorWith({ minStdDeviationMs: 0.001, maxSampleSize: 1 });
    detector.heartbeat(0);
    for (let exponent = 5; exponent < 40; exponent += 0.01) {
      const elapsedMs = detector.elapsedAtPhi(10 ** exponent);
      expect(detector.phi(elapsedMs)).toBeGreaterThanOrEqual(10 ** exponent);
      expect(detector.phi(elapsedMs * (1 - 1e-12))).toBeLessThan(10 ** exponent);
    }
  });

  test("is 0 where φ starts no lower, and Infinity where it never gets", () => {
    const detector = detectorWith();
    detector.start(0);
    expect(detector.elapsedAtPhi(0)).toBe(0);
    expect(detector.elapsedAtPhi(-1)).toBe(0);
    expect(detector.elapsedAtPhi(detector.phi(0))).toBe(0);
    expect(detector.elapsedAtPhi(2 * detector.phi(0))).toBeGreaterThan(0);
    expect(detector.elapsedAtPhi(1e300)).toBe(Infinity);
    expect(detector.elapsedAtPhi(Infinity)).toBe(Infinity);
  });
});
