/**
 * How well each target is judged, as series: every one a number that a watch has. Series of what never happened, or of
 * budgets that nobody stated, are not there, because each takes a line for each target.
 */
import { CALIBRATION_LEVELS } from "../monitor/mod.ts";
import { one, type TargetLines, type TargetSeries } from "./_target_lines.ts";
import { formatNumber } from "./text.ts";

const HOURS_A_MONTH = 30 * 24;

const calibrationLines: TargetLines = ({ watch, name }) => {
  let text = "";
  for (let index = 0; index < CALIBRATION_LEVELS.length; index++) {
    const count = watch.reachedCountOf(index);
    // What did not get to a level did not get to a higher one.
    if (count === 0) break;
    text += `phi_calibration_reached_total{target="${name}",level="${CALIBRATION_LEVELS[index]}"} ${count}\n`;
  }
  return text;
};

const budgetLines =
  (
    series: string,
    read: (budget: NonNullable<ReturnType<Watch["budget"]>>, watch: Watch) => number | null,
  ): TargetLines =>
  ({ watch, name }) => {
    const budget = watch.budget();
    const value = budget && read(budget, watch);
    return value === null ? "" : `${series}{target="${name}"} ${formatNumber(value)}\n`;
  };

type Watch = Parameters<TargetLines>[0]["watch"];

const BUDGET_SERIES: readonly TargetSeries[] = [
  {
    name: "phi_budget_detection_seconds",
    type: "gauge",
    help: "Within which time a crash is to be noticed; only where that was stated.",
    unit: "seconds",
    labels: ["target"],
    lines: budgetLines("phi_budget_detection_seconds", ({ detectWithinMs }) =>
      detectWithinMs === null ? null : detectWithinMs / 1_000,
    ),
  },
  {
    name: "phi_budget_false_alarms_per_month",
    type: "gauge",
    help: "How many false alarms 30 days may have; only where that was stated.",
    labels: ["target"],
    lines: budgetLines(
      "phi_budget_false_alarms_per_month",
      ({ falseAlarmsPerMonth }) => falseAlarmsPerMonth,
    ),
  },
  {
    name: "phi_budget_achieved_false_alarms_per_month",
    type: "gauge",
    help: "Possible mistakes in 30 days at the rate so far, an upper bound; only with a budget.",
    labels: ["target"],
    lines: (row, time) => {
      if (row.watch.budget() === null) return "";
      const { mistakesPerHour } = row.watch.quality(time.nowMs);
      const value = formatNumber(mistakesPerHour * HOURS_A_MONTH);
      return `phi_budget_achieved_false_alarms_per_month{target="${row.name}"} ${value}\n`;
    },
  },
  {
    name: "phi_budget_feasible",
    type: "gauge",
    help: "1 where a bound for any distribution of delays lets the budget pass, else 0; only where that is known.",
    labels: ["target"],
    lines: budgetLines("phi_budget_feasible", ({ isFeasible }) =>
      isFeasible === null ? null : Number(isFeasible),
    ),
  },
  {
    name: "phi_budget_probe_interval_seconds",
    type: "gauge",
    help: "How often the target is asked now; only with a budget.",
    unit: "seconds",
    labels: ["target"],
    lines: budgetLines("phi_budget_probe_interval_seconds", ({ intervalMs }) => intervalMs / 1_000),
  },
];

/** In the order in which they are written. */
export const QUALITY_SERIES: readonly TargetSeries[] = [
  one(
    {
      name: "phi_suspicion_confident",
      type: "gauge",
      help: "1 where phi is known from the target's history, 0 where it is extrapolated from it.",
    },
    (watch, { nowMs }) => Number(watch.isConfident(nowMs)),
  ),
  one(
    {
      name: "phi_quality_mistakes_total",
      type: "counter",
      help: "Times the target was called down without evidence of a real outage: an upper bound of mistakes.",
    },
    (watch) => watch.episodes.mistakeCount,
  ),
  one(
    {
      name: "phi_quality_outages_total",
      type: "counter",
      help: "Times the target was down with evidence of a real outage, or for longer than a mistake can last.",
    },
    (watch) => watch.episodes.outageCount,
  ),
  one(
    {
      name: "phi_quality_mistake_seconds_total",
      type: "counter",
      help: "How long possible mistakes lasted; not there before there was one.",
      unit: "seconds",
    },
    ({ episodes }) => (episodes.mistakeCount === 0 ? Number.NaN : episodes.mistakeMs / 1_000),
  ),
  one(
    {
      name: "phi_quality_outage_seconds_total",
      type: "counter",
      help: "How long outages lasted that ended; not there before there was one.",
      unit: "seconds",
    },
    ({ episodes }) => (episodes.outageCount === 0 ? Number.NaN : episodes.outageMs / 1_000),
  ),
  one(
    {
      name: "phi_quality_query_accuracy",
      type: "gauge",
      help: "Share of time, outages apart, in which the target was not called down: a lower bound of P_A. Not there before there was a possible mistake: then it is 1.",
    },
    (watch, { nowMs }) =>
      watch.episodes.mistakeCount === 0
        ? Number.NaN
        : (watch.quality(nowMs).queryAccuracy ?? Number.NaN),
  ),
  one(
    {
      name: "phi_quality_detection_seconds",
      type: "gauge",
      help: "Estimated time from the last heartbeat before a crash to the verdict down, T_D; not there where none is.",
      unit: "seconds",
    },
    ({ detectionMs }) => (Number.isFinite(detectionMs) ? detectionMs / 1_000 : Number.NaN),
  ),
  one(
    {
      name: "phi_calibration_intervals_total",
      type: "counter",
      help: "Intervals that a heartbeat ended, outages apart.",
    },
    (watch) => watch.judgedIntervalCount,
  ),
  {
    name: "phi_calibration_reached_total",
    type: "counter",
    help: "Of those, how many got to this level of phi before; a calibrated phi gets to k in 10^-k of them. A level is there once it was reached.",
    labels: ["target", "level"],
    lines: calibrationLines,
  },
  ...BUDGET_SERIES,
];
