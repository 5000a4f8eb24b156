import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { GapRing } from "./gap_ring.ts";

const anyGap = fc.record({
  gapUs: fc.oneof(fc.nat(16_000_000), fc.constant(0)),
  isOutage: fc.boolean(),
});

test("gaps() are the last ones, in order, with their outages, as in a list that is cut", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.array(anyGap), (capacity, added) => {
      const ring = new GapRing(capacity);
      for (const { gapUs, isOutage } of added) ring.add(gapUs / 1_000, isOutage);
      const kept = added.slice(-capacity);
      expect(ring.count).toBe(kept.length);
      expect(ring.gaps()).toEqual(
        kept.map(({ gapUs, isOutage }) => ({ gapMs: gapUs / 1_000, isOutage })),
      );
    }),
  );
});

test("a gap of a day keeps its length to a ten-millionth", () => {
  const ring = new GapRing(4);
  ring.add(86_400_123.456, true);
  const [gap] = ring.gaps();
  expect(Math.abs(gap!.gapMs / 86_400_123.456 - 1)).toBeLessThan(1e-7);
  expect(gap!.isOutage).toBe(true);
});
