/**
 * Replays a recorded trace through detectors, and says how good each would have been: a trace and a list
 * of models in; for each model, over a range of thresholds, the quality of service that Chen, Toueg and
 * Aguilera (2002) define, how far its φ means what it says, and a recommendation out. Each interval is
 * judged by what was known before it, and learnt only then. It is a generator that yields now and then how
 * far it is, so that whoever runs it can show that, or stop. All senders in a trace were alive when its
 * heartbeats were sent, so that every suspicion is a mistake, but those in gaps that the recorder knows for
 * outages.
 */
import { CalibrationTally, type CalibrationPoint } from "./replay_calibration.ts";
import { type CurvePoint, CurveTally } from "./curve_tally.ts";
import { createJudge, type Judge } from "./judge.ts";
import { chooseThresholds } from "./_sweep.ts";
import { recommend, type Recommendation, type ReplayBudget } from "./recommend.ts";
import type { ReplayModel, ReplaySetting } from "./replay_model.ts";
import type { Trace } from "./trace.ts";

export interface ReplayOptions {
  readonly models: readonly ReplayModel[];
  /** How many heartbeats are learnt before any is judged: 1..heartbeats - 1. */
  readonly warmUpHeartbeats: number;
  /** What the recommendation is for; none: the fewest mistakes within ten mean intervals. */
  readonly budget: ReplayBudget;
}

export interface ModelResult {
  readonly model: string;
  /** What `threshold` is: `phi`, or the model's own parameter. */
  readonly parameter: string;
  /** By threshold, ascending. */
  readonly curve: readonly CurvePoint[];
  /** Empty for a model that has no φ. */
  readonly calibration: readonly CalibrationPoint[];
}

export interface ReplayResult {
  readonly trace: string;
  readonly heartbeats: number;
  readonly lost: number;
  readonly duplicatesAndLate: number;
  readonly outages: number;
  readonly warmUpHeartbeats: number;
  readonly judgedIntervals: number;
  /** Of the judged intervals that were no outages. */
  readonly judgedHours: number;
  readonly meanIntervalMs: number;
  readonly models: readonly ModelResult[];
  readonly budget: ReplayBudget;
  readonly recommended: Recommendation;
}

const USUAL_WARM_UP = 1_000;
const WARM_UP_SHARE = 1 / 5;

/** In mean intervals: what the curves cover in even steps, and some nearer to the interval itself. */
const SHORTEST_DETECTION = 1.2;
const LONGEST_DETECTION = 20;
const EVEN_STEPS = 26;
const NEAR_DETECTIONS = [1.005, 1.01, 1.02, 1.04, 1.08, 1.14];
const USUAL_DETECTION = 10;

const HOUR_MS = 3_600_000;
const HEARTBEATS_A_TURN = 2_048;

/** The fewest that can be judged: one gap to learn from and one to judge. */
export const LEAST_HEARTBEATS = 3;

/** 1,000, or a fifth of a short trace. */
export function usualWarmUp(heartbeats: number): number {
  return Math.max(2, Math.min(USUAL_WARM_UP, Math.floor(heartbeats * WARM_UP_SHARE)));
}

/**
 * Yields the share that is done, 0..1, and returns the result.
 *
 * @throws {RangeError} If there is nothing to judge, or all judged heartbeats came at one moment.
 */
export function* replay(
  trace: Trace,
  { models, warmUpHeartbeats, budget: asked }: ReplayOptions,
): Generator<number, ReplayResult> {
  const count = trace.arrivalsMs.length;
  requireJudgeable(count, warmUpHeartbeats);
  const setting: ReplaySetting = { intervalMs: usualGap(trace, warmUpHeartbeats) };
  const judged = measureJudged(trace, warmUpHeartbeats);
  const budget = stated(asked, judged.meanIntervalMs);
  const detectionsMs = detectionsToShow(judged.meanIntervalMs, budget.detectWithinMs ?? 0);
  const results: ModelResult[] = [];
  for (const [index, model] of models.entries()) {
    const run = judgeModel(trace, model, setting, judged, detectionsMs);
    let step = run.next();
    for (; step.done !== true; step = run.next()) yield (index + step.value) / models.length;
    results.push(step.value);
  }
  return {
    trace: trace.name,
    heartbeats: count,
    lost: trace.lostCount,
    duplicatesAndLate: trace.staleCount,
    outages: judged.outages,
    warmUpHeartbeats,
    judgedIntervals: count - warmUpHeartbeats,
    judgedHours: judged.aliveMs / HOUR_MS,
    meanIntervalMs: judged.meanIntervalMs,
    models: results,
    budget,
    recommended: recommend(results, budget, judged, (name, threshold) =>
      models.find((each) => each.name === name)?.monitorSettings?.(setting, threshold),
    ),
  };
}

function* judgeModel(
  trace: Trace,
  model: ReplayModel,
  setting: ReplaySetting,
  judged: JudgedTime,
  detectionsMs: readonly number[],
): Generator<number, ModelResult> {
  const sweep = chooseThresholds(model, setting, trace, judged.first, detectionsMs);
  let step = sweep.next();
  for (; step.done !== true; step = sweep.next()) yield step.value * SWEEP_SHARE;
  const thresholds = step.value;
  const { arrivalsMs, outages } = trace;
  const judge = createJudge(model, setting, trace, thresholds);
  const tallies = thresholds.map(() => new CurveTally());
  const calibration = new CalibrationTally();
  const stride = crashStride(arrivalsMs.length - judged.first);
  for (let index = 1; index < arrivalsMs.length; index++) {
    const gapMs = arrivalsMs[index]! - arrivalsMs[index - 1]!;
    const isOutage = outages?.[index] === 1;
    const isJudged = index >= judged.first;
    if (isJudged && (index - judged.first) % stride === 0) crash(judge, tallies, calibration);
    judge.face(gapMs);
    if (isJudged && !isOutage) blame(judge, tallies, calibration, index, gapMs);
    judge.learn(index, gapMs, isOutage);
    if (index % HEARTBEATS_A_TURN === 0) {
      yield SWEEP_SHARE + (1 - SWEEP_SHARE) * (index / arrivalsMs.length);
    }
  }
  return {
    model: model.name,
    parameter: model.kind === "phi" ? "phi" : model.parameter,
    curve: tallies.map((tally, place) => tally.point(thresholds[place]!, judged.aliveMs)),
    calibration: calibration.points(),
  };
}

/** The sender died with its last heartbeat: when is that noticed? */
function crash(judge: Judge, tallies: readonly CurveTally[], calibration: CalibrationTally): void {
  for (let place = 0; place < tallies.length; place++) {
    tallies[place]!.addDetection(judge.silenceAt(place));
  }
  if (judge.phiModel !== undefined) calibration.askConfidence(judge.phiModel);
}

/** The sender was alive: under which thresholds had it been suspected? */
function blame(
  judge: Judge,
  tallies: readonly CurveTally[],
  calibration: CalibrationTally,
  index: number,
  gapMs: number,
): void {
  for (let place = 0; place < tallies.length; place++) {
    if (!judge.isSuspectedAt(place)) continue;
    const silenceMs = judge.silenceAt(place);
    if (gapMs > silenceMs) tallies[place]!.addMistake(index, silenceMs, gapMs);
  }
  if (judge.phiModel !== undefined) calibration.add(judge.facedPhi);
}

/** A crash after each heartbeat; in a trace of millions after every so many, evenly. */
function crashStride(judgedIntervals: number): number {
  return Math.ceil(judgedIntervals / MOST_CRASHES);
}

const MOST_CRASHES = 250_000;

/** How much of the work it is to find the thresholds, roughly. */
const SWEEP_SHARE = 0.1;

/** What is judged, whatever the model. */
export interface JudgedTime {
  /** The heartbeat that ends the first judged gap. */
  readonly first: number;
  readonly aliveMs: number;
  readonly meanIntervalMs: number;
  readonly outages: number;
}

function measureJudged({ arrivalsMs, outages }: Trace, firstJudged: number): JudgedTime {
  let aliveMs = 0;
  let aliveGaps = 0;
  let outageCount = 0;
  for (let index = firstJudged; index < arrivalsMs.length; index++) {
    if (outages?.[index] === 1) {
      outageCount++;
      continue;
    }
    aliveMs += arrivalsMs[index]! - arrivalsMs[index - 1]!;
    aliveGaps++;
  }
  if (aliveMs === 0) {
    throw new RangeError("Cannot replay: all heartbeats to judge arrived at the same moment");
  }
  return { first: firstJudged, aliveMs, meanIntervalMs: aliveMs / aliveGaps, outages: outageCount };
}

/** In ms, ascending; up to the one that is asked for, if that is longer, and that one. 0 is none. */
function detectionsToShow(meanIntervalMs: number, askedMs: number): number[] {
  const longest = Math.max(LONGEST_DETECTION, askedMs / meanIntervalMs);
  const step = (LONGEST_DETECTION / SHORTEST_DETECTION) ** (1 / (EVEN_STEPS - 1));
  const count = EVEN_STEPS + Math.ceil(Math.log(longest / LONGEST_DETECTION) / Math.log(step));
  const even = Array.from({ length: count }, (_, index) => SHORTEST_DETECTION * step ** index);
  const shown = [...NEAR_DETECTIONS, ...even].map((detection) => detection * meanIntervalMs);
  return [...shown, askedMs].filter((ms) => ms > 0).toSorted((one, other) => one - other);
}

/** The median of what is learnt first, so that nothing that is judged is known beforehand. */
function usualGap({ arrivalsMs }: Trace, warmUpHeartbeats: number): number {
  // With a warm-up of one heartbeat there is no gap yet, and the first one has to do.
  const last = Math.max(2, Math.min(warmUpHeartbeats, MOST_GAPS_LOOKED_AT));
  const gaps = Float64Array.from(
    { length: last - 1 },
    (_, index) => arrivalsMs[index + 1]! - arrivalsMs[index]!,
  ).toSorted();
  return Math.max(LEAST_INTERVAL_MS, gaps[gaps.length >> 1]!);
}

const MOST_GAPS_LOOKED_AT = 10_000;
const LEAST_INTERVAL_MS = 0.001;

function stated(asked: ReplayBudget, meanIntervalMs: number): ReplayBudget {
  if (asked.detectWithinMs !== undefined || asked.falseAlarmsPerMonth !== undefined) return asked;
  return {
    detectWithinMs: Number((USUAL_DETECTION * meanIntervalMs).toPrecision(3)),
    isAssumed: true,
  };
}

function requireJudgeable(count: number, warmUpHeartbeats: number): void {
  if (count < LEAST_HEARTBEATS) {
    throw new RangeError(
      `Cannot replay: a trace must have ${LEAST_HEARTBEATS} heartbeats at least, received ${count}`,
    );
  }
  if (
    !Number.isSafeInteger(warmUpHeartbeats) ||
    warmUpHeartbeats < 1 ||
    warmUpHeartbeats >= count
  ) {
    throw new RangeError(
      `Cannot replay: "warmUpHeartbeats" must be a whole number from 1 to ${count - 1}, ` +
        `received ${warmUpHeartbeats}`,
    );
  }
}
