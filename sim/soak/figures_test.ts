import { describe, expect, test } from "bun:test";
import { descriptorsAtRest, lagBetweenMs, lagMs, missedShare, probesOf } from "./figures.ts";
import type { SoakRecord } from "./record.ts";

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
  expect([0.5, 0.9, 0.95, 0.999].map((share) => lagMs(lag, share))).toEqual([1, 1, 10, Infinity]);
  expect(lagMs([], 0.99)).toBeNaN();
});

const told = (quick: number, slow: number, slowest: number) => ({
  answeredMs: 0,
  metrics: {
    failedProbes: 0,
    targetsUp: 1,
    probes: 0,
    skippedProbes: 0,
    loopLag: [
      ["0.01", quick],
      ["0.1", quick + slow],
      ["+Inf", quick + slow + slowest],
    ] as const,
  },
});

test("lagBetweenMs() is of the turns since the answer before alone", () => {
  const before = told(0, 500, 500);
  expect(lagBetweenMs(before, told(100, 500, 500))).toBe(10);
  expect(lagBetweenMs(before, told(100, 550, 500))).toBe(100);
  expect(lagBetweenMs(before, told(0, 500, 600))).toBe(100);
  expect(lagBetweenMs(before, before)).toBe(0);
});

const answer = (answeredMs: number, probes: number) => ({
  askedMs: answeredMs - 100,
  answeredMs,
  metrics: { failedProbes: 0, targetsUp: 10, loopLag: [], probes, skippedProbes: 0 },
});

describe("missedShare()", () => {
  const monitor = {
    id: "monitor1",
    processLooks: [],
    metricsLooks: [answer(0, 0), { askedMs: 50_000, answeredMs: 80_000 }, answer(100_000, 720)],
  };
  const record: SoakRecord = {
    minutes: 1,
    targetCount: 10,
    intervalMs: 1_000,
    monitors: [monitor],
    troubles: [],
    writes: [],
    died: [],
    notCalm: [],
  };

  test("counts against all that was owed", () => {
    expect(missedShare(monitor, record)).toBeCloseTo(0.28);
  });

  test("leaves out the time in which the monitor itself was stopped, as far as it lies between the answers", () => {
    const stop = { what: "stopped", failures: [], fromMs: 90_000, untilMs: 120_000 };
    const troubles = [
      { ...stop, stopped: "monitor1" },
      { ...stop, stopped: "monitor2", fromMs: 0 },
    ];
    expect(missedShare(monitor, { ...record, troubles })).toBeCloseTo(0.2);
  });

  test("is not known of one that has told nothing", () => {
    expect(missedShare({ ...monitor, metricsLooks: [] }, record)).toBeNaN();
  });
});
