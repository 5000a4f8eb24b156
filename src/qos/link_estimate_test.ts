import { describe, expect, test } from "bun:test";
import { seededRandom } from "./_test_random.ts";
import { LinkEstimate } from "./link_estimate.ts";

const INTERVAL_MS = 60_000;

/** After so many gaps of about `gapMs`, 10 ms more or less. */
function estimated(gapMs: number, gaps = 5_000): LinkEstimate {
  const random = seededRandom(3);
  const link = new LinkEstimate(INTERVAL_MS);
  for (let gap = 0; gap < gaps; gap++) link.add(gapMs + 20 * (random() - 0.5));
  return link;
}

describe("LinkEstimate", () => {
  test("one that is later than its interval varies by as much, for whoever reckons with the interval", () => {
    expect(Math.sqrt(estimated(61_000).facts().delayVariance)).toBeCloseTo(1_000, -2);
  });

  test("one that reports more often than it has to is not taken for one that varies by the difference", () => {
    const onTime = estimated(INTERVAL_MS).facts();
    const eager = estimated(10_000).facts();
    expect(Math.sqrt(onTime.delayVariance)).toBeLessThan(10);
    // Of 50 s, the difference, what is left is what it was believed to be at first.
    expect(Math.sqrt(eager.delayVariance)).toBeLessThan(1_000);
    expect(eager.lossShare).toBeCloseTo(onTime.lossShare, 9);
  });
});
