/**
 * The interval changes threefold for good: how many false alarms does that cost, and how many heartbeats until φ is
 * of use again? A trace whose rhythm steps in its middle goes in; for each model and some thresholds the
 * alarms in the hundred heartbeats after the step are counted, and the heartbeats until the silence at which it
 * suspects is, and stays, within a factor 1.5 of where it will be in the end. One that goes on to suspect
 * most heartbeats of the new rhythm is never of use.
 */
import { createJudge, REPLAY_MODELS, type ReplayModel, type Trace } from "../../../src/qos/mod.ts";
import { markdownTable } from "./markdown.ts";
import { generateTrace } from "./traces.ts";

/** Sent; the step is in the middle. */
const SENT = 8_000;
const PHIS = [3, 4, 8];
/** For what has no φ: how late, in intervals before the step, it suspects. */
const DETECTIONS = [2, 4];
const USABLE_FACTOR = 1.5;
const COUNTED_HEARTBEATS = 100;
const LAST_HEARTBEATS = 1_000;

export function changeReport(): string {
  const head = [
    "step",
    "model",
    "threshold",
    "alarms in 100 heartbeats",
    "heartbeats until usable",
  ];
  const rows = ["step-up", "step-down"].flatMap((name) => {
    const trace = generateTrace(name, SENT);
    return REPLAY_MODELS.flatMap((model) => rowsOf(name, trace, model));
  });
  return markdownTable([head, ...rows]);
}

function rowsOf(name: string, trace: Trace, model: ReplayModel): string[][] {
  const intervalMs = trace.arrivalsMs[1]! - trace.arrivalsMs[0]!;
  const thresholds =
    model.kind === "phi" ? PHIS : DETECTIONS.map((each) => parameterFor(model, trace, each));
  return thresholds.map((threshold) => {
    const judge = createJudge(model, { intervalMs }, trace, [threshold]);
    const { alarms, silencesMs, isStuck } = judgeStep(judge, trace);
    const usable = isStuck ? "never" : heartbeatsUntilUsable(silencesMs);
    const shown = Number(threshold.toPrecision(3));
    const parameter = model.kind === "phi" ? `φ ${shown}` : `${model.parameter} ${shown}`;
    return [name, model.name, parameter, String(alarms), usable];
  });
}

function judgeStep(judge: ReturnType<typeof createJudge>, trace: Trace) {
  const middle = SENT / 2;
  const { arrivalsMs } = trace;
  const silencesMs: number[] = [];
  let [alarms, lastAlarms] = [0, 0];
  for (let index = 1; index < arrivalsMs.length; index++) {
    const gapMs = arrivalsMs[index]! - arrivalsMs[index - 1]!;
    if (index > middle) {
      const silenceMs = judge.silenceAt(0);
      silencesMs.push(silenceMs);
      if (gapMs > silenceMs && index <= middle + COUNTED_HEARTBEATS) alarms++;
      if (gapMs > silenceMs && index >= SENT - LAST_HEARTBEATS) lastAlarms++;
    }
    judge.face(gapMs);
    judge.learn(index, gapMs, false);
  }
  return { alarms, silencesMs, isStuck: lastAlarms > LAST_HEARTBEATS / 2 };
}

/** The first heartbeat after the step from which on it is never far from its end. */
function heartbeatsUntilUsable(silencesMs: readonly number[]): string {
  const endMs = silencesMs.at(-1)!;
  // What never suspects is of no use either.
  if (endMs === Infinity) return "never";
  const isFar = (silenceMs: number) =>
    silenceMs > endMs * USABLE_FACTOR || silenceMs < endMs / USABLE_FACTOR;
  const last = silencesMs.findLastIndex(isFar);
  return last === silencesMs.length - 1 ? "never" : String(last + 1);
}

/** The parameter under which it is so slow just before the step, by halving. */
function parameterFor(model: ReplayModel, trace: Trace, detection: number): number {
  const intervalMs = trace.arrivalsMs[1]! - trace.arrivalsMs[0]!;
  let [low, high] = [0, 1e9];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    const judge = createJudge(model, { intervalMs }, trace, [middle]);
    for (let index = 1; index < SENT / 4; index++) {
      const gapMs = trace.arrivalsMs[index]! - trace.arrivalsMs[index - 1]!;
      judge.face(gapMs);
      judge.learn(index, gapMs, false);
    }
    if (judge.silenceAt(0) < detection * intervalMs) low = middle;
    else high = middle;
  }
  return high;
}
