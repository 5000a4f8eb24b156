import { describe, expect, test } from "bun:test";
import { layOutMap } from "./map_layout.ts";
import { scaleOf } from "./theme.ts";

describe("scaleOf()", () => {
  // A telephone, a laptop with a sharp screen, and one with as many observers as a cluster has.
  test.each([
    [10_000, 3, 370, 3],
    [100_000, 3, 360, 3],
    [100_000, 3, 900, 2],
    [100_000, 7, 900, 2],
  ])(
    "keeps a map of %i targets and %i observers within what browsers draw",
    (targetCount, observerCount, width, pixelRatio) => {
      const { height } = layOutMap(targetCount, observerCount, width, 600);
      const scale = scaleOf(width, height, pixelRatio);
      const [across, down] = [Math.round(width * scale), Math.round(height * scale)];
      expect(across * down).toBeLessThanOrEqual(4_096 * 4_096);
      expect(down).toBeLessThanOrEqual(32_767);
      // Coarse, but cells of some pixels still.
      expect(scale).toBeGreaterThan(0.2);
    },
  );

  test("is the screen's own where there is room, and no less than 1", () => {
    expect(scaleOf(900, 600, 2)).toBe(2);
    expect(scaleOf(120, 30, 0.5)).toBe(1);
  });
});
