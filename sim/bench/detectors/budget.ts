/**
 * Does a budget of false alarms keep its word? A trace goes in; a monitor's budget, with the `calibrated` model,
 * lives through it, its threshold following what it sees, and how many alarms that gave beside how many were
 * allowed comes out. So many are allowed that some tens are expected, because one a month is not seen in three
 * hours. As in a monitor an alarm is over after two heartbeats in a row, and what comes before is the same one.
 */
import {
  BudgetKeeper,
  MONTH_MS,
  poissonInterval,
  REPLAY_MODELS,
  type ReplayModel,
  type SuspicionCurve,
  type Trace,
  usualWarmUp,
} from "../../../src/qos/mod.ts";
import { figure, markdownTable } from "./markdown.ts";
import type { TraceKind } from "./traces.ts";

type PhiModel = Extract<ReplayModel, { kind: "phi" }>;

const EXPECTED_ALARMS = [30, 100, 300];
const LEAST_RATIO = 0.5;
const MOST_RATIO = 2;
const UP_AFTER_HEARTBEATS = 2;

const HEAD = [
  "trace",
  "stated, a month",
  "allowed here",
  "alarms",
  "achieved / stated",
  "95 %",
  "",
];

/** Rows for each trace that was handed in; none without the model. */
export class BudgetReport {
  readonly #rows: string[][] = [HEAD];

  add(trace: Trace, kind: TraceKind): void {
    const model = REPLAY_MODELS.find(({ name }) => name === "calibrated");
    if (model?.kind !== "phi") return;
    const warmUp = usualWarmUp(trace.arrivalsMs.length);
    const judgedMs = trace.arrivalsMs.at(-1)! - trace.arrivalsMs[warmUp - 1]!;
    for (const expected of EXPECTED_ALARMS) {
      // An alarm in every tenth interval is no budget that anybody would state.
      if (expected * MOST_SHARE > trace.arrivalsMs.length - warmUp) continue;
      const stated = (expected * MONTH_MS) / judgedMs;
      const alarms = live(trace, model, warmUp, stated);
      const { low, high } = poissonInterval(alarms);
      const interval = `${figure(low / expected)} to ${figure(high / expected)}`;
      const ratio = alarms / expected;
      const isMet = ratio >= LEAST_RATIO && ratio <= MOST_RATIO;
      const mark = kind === "changing" ? "" : isMet ? "reached" : "NOT REACHED";
      const facts = [figure(stated), String(expected), String(alarms), figure(ratio), interval];
      this.#rows.push([trace.name, ...facts, mark]);
    }
  }

  toString(): string {
    return markdownTable(this.#rows);
  }
}

const MOST_SHARE = 20;

/** How many alarms there were after the warm-up. */
function live(trace: Trace, { create }: PhiModel, warmUp: number, stated: number): number {
  const { arrivalsMs } = trace;
  const gapsMs = arrivalsMs
    .slice(1, warmUp)
    .map((arrivalMs, index) => arrivalMs - arrivalsMs[index]!);
  const intervalMs = gapsMs.toSorted()[gapsMs.length >> 1]!;
  const model = create({ intervalMs });
  model.begin();
  const curve: SuspicionCurve = {
    phiAfter: (silenceMs) => -model.log10Survival(silenceMs),
    silenceAtPhi: (phi) => model.silenceAtPhi(phi),
  };
  const budget = { detectWithinMs: null, falseAlarmsPerMonth: stated };
  // As a monitor has it by default, but that no silence is too long to wait for.
  const rest = { suspectRatio: 0.5, threshold: 16, longestSilenceMs: Infinity };
  const options = { ...budget, ...rest, intervalMs, leastIntervalMs: intervalMs };
  const keeper = new BudgetKeeper(options, curve);
  let alarms = 0;
  let heartbeatsUntilUp = 0;
  for (let index = 1; index < arrivalsMs.length; index++) {
    const gapMs = arrivalsMs[index]! - arrivalsMs[index - 1]!;
    const phi = curve.phiAfter(gapMs);
    const isOfItsOwn = heartbeatsUntilUp === 0;
    const isAlarm = phi >= keeper.threshold;
    if (isAlarm && isOfItsOwn && index >= warmUp) alarms++;
    heartbeatsUntilUp = isAlarm ? UP_AFTER_HEARTBEATS : heartbeatsUntilUp;
    heartbeatsUntilUp = Math.max(0, heartbeatsUntilUp - 1);
    model.add(gapMs);
    keeper.gapEnded(gapMs, phi, isOfItsOwn, curve);
  }
  return alarms;
}
