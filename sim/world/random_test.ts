import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { Random } from "./random.ts";

const seeds = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const draw = (random: Random, count: number) => Array.from({ length: count }, () => random.bits());

test("Random gives the same draws for the same seed, and others for others", () => {
  expect(draw(new Random(7), 20)).toEqual(draw(new Random(7), 20));
  expect(draw(new Random(7), 20)).not.toEqual(draw(new Random(8), 20));
  // Above 2^32 the upper half counts too.
  expect(draw(new Random(7 + 2 ** 40), 4)).not.toEqual(draw(new Random(7), 4));
});

test("fork() does not depend on what was drawn, nor on other forks", () => {
  const drawn = new Random(3);
  draw(drawn, 100);
  drawn.fork("another").bits();
  expect(draw(drawn.fork("disk"), 10)).toEqual(draw(new Random(3).fork("disk"), 10));
  expect(draw(drawn.fork("disk"), 10)).not.toEqual(draw(drawn.fork("disk2"), 10));
  const nested = drawn.fork("disk").fork("2");
  expect(draw(nested, 10)).not.toEqual(draw(drawn.fork("disk"), 10));
});

test("below(), between() and fraction() stay in their ranges and reach both ends", () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 1, max: 5 }), (seed, limit) => {
      const random = new Random(seed);
      const drawn = Array.from({ length: 200 }, () => random.below(limit));
      expect(new Set(drawn).size).toBe(limit);
      expect(Math.min(...drawn)).toBe(0);
      expect(Math.max(...drawn)).toBe(limit - 1);
      const between = Array.from({ length: 200 }, () => random.between(4, 3 + limit));
      expect([Math.min(...between), Math.max(...between)]).toEqual([4, 3 + limit]);
      const fraction = random.fraction();
      expect(fraction >= 0 && fraction < 1).toBe(true);
    }),
    { numRuns: 50 },
  );
});

test("chance() comes true about as often as it says", () => {
  const random = new Random(1);
  const hits = Array.from({ length: 20_000 }, () => random.chance(0.3)).filter(Boolean).length;
  expect(hits).toBeGreaterThan(5_700);
  expect(hits).toBeLessThan(6_300);
});

test("shuffled() keeps every item, and pick() refuses an empty list", () => {
  const items = [1, 2, 3, 4, 5];
  const shuffled = new Random(2).shuffled(items);
  expect(shuffled.toSorted()).toEqual(items);
  expect(() => new Random(2).pick([])).toThrow("nothing to pick from");
});
