import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { LONGEST_GAP_MS, SamplingWindow } from "./_window.ts";

/** The twin: whole microseconds, all of them kept, everything summed anew and exactly. */
class DumbWindow {
  maxSampleCount: number;
  samplesUs: number[] = [];

  constructor(maxSampleCount: number) {
    this.maxSampleCount = maxSampleCount;
  }

  add(sampleUs: number): void {
    this.samplesUs.push(sampleUs);
    this.resize(this.maxSampleCount);
  }

  resize(maxSampleCount: number): void {
    this.maxSampleCount = maxSampleCount;
    this.samplesUs = this.samplesUs.slice(-maxSampleCount);
  }

  moments(): { meanMs: number; stdDevMs: number } {
    const count = BigInt(this.samplesUs.length);
    let sum = 0n;
    let squares = 0n;
    for (const sample of this.samplesUs) {
      sum += BigInt(sample);
      squares += BigInt(sample) ** 2n;
    }
    return {
      meanMs: Number(sum) / Number(count) / 1000,
      stdDevMs: Math.sqrt(Number(count * squares - sum * sum)) / Number(count) / 1000,
    };
  }
}

function expectSame(window: SamplingWindow, twin: DumbWindow): void {
  const { meanMs, stdDevMs } = twin.moments();
  expect(window.count).toBe(twin.samplesUs.length);
  // The mean is its distance from a centre that may be a thousand deviations away.
  const roundingMs = 4 * Number.EPSILON * (meanMs + 1024 * stdDevMs);
  expect(Math.abs(window.meanMs - meanMs)).toBeLessThanOrEqual(roundingMs);
  expect(Math.abs(window.stdDevMs - stdDevMs)).toBeLessThanOrEqual(1e-9 * stdDevMs);
}

/** Random numbers that a seed gives again. */
function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const anyGapUs = fc.oneof(
  fc.integer({ min: 0, max: 3 }),
  fc.integer({ min: 999_000, max: 1_001_000 }),
  fc.integer({ min: 2 ** 32 - 3, max: 2 ** 32 + 3 }),
  fc.integer({ min: 1e12, max: 1e12 + 2 }),
  fc.integer({ min: 0, max: 1e13 }),
);

describe("SamplingWindow", () => {
  test("says what it was told to expect until it has a sample", () => {
    const window = new SamplingWindow(3);
    expect([window.meanMs, window.stdDevMs, window.count]).toEqual([NaN, NaN, 0]);
    window.expect(1000, 250);
    expect([window.meanMs, window.stdDevMs, window.count]).toEqual([1000, 250, 0]);
    window.add(700);
    expect([window.meanMs, window.stdDevMs, window.count]).toEqual([700, 0, 1]);
    window.expect(1000, 250);
    expect(window.meanMs).toBe(700);
  });

  test("has the population's deviation of the newest samples", () => {
    const window = new SamplingWindow(4);
    for (const gapMs of [1e6, 2, 4, 4, 4]) window.add(gapMs);
    expect(window.meanMs).toBe(3.5);
    expect(window.stdDevMs).toBeCloseTo(Math.sqrt(0.75), 12);
    window.add(6);
    window.add(8);
    expect(window.meanMs).toBe(5.5);
    expect(window.stdDevMs).toBeCloseTo(Math.sqrt(2.75), 12);
  });

  test("keeps gaps to the microsecond, from 0 to 285 years", () => {
    const window = new SamplingWindow(1);
    for (const [gapMs, keptMs] of [
      [0, 0],
      [0.0004, 0],
      [0.0005, 0.001],
      [1000.1234567, 1000.123],
      [LONGEST_GAP_MS, LONGEST_GAP_MS],
    ] as const) {
      window.add(gapMs);
      expect(window.meanMs).toBe(keptMs);
      expect(window.stdDevMs).toBe(0);
    }
  });

  test("agrees with the exact twin through any samples and resizes", () => {
    const step = fc.oneof(
      { weight: 20, arbitrary: fc.record({ addUs: anyGapUs }) },
      { weight: 1, arbitrary: fc.record({ resize: fc.integer({ min: 1, max: 40 }) }) },
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.array(step, { maxLength: 200 }),
        (maxSampleCount, steps) => {
          const window = new SamplingWindow(maxSampleCount);
          const twin = new DumbWindow(maxSampleCount);
          for (const one of steps) {
            if ("addUs" in one) {
              window.add(one.addUs / 1000);
              twin.add(one.addUs);
            } else {
              window.resize(one.resize);
              twin.resize(one.resize);
            }
            if (twin.samplesUs.length > 0) expectSame(window, twin);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  test("agrees with the exact twin over a million updates with outliers and changes of rhythm", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = seededRandom(seed);
        const window = new SamplingWindow(200);
        const twin = new DumbWindow(200);
        const pick = (choices: readonly number[]) =>
          choices[Math.floor(random() * choices.length)]!;
        let rhythmUs = 1e6;
        let jitterUs = 0;
        let left = 0;
        for (let update = 1; update <= 1_000_000; update++) {
          if (left-- <= 0) {
            rhythmUs = pick([1e3, 1e6, 3.6e9, 1e12]);
            jitterUs = pick([0, 1, 100, 0.3 * rhythmUs]);
            left = pick([50, 500, 5000, 20_000]);
          }
          const outlier = random() < 0.02 ? pick([0, 10, 1e3, 1e6]) : 1;
          const sampleUs = Math.floor(
            (rhythmUs + jitterUs * random()) * Math.min(outlier, 1e13 / rhythmUs),
          );
          window.add(sampleUs / 1000);
          // The twin keeps all and forgets only now and then, or a million slices would take a minute.
          twin.samplesUs.push(sampleUs);
          if (update % 499 === 0) {
            twin.resize(200);
            expectSame(window, twin);
          }
        }
      }),
      { numRuns: 1 },
    );
  }, 60_000);

  test("has no NaN and no negative variance where the deviation is tiny beside the mean", () => {
    for (const jitterUs of [0, 1, 2]) {
      const window = new SamplingWindow(200);
      const twin = new DumbWindow(200);
      window.add(750);
      window.add(1250);
      twin.add(750_000);
      twin.add(1_250_000);
      for (let index = 0; index < 1000; index++) {
        const sampleUs = 1e12 + (index % 3 === 0 ? jitterUs : 0);
        window.add(sampleUs / 1000);
        twin.add(sampleUs);
        expectSame(window, twin);
      }
      expect(window.stdDevMs).toBeCloseTo(jitterUs * Math.sqrt(2 / 9) * 1e-3, 5);
    }
  });

  test("is exact again one window after decades of deviation have left", () => {
    const random = seededRandom(7);
    const window = new SamplingWindow(50);
    for (let index = 0; index < 30_000; index++) {
      window.add(random() < 0.5 ? 1000 : LONGEST_GAP_MS * random());
    }
    const twin = new DumbWindow(50);
    for (let index = 0; index < 100; index++) {
      const sampleUs = 1_000_000 + Math.floor(1000 * random());
      window.add(sampleUs / 1000);
      twin.add(sampleUs);
    }
    expectSame(window, twin);
  });

  test("forgets an outlier completely", () => {
    const window = new SamplingWindow(10);
    for (let index = 0; index < 10; index++) window.add(1000);
    window.add(LONGEST_GAP_MS);
    expect(window.stdDevMs).toBeGreaterThan(LONGEST_GAP_MS / 10);
    for (let index = 0; index < 10; index++) window.add(1000 + (index % 2) / 1000);
    expect(window.stdDevMs).toBeCloseTo(0.0005, 12);
    expect(window.meanMs).toBeCloseTo(1000.0005, 12);
  });
});
