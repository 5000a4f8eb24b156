/** What replay recommends, in sentences: for which budget, what to use, and how far the trace can vouch for it. */
import {
  type Choice,
  HOURS_A_MONTH,
  type ReplayBudget,
  type ReplayResult,
  type StatedSettings,
} from "../../qos/mod.ts";
import { count, fixed, ms, rate } from "./figures.ts";

export function recommendationSentences({
  budget,
  recommended,
  judgedHours,
}: ReplayResult): string[] {
  const asked = [
    ...(budget.detectWithinMs === undefined
      ? []
      : [`detection within ${ms(budget.detectWithinMs)} ms`]),
    budget.falseAlarmsPerMonth === undefined
      ? "the fewest false alarms"
      : `at most ${fixed(budget.falseAlarmsPerMonth, 3)} false alarms a month`,
  ].join(" and ");
  const assumed =
    budget.isAssumed === true
      ? [
          "No budget was stated, so ten mean intervals were taken; " +
            "--detect-within and --false-alarms-per-month state another.",
        ]
      : [];
  if (!recommended.isFeasible) {
    return [
      `For ${asked}: infeasible; no model that was tried does it on this trace.`,
      alternative("The fewest false alarms in time", recommended.fewestWithinDetection),
      alternative(
        budget.falseAlarmsPerMonth === undefined
          ? "The fastest of all"
          : "The fastest with so few false alarms",
        recommended.fastestWithinFalseAlarms,
      ),
    ];
  }
  return [
    `For ${asked}: ${named(recommended)}.`,
    `  ${achieved(recommended)} in ${fixed(judgedHours, 3)} h.`,
    ...(recommended.monitor === null
      ? []
      : [
          `  In the config: monitor: ${yaml(recommended.monitor)}`,
          `  Or the budget itself, and the threshold follows it: monitor: ${yaml(budgetSettings(budget))}`,
        ]),
    ...(recommended.isShown ? [] : [unshown(budget.falseAlarmsPerMonth!, judgedHours)]),
    ...assumed,
  ];
}

function budgetSettings({ detectWithinMs, falseAlarmsPerMonth }: ReplayBudget): StatedSettings {
  return {
    ...(detectWithinMs !== undefined && { detectWithinMillis: Math.round(detectWithinMs) }),
    ...(falseAlarmsPerMonth !== undefined && { falseAlarmsPerMonth }),
  };
}

/** On one line, as YAML takes it. */
function yaml(settings: StatedSettings): string {
  const fields = Object.entries(settings).map(([name, value]) => `${name}: ${value}`);
  return `{${fields.join(", ")}}`;
}

function named({ model, parameter, threshold }: Choice): string {
  return parameter === "phi"
    ? `${model}, threshold ${threshold}`
    : `${model}, ${parameter} ${threshold}`;
}

function achieved(choice: Choice): string {
  const { mistakes, falseAlarmsPerMonth, falseAlarmsPerMonthUpper } = choice;
  const upper = `at most ${rate(falseAlarmsPerMonthUpper)} a month at 95 %`;
  const alarms =
    mistakes === 0
      ? `no false alarm (${upper})`
      : `${count(mistakes)} false alarm${mistakes === 1 ? "" : "s"} (${rate(falseAlarmsPerMonth)} a month, ${upper})`;
  return (
    `It detects after ${ms(choice.detectionTimeMeanMs)} ms in the mean, ` +
    `${ms(choice.detectionTimeP99Ms)} ms at p99, and gave ${alarms}`
  );
}

/** Without any, a rate is below 3 over the time. */
function unshown(falseAlarmsPerMonth: number, judgedHours: number): string {
  const months = 3 / falseAlarmsPerMonth;
  const needed = fixed(months * HOURS_A_MONTH, 3);
  return (
    `  This trace is too short to show that the budget is kept: ${needed} h without a false alarm ` +
    `would, and it has ${fixed(judgedHours, 3)} h.`
  );
}

function alternative(what: string, choice: Choice | null): string {
  return choice === null
    ? `  ${what}: none was found.`
    : `  ${what}: ${named(choice)}. ${achieved(choice)}.`;
}
