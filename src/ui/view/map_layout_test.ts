import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { layOutMap, placeOf, targetAt } from "./map_layout.ts";

const anyMap = fc.record({
  targets: fc.integer({ min: 0, max: 20_000 }),
  observers: fc.integer({ min: 1, max: 7 }),
  width: fc.integer({ min: 120, max: 2_000 }),
  viewHeight: fc.integer({ min: 100, max: 1_500 }),
});

test("layOutMap() has a place for every target, and targetAt() finds each at its place", () => {
  fc.assert(
    fc.property(anyMap, fc.nat(), ({ targets, observers, width, viewHeight }, seed) => {
      const layout = layOutMap(targets, observers, width, viewHeight);
      expect(layout.columns * layout.bands).toBeGreaterThanOrEqual(targets);
      if (targets === 0) return;
      const index = seed % targets;
      const { x, y } = placeOf(layout, index);
      expect(x + layout.cellWidth).toBeLessThanOrEqual(Math.max(width, 120));
      expect(y + observers * layout.cellHeight).toBeLessThanOrEqual(layout.height);
      expect(targetAt(layout, targets, x + 1, y + 1)).toBe(index);
      expect(targetAt(layout, targets, 2, y + 1)).toBeUndefined();
      expect(targetAt(layout, targets, x + 1, layout.height + 1)).toBeUndefined();
    }),
  );
});

test("layOutMap() has room for names where targets are few, and tiny cells where they are thousands", () => {
  expect(layOutMap(10, 3, 900, 600).nameHeight).toBeGreaterThan(0);
  expect(layOutMap(500, 3, 900, 600).nameHeight).toBe(0);
  expect(layOutMap(500, 3, 900, 600).height).toBeLessThanOrEqual(600);
  expect(layOutMap(10_000, 3, 900, 600).cellWidth).toBe(7);
});
