import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { SuspicionModel, TimeoutModel } from "../detector/mod.ts";
import { poissonInterval } from "./poisson.ts";
import { replay, type ReplayOptions, type ReplayResult, usualWarmUp } from "./replay.ts";
import type { ReplayModel } from "./replay_model.ts";
import { REPLAY_MODELS } from "./replay_models.ts";
import { seededRandom } from "./_test_random.ts";
import { type Trace, TraceBuilder, traceOfGaps } from "./trace.ts";

/** φ = silence / mean of what it learnt; simple enough to be done by hand. */
class MeanModel implements SuspicionModel {
  sampleCount = 0;
  meanMs: number;
  stdDevMs = 0;

  get gapCount(): number {
    return this.sampleCount;
  }

  #sumMs = 0;

  constructor(estimateMs: number) {
    this.meanMs = estimateMs;
  }

  begin(): void {}

  log10Survival(silenceMs: number): number {
    return -silenceMs / this.meanMs;
  }

  silenceAtPhi(phi: number): number {
    return phi * this.meanMs;
  }

  isConfidentAt(silenceMs: number): boolean {
    return silenceMs <= this.sampleCount * 10;
  }

  add(gapMs: number): void {
    this.#sumMs += gapMs;
    this.meanMs = Math.max(1, this.#sumMs / ++this.sampleCount);
  }

  addAtLeast(): void {}

  surprise(silenceMs: number): number {
    return silenceMs;
  }

  phiOfSurprise(silenceMs: number): number {
    return silenceMs / this.meanMs;
  }

  surpriseAtPhi(phi: number): number {
    return phi * this.meanMs;
  }
}

/** The last gap, and a margin; it may give up at once. */
class LastGapTimeout implements TimeoutModel {
  #lastMs = NaN;
  #gapMs = 0;

  heard(_sequence: number, arrivalMs: number): void {
    if (!Number.isNaN(this.#lastMs)) this.#gapMs = arrivalMs - this.#lastMs;
    this.#lastMs = arrivalMs;
  }

  silenceAt(marginMs: number): number {
    return this.#gapMs > 250 ? 0 : this.#gapMs + marginMs;
  }
}

const shared: ReplayModel = {
  name: "mean",
  kind: "phi",
  suspectedGap: "whole",
  create: ({ intervalMs }) => new MeanModel(intervalMs),
};
const apart: ReplayModel = { ...shared, name: "mean apart", suspectedGap: "at-least" };
const timeout: ReplayModel = {
  name: "last gap",
  kind: "timeout",
  parameter: "margin ms",
  create: () => new LastGapTimeout(),
};

function runReplay(trace: Trace, options: Partial<ReplayOptions> = {}): ReplayResult {
  const warmUpHeartbeats = usualWarmUp(trace.arrivalsMs.length);
  const models = [shared, apart, timeout];
  const run = replay(trace, { models, warmUpHeartbeats, budget: {}, ...options });
  let step = run.next();
  while (step.done !== true) {
    expect(step.value).toBeGreaterThanOrEqual(0);
    expect(step.value).toBeLessThanOrEqual(1);
    step = run.next();
  }
  return step.value;
}

interface Gap {
  readonly gapMs: number;
  readonly isOutage: boolean;
}

/** The twin: one threshold of one model, from the definitions, everything kept. */
function dumbPoint(model: ReplayModel, gaps: readonly Gap[], warmUp: number, threshold: number) {
  const learnt = gaps.slice(0, Math.max(1, warmUp - 1)).map(({ gapMs }) => gapMs);
  const intervalMs = Math.max(
    0.001,
    learnt.toSorted((one, other) => one - other)[learnt.length >> 1]!,
  );
  const phi = model.kind === "phi" ? model.create({ intervalMs }) : undefined;
  const timer = model.kind === "timeout" ? model.create({ intervalMs }) : undefined;
  let nowMs = 0;
  timer?.heard(0, 0);
  const detections: number[] = [];
  const mistakes: { fromMs: number; untilMs: number }[] = [];
  let aliveMs = 0;
  for (const [index, { gapMs, isOutage }] of gaps.entries()) {
    const silenceMs = phi?.silenceAtPhi(threshold) ?? timer!.silenceAt(threshold);
    if (index >= warmUp - 1) {
      detections.push(silenceMs);
      if (!isOutage) aliveMs += gapMs;
      if (!isOutage && gapMs > silenceMs) {
        const last = mistakes.at(-1);
        // Suspicion all the way from the mistake before it: the same one.
        if (last?.untilMs === nowMs && silenceMs === 0) last.untilMs = nowMs + gapMs;
        else mistakes.push({ fromMs: nowMs + silenceMs, untilMs: nowMs + gapMs });
      }
    }
    nowMs += gapMs;
    timer?.heard(index + 1, nowMs);
    const isKept = !isOutage && (model !== apart || phi!.log10Survival(gapMs) > -threshold);
    if (isKept) phi?.add(gapMs);
    else phi?.addAtLeast(gapMs);
  }
  const mistakenMs = mistakes.reduce((sum, { fromMs, untilMs }) => sum + untilMs - fromMs, 0);
  const sorted = detections.toSorted((one, other) => one - other);
  return {
    meanMs: detections.reduce((sum, each) => sum + each, 0) / detections.length,
    p99Ms: sorted[Math.ceil(0.99 * sorted.length) - 1]!,
    mistakes: mistakes.length,
    perHour: mistakes.length / (aliveMs / 3_600_000),
    durationMs: mistakes.length === 0 ? null : mistakenMs / mistakes.length,
    accuracy: 1 - mistakenMs / aliveMs,
  };
}

const anyGap = fc.record({
  // Powers of two, so that sums and differences are exact and ties are ties.
  gapMs: fc.oneof(
    fc.constantFrom(64, 128, 256, 512),
    fc.integer({ min: 0, max: 8_000 }).map((n) => n / 8),
  ),
  isOutage: fc.nat({ max: 9 }).map((one) => one === 0),
});

describe("replay", () => {
  test("agrees with the dumb twin, whatever the trace, the model and the threshold", () => {
    fc.assert(
      fc.property(
        fc.array(anyGap, { minLength: 4, maxLength: 60 }),
        fc.integer({ min: 1, max: 3 }),
        (gaps, warmUpHeartbeats) => {
          const isJudgeable = gaps
            .slice(warmUpHeartbeats - 1)
            .some(({ gapMs, isOutage }) => gapMs > 0 && !isOutage);
          fc.pre(isJudgeable);
          const trace = traceOfGaps("t", gaps);
          const result = runReplay(
            { ...trace, sequences: trace.arrivalsMs.map((_, at) => at) },
            { warmUpHeartbeats },
          );
          for (const [place, model] of [shared, apart, timeout].entries()) {
            for (const point of result.models[place]!.curve) {
              const twin = dumbPoint(model, gaps, warmUpHeartbeats, point.threshold);
              expect(point.mistakes).toBe(twin.mistakes);
              expect(point.detectionTimeMeanMs!).toBeCloseTo(twin.meanMs, 6);
              expect(Math.abs(point.detectionTimeP99Ms! - twin.p99Ms)).toBeLessThanOrEqual(
                0.001 + twin.p99Ms / 1_000,
              );
              expect(point.mistakeRatePerHour).toBeCloseTo(twin.perHour, 6);
              if (twin.durationMs === null) expect(point.mistakeDurationMeanMs).toBeNull();
              else expect(point.mistakeDurationMeanMs!).toBeCloseTo(twin.durationMs, 6);
              expect(point.queryAccuracy).toBeCloseTo(twin.accuracy, 9);
            }
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  /** By hand: six heartbeats, of which two are learnt, and so four gaps judged: 100, 300, 100, 100 ms. */
  const smallTrace = traceOfArrivals([0, 100, 200, 500, 600, 700]);
  const fixed = REPLAY_MODELS.filter(({ name }) => name === "fixed");

  test("a small trace comes out as by hand", () => {
    const result = runReplay(smallTrace, { models: fixed, warmUpHeartbeats: 2 });
    expect(result).toMatchObject({
      trace: "by hand",
      heartbeats: 6,
      warmUpHeartbeats: 2,
      judgedIntervals: 4,
      judgedHours: 600 / 3_600_000,
      meanIntervalMs: 150,
      lost: 0,
    });
    const { curve, calibration, parameter } = result.models[0]!;
    expect([parameter, calibration]).toEqual(["fixedTimeoutMillis", []]);
    // The first that reaches 1.2 mean intervals, and the first beyond the longest gap.
    expect(curve.find(({ threshold }) => threshold >= 179)).toEqual({
      threshold: 180,
      detectionTimeMeanMs: 180,
      detectionTimeP99Ms: 180,
      mistakes: 1,
      mistakeRatePerHour: 6_000,
      mistakeRateUpperPerHour: expect.closeTo(6_000 * 4.7439, 0),
      mistakeDurationMeanMs: 120,
      queryAccuracy: 0.8,
    });
    expect(curve.find(({ threshold }) => threshold > 300)).toMatchObject({
      mistakes: 0,
      mistakeRatePerHour: 0,
      mistakeRateUpperPerHour: expect.closeTo(6_000 * -Math.log(0.05), 6),
      mistakeDurationMeanMs: null,
      queryAccuracy: 1,
    });
  });

  test("curves cover 1.2 to 20 mean intervals, for every model, in ascending thresholds", () => {
    const random = seededRandom(11);
    const arrivals = Array.from({ length: 5_000 }, (_, at) => 100 * at - 5 * Math.log(random()));
    const trace = traceOfArrivals(arrivals.toSorted((one, other) => one - other));
    const result = runReplay(trace, { models: REPLAY_MODELS });
    expect(result.models.map(({ model }) => model)).toEqual(REPLAY_MODELS.map(({ name }) => name));
    for (const { model, curve } of result.models) {
      const detections = curve.map(({ detectionTimeMeanMs }) => detectionTimeMeanMs! / 100);
      expect([model, Math.min(...detections) <= 1.21]).toEqual([model, true]);
      // It knows no silence beyond the longest gap.
      if (model === "satzger") continue;
      expect([model, Math.max(...detections) >= 19.7]).toEqual([model, true]);
      const thresholds = curve.map(({ threshold }) => threshold);
      expect(thresholds).toEqual(thresholds.toSorted((one, other) => one - other));
      const inBetween = detections.filter((each) => each >= 1.19 && each <= 20.1);
      for (const [index, each] of inBetween.entries()) {
        expect([model, each / (inBetween[index - 1] ?? each) <= 1.35]).toEqual([model, true]);
      }
    }
  });

  test("an outage is learnt as one and is nobody's mistake", () => {
    const gaps = [100, 100, 100, 9_000, 100, 100].map((gapMs) => ({
      gapMs,
      isOutage: gapMs > 500,
    }));
    const result = runReplay(traceOfGaps("t", gaps), { models: [shared], warmUpHeartbeats: 2 });
    expect(result.outages).toBe(1);
    expect(result.judgedHours).toBe(400 / 3_600_000);
    for (const point of result.models[0]!.curve) {
      if (point.threshold > 1) expect(point.mistakes).toBe(0);
    }
  });

  test("calibration counts φ before it is learnt, of what was no outage", () => {
    const gaps = [100, 100, 100, 100, 250, 100, 100, 350].map((gapMs) => ({
      gapMs,
      isOutage: false,
    }));
    const result = runReplay(traceOfGaps("t", gaps), { models: [shared], warmUpHeartbeats: 2 });
    const { low, high } = poissonInterval(7);
    // Gap by gap φ is 1, 1, 1, 2.5, 0.77, 0.8, 2.88: four of them reach 1, and two 2.
    expect(result.models[0]!.calibration.map(({ observed }) => observed)).toEqual([5, 2, 0, 0]);
    const [first] = result.models[0]!.calibration;
    expect(first).toMatchObject({ k: 1, samples: 7, expected: expect.closeTo(0.7, 9) });
    expect(low).toBeLessThan(high);
  });

  test("all of the result is in JSON as it is: no number is lost", () => {
    const result = runReplay(smallTrace, { models: REPLAY_MODELS, warmUpHeartbeats: 2 });
    expect(JSON.parse(JSON.stringify(result))).toEqual(result as never);
  });

  test("refuses what cannot be judged", () => {
    expect(running([0, 100], 1)).toThrow("a trace must have 3 heartbeats at least, received 2");
    expect(running([0, 100, 200], 3)).toThrow(
      '"warmUpHeartbeats" must be a whole number from 1 to 2',
    );
    expect(running([0, 100, 200], 0)).toThrow("received 0");
    expect(running([0, 100, 100, 100], 2)).toThrow("at the same moment");
  });
});

function running(arrivals: readonly number[], warmUpHeartbeats: number): () => ReplayResult {
  return () => runReplay(traceOfArrivals(arrivals), { warmUpHeartbeats });
}

function traceOfArrivals(arrivalsMs: readonly number[]): Trace {
  const builder = new TraceBuilder();
  for (const [sequence, arrivalMs] of arrivalsMs.entries()) builder.add(sequence, arrivalMs);
  return builder.build("by hand");
}
