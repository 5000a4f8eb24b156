import { expect, test } from "bun:test";
import { descriptorsAtRest, lagMs, probesOf } from "./figures.ts";

test("probesOf() counts as missed what a monitor that did not run says nothing of", () => {
  const metrics = { failedProbes: 0, targetsUp: 10, loopLag: [] };
  const first = { answeredMs: 5_000, metrics: { ...metrics, probes: 40, skippedProbes: 1 } };
  const last = { answeredMs: 105_000, metrics: { ...metrics, probes: 840, skippedProbes: 31 } };
  const soak = { targetCount: 10, intervalMs: 1_000 };
  expect(probesOf(first, last, soak)).toEqual([1_000, 200, 30]);
});

test("descriptorsAtRest() is the median of those before the first trouble", () => {
  const looks = [90, 100, 101, 700, 800].map((descriptors, turn) => ({
    atMs: turn * 10,
    residentMb: 1,
    descriptors,
  }));
  const first = { what: "something", fromMs: 25, untilMs: 45, failures: [] };
  expect(descriptorsAtRest(looks, [first])).toBe(100);
  expect(descriptorsAtRest([], [first])).toBeUndefined();
});

test("lagMs() is the bound of the bucket in which the share ends", () => {
  const lag = [
    ["0.001", 90],
    ["0.01", 99],
    ["+Inf", 100],
  ] as const;
  expect([0.5, 0.9, 0.95, 0.999].map((share) => lagMs(lag, share))).toEqual([
    "<= 1 ms",
    "<= 1 ms",
    "<= 10 ms",
    "more than is counted",
  ]);
});
