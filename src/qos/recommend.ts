/**
 * From curves to a choice: what every model did under every threshold, and a budget, go in; the model and
 * threshold that serve it best come out, or what would be possible where nothing does. The idea: who
 * asks for detection within a time does not ask for less, so that of each model the slowest threshold that
 * is still in time competes, which is the one with the most room for bad luck; and who asks for few false alarms
 * gets the fastest that keeps to it. A trace shows only what is frequent beside its length: a rate that
 * it is too short to show is said to be unproven, and is then chosen by a φ that is calibrated, if there is
 * one, rather than by a timeout fitted to the longest gap that happened to be seen.
 */
import { MONTH_MS } from "./configuration.ts";
import type { CurvePoint } from "./curve_tally.ts";
import type { JudgedTime, ModelResult } from "./replay.ts";
import type { StatedSettings } from "./replay_model.ts";

/** At least one of the first two. */
export interface ReplayBudget {
  /** The slowest detection of a crash, but for one in a hundred, in ms from the last heartbeat. */
  readonly detectWithinMs?: number | undefined;
  readonly falseAlarmsPerMonth?: number | undefined;
  /** Nobody stated it. */
  readonly isAssumed?: boolean;
}

/** One point of one curve, as a choice. */
export interface Choice {
  readonly model: string;
  readonly parameter: string;
  readonly threshold: number;
  readonly detectionTimeMeanMs: number;
  readonly detectionTimeP99Ms: number;
  readonly mistakes: number;
  readonly mistakeRatePerHour: number;
  readonly falseAlarmsPerMonth: number;
  /** What a month may have at 95 %, as far as this trace can tell. */
  readonly falseAlarmsPerMonthUpper: number;
  /** What to write under `monitor` in the config; null where no monitor can be told to use the model. */
  readonly monitor: StatedSettings | null;
}

/** What a config says to have a model with a threshold; undefined if none can. */
export type SettingsOf = (model: string, threshold: number) => StatedSettings | undefined;

export type Recommendation =
  | (Choice & {
      readonly isFeasible: true;
      /** Whether the trace is long enough to show that the budget of false alarms is kept. */
      readonly isShown: boolean;
    })
  | {
      readonly isFeasible: false;
      readonly model: null;
      readonly threshold: null;
      /** The fastest of those that have so few false alarms; null if none has. */
      readonly fastestWithinFalseAlarms: Choice | null;
      /** The one with the fewest false alarms of those in time; null if none is. */
      readonly fewestWithinDetection: Choice | null;
    };

export const HOURS_A_MONTH = MONTH_MS / 3_600_000;

export function recommend(
  results: readonly ModelResult[],
  budget: ReplayBudget,
  judged: JudgedTime,
  settingsOf: SettingsOf,
): Recommendation {
  const { detectWithinMs = Infinity, falseAlarmsPerMonth = Infinity } = budget;
  const choices = usable(results.flatMap((result) => choicesOf(result, settingsOf)));
  const inTime = choices.filter((choice) => choice.detectionTimeP99Ms <= detectWithinMs);
  const isQuiet = (choice: Choice) => choice.falseAlarmsPerMonth <= falseAlarmsPerMonth;
  const quiet = choices.filter(isQuiet);
  const both = inTime.filter(isQuiet);
  if (both.length === 0) {
    return {
      isFeasible: false,
      model: null,
      threshold: null,
      fastestWithinFalseAlarms: best(quiet, isFaster) ?? null,
      fewestWithinDetection: best(inTime, isQuieter) ?? null,
    };
  }
  const chosen =
    falseAlarmsPerMonth === Infinity
      ? best(slowestOfEach(both), isQuieter)!
      : best(trusted(both, falseAlarmsPerMonth, judged), isFaster)!;
  const isShown =
    falseAlarmsPerMonth === Infinity || chosen.falseAlarmsPerMonthUpper <= falseAlarmsPerMonth;
  return { ...chosen, isFeasible: true, isShown };
}

/** What a monitor can be told to use; if none of that was judged, the rest. */
function usable(choices: readonly Choice[]): readonly Choice[] {
  const offered = choices.filter(({ monitor }) => monitor !== null);
  return offered.length === 0 ? choices : offered;
}

/**
 * The candidates that do not merely happen to have had no false alarm: all of them if the trace is long
 * enough to expect one; else those of the calibrated model whose φ promises it, if any do.
 */
function trusted(
  choices: readonly Choice[],
  falseAlarmsPerMonth: number,
  { aliveMs, meanIntervalMs }: JudgedTime,
): readonly Choice[] {
  const months = aliveMs / MONTH_MS;
  if (falseAlarmsPerMonth * months >= 1) return choices;
  const phi = Math.log10(MONTH_MS / meanIntervalMs / falseAlarmsPerMonth);
  const promised = choices.filter(
    ({ model, threshold }) => model === "calibrated" && threshold >= phi,
  );
  return promised.length === 0 ? choices : promised;
}

function choicesOf({ model, parameter, curve }: ModelResult, settingsOf: SettingsOf): Choice[] {
  return curve.flatMap((point) => {
    const { threshold, detectionTimeMeanMs, detectionTimeP99Ms } = point;
    // One that may never detect is no choice.
    if (detectionTimeMeanMs === null || detectionTimeP99Ms === null) return [];
    const times = { detectionTimeMeanMs, detectionTimeP99Ms };
    const monitor = settingsOf(model, threshold) ?? null;
    return [{ model, parameter, threshold, ...times, ...ratesOf(point), monitor }];
  });
}

function ratesOf({ mistakes, mistakeRatePerHour, mistakeRateUpperPerHour }: CurvePoint) {
  return {
    mistakes,
    mistakeRatePerHour,
    falseAlarmsPerMonth: mistakeRatePerHour * HOURS_A_MONTH,
    falseAlarmsPerMonthUpper: mistakeRateUpperPerHour * HOURS_A_MONTH,
  };
}

function slowestOfEach(choices: readonly Choice[]): Choice[] {
  const slowest = new Map<string, Choice>();
  for (const choice of choices) {
    const before = slowest.get(choice.model);
    if (before === undefined || isFaster(before, choice)) slowest.set(choice.model, choice);
  }
  return [...slowest.values()];
}

type IsBetter = (one: Choice, other: Choice) => boolean;

function best(choices: readonly Choice[], isBetter: IsBetter): Choice | undefined {
  let found: Choice | undefined;
  for (const choice of choices) {
    if (found === undefined || isBetter(choice, found)) found = choice;
  }
  return found;
}

const isFaster: IsBetter = (one, other) => one.detectionTimeMeanMs < other.detectionTimeMeanMs;

/** Of those that are equal the first is the best: models come in the order of preference. */
const isQuieter: IsBetter = (one, other) => one.mistakes < other.mistakes;
