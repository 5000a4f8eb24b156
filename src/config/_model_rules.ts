/**
 * What the fields of `monitor` say about each other: a model that needs a field or has no use for one, a
 * budget beside a threshold, a budget that no threshold could keep. Each message says what to do.
 */
import { hasBudget } from "./defaults.ts";
import type { Report } from "./_check_shape.ts";
import type { TargetInput } from "./target_input.ts";
import { DEFAULTS, LEAST_BUDGETED_THRESHOLD, MONTH_MILLIS, PUSH_URL } from "./target.ts";

type MonitorInput = NonNullable<TargetInput["monitor"]>;
type MonitorReport = (field: keyof MonitorInput, message: string) => void;

export function checkMonitor(input: TargetInput, report: Report): void {
  const { monitor } = input;
  if (monitor === undefined) return;
  const reportField: MonitorReport = (field, message) => report(["monitor", field], message);
  const intervalMillis = input.intervalMillis ?? DEFAULTS.intervalMillis;
  checkFixed(monitor, intervalMillis, reportField);
  if (hasBudget(monitor)) checkBudget(monitor, intervalMillis, reportField);
  checkInterval(monitor, intervalMillis, input.url === PUSH_URL, reportField);
}

function checkFixed(monitor: MonitorInput, intervalMillis: number, report: MonitorReport): void {
  const { model, fixedTimeoutMillis } = monitor;
  if (model === "fixed" && fixedTimeoutMillis === undefined) {
    const example = 4 * intervalMillis;
    report(
      "fixedTimeoutMillis",
      `is missing: model "fixed" is a timeout; set it, say to ${example}`,
    );
  }
  if (model !== "fixed" && fixedTimeoutMillis !== undefined) {
    report("fixedTimeoutMillis", "has no meaning without model: fixed; add that or remove this");
  }
}

function checkBudget(monitor: MonitorInput, intervalMillis: number, report: MonitorReport): void {
  const { model, threshold, detectWithinMillis, falseAlarmsPerMonth, minIntervalMillis } = monitor;
  const budget = detectWithinMillis === undefined ? "falseAlarmsPerMonth" : "detectWithinMillis";
  if (model === "fixed") {
    report(
      budget,
      'cannot be kept by model "fixed", whose timeout is given; remove one of the two',
    );
  }
  // The default is what a config that was read from here says, too.
  if (threshold !== undefined && threshold !== DEFAULTS.monitor.threshold) {
    report("threshold", `follows from ${budget}; remove one of the two`);
  }
  const shortestMillis = Math.min(minIntervalMillis ?? intervalMillis, intervalMillis);
  if (detectWithinMillis !== undefined && detectWithinMillis <= shortestMillis) {
    const field = minIntervalMillis === undefined ? "intervalMillis" : "minIntervalMillis";
    const message = `must be more than ${field} (${shortestMillis}), or every interval would be too late; ask more often, or allow more time`;
    report("detectWithinMillis", message);
  }
  const most = mostFalseAlarmsPerMonth(intervalMillis);
  if (falseAlarmsPerMonth !== undefined && falseAlarmsPerMonth > most) {
    const message = `must be at most ${most} with an interval of ${intervalMillis} ms, which is one interval in ten`;
    report("falseAlarmsPerMonth", `${message}; received ${falseAlarmsPerMonth}`);
  }
}

/** What the least threshold allows for. */
function mostFalseAlarmsPerMonth(intervalMillis: number): number {
  return Math.floor((MONTH_MILLIS / intervalMillis) * 10 ** -LEAST_BUDGETED_THRESHOLD);
}

function checkInterval(
  { minIntervalMillis, detectWithinMillis }: MonitorInput,
  intervalMillis: number,
  isPushed: boolean,
  report: MonitorReport,
): void {
  if (minIntervalMillis === undefined) return;
  if (isPushed) {
    report(
      "minIntervalMillis",
      `says how often to ask, but a target with url "${PUSH_URL}" is not asked; remove it`,
    );
  } else if (detectWithinMillis === undefined) {
    report(
      "minIntervalMillis",
      "has no meaning without detectWithinMillis; add that or remove this",
    );
  } else if (minIntervalMillis > intervalMillis) {
    report(
      "minIntervalMillis",
      `must be at most intervalMillis (${intervalMillis}), received ${minIntervalMillis}`,
    );
  }
}
