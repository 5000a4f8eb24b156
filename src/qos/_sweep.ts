/**
 * Which thresholds to judge a detector under: a trace goes in, with mean detection times, and
 * the thresholds come out that give them. The idea: what φ = 8 means in
 * milliseconds differs from model to model and from trace to trace by orders of magnitude, so that no fixed list of
 * thresholds would compare them. So the detector is run once, asked now and then for the silences of a wide
 * grid of thresholds, and the mean of those answers is inverted.
 */
import { createJudge } from "./judge.ts";
import type { ReplayModel, ReplaySetting } from "./replay_model.ts";
import type { Trace } from "./trace.ts";

const WELL_KNOWN_PHIS = [1, 2, 3, 4, 8, 16];
/** One that takes so many times longer than anything that was asked for is of no use to anybody. */
const WELL_KNOWN_DETECTION = 3;
const LOOKS = 300;
const STEPS_A_DECADE = 48;
const LOWEST_DECADE = -5;
const HIGHEST_DECADE = 13;
/** Enough to write into a config, and to tell two of them apart. */
const DIGITS = 3;
const HEARTBEATS_A_TURN = 8_192;

const GRID = Float64Array.from(
  { length: (HIGHEST_DECADE - LOWEST_DECADE) * STEPS_A_DECADE + 2 },
  (_, index) => (index === 0 ? 0 : 10 ** (LOWEST_DECADE + (index - 1) / STEPS_A_DECADE)),
);

/**
 * One for each of the mean detection times, in ms, that it can have, and the levels of φ that people know; ascending, none
 * twice. Yields how much of the trace it has been through, 0..1. */
export function* chooseThresholds(
  model: ReplayModel,
  setting: ReplaySetting,
  trace: Trace,
  firstJudged: number,
  detectionsMs: readonly number[],
): Generator<number, number[]> {
  const meansMs = yield* meanSilences(model, setting, trace, firstJudged);
  const chosen = new Set<number>();
  for (const wantedMs of detectionsMs) {
    const threshold = thresholdAt(meansMs, wantedMs);
    if (threshold !== undefined) chosen.add(Number(threshold.toPrecision(DIGITS)));
  }
  const longestMs = WELL_KNOWN_DETECTION * (detectionsMs.at(-1) ?? 0);
  for (const phi of model.kind === "phi" ? WELL_KNOWN_PHIS : []) {
    if (meanAt(meansMs, phi) <= longestMs) chosen.add(phi);
  }
  // One that never gets there is shown at its fastest.
  if (chosen.size === 0) chosen.add(GRID[1]!);
  return [...chosen].toSorted((one, other) => one - other);
}

function* meanSilences(
  model: ReplayModel,
  setting: ReplaySetting,
  trace: Trace,
  firstJudged: number,
): Generator<number, Float64Array> {
  const { arrivalsMs, outages } = trace;
  const sumsMs = new Float64Array(GRID.length);
  const judge = createJudge(asShared(model), setting, trace, GRID);
  const stride = Math.max(1, Math.floor((arrivalsMs.length - firstJudged) / LOOKS));
  let looks = 0;
  for (let index = 1; index < arrivalsMs.length; index++) {
    if (index >= firstJudged && (index - firstJudged) % stride === 0) {
      looks++;
      for (let place = 0; place < GRID.length; place++) {
        sumsMs[place] = sumsMs[place]! + judge.silenceAt(place);
      }
    }
    const gapMs = arrivalsMs[index]! - arrivalsMs[index - 1]!;
    judge.face(gapMs);
    judge.learn(index, gapMs, outages?.[index] === 1);
    if (index % HEARTBEATS_A_TURN === 0) yield index / arrivalsMs.length;
  }
  return sumsMs.map((sum) => sum / looks);
}

/** Hundreds of histories would take long, and only where to look is asked. */
function asShared(model: ReplayModel): ReplayModel {
  return model.kind === "phi" ? { ...model, suspectedGap: "whole" } : model;
}

/** Infinity if it is not always reached. */
function meanAt(meansMs: Float64Array, threshold: number): number {
  return meansMs[GRID.findIndex((each) => each >= threshold)]!;
}

/** The least one if the mean is always longer; undefined if it is never so long. */
function thresholdAt(meansMs: Float64Array, wantedMs: number): number | undefined {
  const above = meansMs.findIndex((meanMs) => meanMs >= wantedMs);
  if (above === 0) return GRID[0];
  if (above === -1 || meansMs[above] === Infinity) return undefined;
  const [low, high] = [meansMs[above - 1]!, meansMs[above]!];
  const [from, to] = [GRID[above - 1]!, GRID[above]!];
  // With some φ the silence grows like a power of ten, and with others hardly: ratios serve both.
  const share = low > 0 ? Math.log(wantedMs / low) / Math.log(high / low) : wantedMs / high;
  return above === 1 ? from + share * (to - from) : from * (to / from) ** share;
}
