import { expect, test } from "bun:test";
import { recordCount, Slice, TARGETS_A_SLICE } from "./slice.ts";

test("take() is what came since the last one, and nothing is left of it", () => {
  const slice = new Slice();
  slice.sample("a", 1, 2);
  slice.sample("b", 3, 4);
  const saved = { target: "a", bytes: new Uint8Array(1) };
  slice.save(saved, true);
  const { phi, ...rest } = slice.take();
  expect(phi).toEqual({
    targets: ["a", "b"],
    phi: Float64Array.of(1, 3),
    peakPhi: Float64Array.of(2, 4),
  });
  expect(rest).toEqual({ saved: [saved], newVerdicts: ["a"] });
  expect(slice.isEmpty).toBe(true);
  slice.save(saved, false);
  expect(slice.take()).toEqual({ phi: null, saved: [saved], newVerdicts: [] });
  slice.sample("c", 5, 6);
  const again = { targets: ["c"], phi: Float64Array.of(5), peakPhi: Float64Array.of(6) };
  expect(slice.take()).toEqual({ phi: again, saved: [], newVerdicts: [] });
});

test("it is full of samples, of saved watches, or of their bytes", () => {
  const [samples, watches, large] = [new Slice(), new Slice(), new Slice()];
  for (let count = 1; count <= TARGETS_A_SLICE; count++) {
    expect([samples.isFull, watches.isFull]).toEqual([false, false]);
    samples.sample("a", 0, 0);
    watches.save({ target: "a", bytes: new Uint8Array(1) }, false);
  }
  expect([samples.isFull, watches.isFull]).toEqual([true, true]);
  large.save({ target: "a", bytes: new Uint8Array(128 * 1024) }, false);
  expect(large.isFull).toBe(true);
  large.take();
  expect(large.isFull).toBe(false);
});

test("recordCount() is of all that is recorded; what is to be forgotten is no record", () => {
  const phi = { targets: ["a", "b"], phi: new Float64Array(2), peakPhi: new Float64Array(2) };
  const saved = [{ target: "a", bytes: new Uint8Array(1) }];
  expect(recordCount({ phi, saved, forgotten: ["c"] })).toBe(3);
  expect(recordCount({})).toBe(0);
});
