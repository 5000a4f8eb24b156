import { describe, expect, test } from "bun:test";
import { Swing } from "./_swing.ts";

const QUARTILE_US = 100;
const MEDIAN_US = 100_000;

/** 32 bits of a multiply with carry (Marsaglia) at a time, evenly in [-1, 1). */
const NOISE = (() => {
  let state = 2_654_435_762n;
  return Float64Array.from({ length: 5_000 }, () => {
    state = (state & 0xffffffffn) * 4_294_957_665n + (state >> 32n);
    return Number(state & 0xffffffffn) / 2 ** 31 - 1;
  });
})();

/** Has a swing notice gaps that are so much longer than the median. */
function swingAfter(offsUs: readonly number[]): Swing {
  const swing = new Swing();
  for (const [index, offUs] of offsUs.entries()) {
    swing.notice(offUs, offUs - swing.expectedOffUs, QUARTILE_US, MEDIAN_US);
    if (index % 50 === 0) swing.fit();
  }
  swing.fit();
  return swing;
}

/** Gaps of a sender that keeps a schedule, each heartbeat delayed by itself. */
function scheduledOffsUs(count: number): number[] {
  return Array.from({ length: count }, (_, index) => 100 * (NOISE[index + 1]! - NOISE[index]!));
}

describe("Swing", () => {
  test("where a schedule is kept a delay swings back, nearly all of it", () => {
    const offsUs = scheduledOffsUs(3_000);
    const swing = swingAfter(offsUs);
    expect(swing.share).toBeGreaterThan(0.7);
    expect(swing.share).toBeLessThanOrEqual(0.95);
    // What was expected is nearer to what came than the median is.
    let withoutSwing = 0;
    let withSwing = 0;
    for (const offUs of scheduledOffsUs(4_000).slice(3_000)) {
      withoutSwing += offUs ** 2;
      const lateUs = offUs - swing.expectedOffUs;
      withSwing += lateUs ** 2;
      swing.notice(offUs, lateUs, QUARTILE_US, MEDIAN_US);
    }
    expect(withSwing).toBeLessThan(0.7 * withoutSwing);
  });

  test("where the sender sleeps between heartbeats nothing does, nor where gaps go along with each other", () => {
    const slept = Array.from({ length: 3_000 }, (_, index) => 100 * NOISE[index]!);
    const along = Array.from(
      { length: 3_000 },
      (_, index) => 100 * (NOISE[index]! + NOISE[index + 1]!),
    );
    for (const offsUs of [slept, along]) {
      const swing = swingAfter(offsUs);
      expect([swing.share, swing.expectedOffUs]).toEqual([0, -0]);
    }
  });

  test("expects nothing of the gap after one that was out of the ordinary", () => {
    const swing = swingAfter(scheduledOffsUs(1_000));
    swing.notice(790, 790, QUARTILE_US, MEDIAN_US);
    expect(swing.expectedOffUs).toBeCloseTo(-790 * swing.share, 9);
    swing.notice(810, 810, QUARTILE_US, MEDIAN_US);
    expect(swing.expectedOffUs).toBeCloseTo(0, 9);
    // With gaps as spread as that, half a median is the limit.
    swing.notice(60_000, 60_000, 20_000, MEDIAN_US);
    expect(swing.expectedOffUs).toBeCloseTo(0, 9);
  });

  test("knows nothing before a hundred gaps, and forgets when it is told to", () => {
    expect(swingAfter(scheduledOffsUs(99)).share).toBe(0);
    const swing = swingAfter(scheduledOffsUs(1_000));
    swing.restart();
    expect([swing.share, swing.expectedOffUs]).toEqual([0, -0]);
    swing.restart(0.5);
    swing.fit();
    expect(swing.share).toBe(0.5);
  });
});
