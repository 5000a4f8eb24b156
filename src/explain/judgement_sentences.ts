/**
 * How a target is judged and how well that went, as sentences: the model and its confidence, the budget and
 * whether it can be kept, the mistakes and outages so far, and what φ has been worth.
 */
import type { Explanation } from "./explanation.ts";
import { counted, duration, exactly, phiText } from "./words.ts";

const HOURS_A_MONTH = 30 * 24;

/** `since` writes a Unix time in ms with how long ago it was. */
export function judgementSentences(
  explanation: Explanation,
  since: (wallMs: number) => string,
): string[] {
  return [
    judgedBy(explanation),
    ...budgetSentences(explanation),
    mistakes(explanation, since),
    ...calibration(explanation),
  ];
}

function judgedBy({ model, isConfident, detectionMs }: Explanation): string {
  const known = isConfident
    ? "phi as it is now is known from its history"
    : "phi as it is now is extrapolated, because its history is too short to know it";
  const how = model === "fixed" ? "a timeout, whose phi is no probability" : known;
  const when =
    detectionMs === null
      ? "no silence makes it down"
      : `it is down after ${span(detectionMs)} of silence`;
  return `The model is ${model}: ${how}; ${when}.`;
}

function budgetSentences({ budget, feasibleInstead, downPhi, quality }: Explanation): string[] {
  if (budget === null) return [];
  const { detectWithinMs, falseAlarmsPerMonth, isFeasible } = budget;
  const promises = [
    detectWithinMs === null ? [] : [`to be down within ${span(detectWithinMs)} of a crash`],
    falseAlarmsPerMonth === null
      ? []
      : [`to be called down by mistake at most ${times(falseAlarmsPerMonth)} in 30 days`],
  ].flat();
  const alarms = quality.mistakesPerHour * HOURS_A_MONTH;
  // None in a short time is no rate of none.
  const achieved =
    quality.mistakeCount === 0
      ? `no possible mistake so far, in ${duration(quality.aliveMs)}`
      : `the rate so far is at most ${number(alarms)} in 30 days`;
  const stated = `Its budget is ${promises.join(" and ")}: the threshold, ${phiText(downPhi)} now, follows from that; ${achieved}.`;
  if (isFeasible !== false || feasibleInstead === null) return [stated];
  const { detectWithinMs: within, falseAlarmsPerMonth: most, intervalMs } = feasibleInstead;
  const cures = [
    within === null ? [] : [`${span(within)} to detect a crash`],
    most === null ? [] : [`${times(most)} in 30 days`],
    intervalMs === null ? [] : [`an interval of ${span(intervalMs)}`],
  ].flat();
  const instead = cures.length === 0 ? "" : ` Feasible would be ${cures.join(", or ")}.`;
  return [
    stated,
    `That cannot be promised of such a link, whatever the distribution of its delays.${instead}`,
  ];
}

function mistakes(
  { quality, judgedSinceWallMs, verdict }: Explanation,
  since: (wallMs: number) => string,
): string {
  const { mistakeCount, outageCount, outageMs, queryAccuracy, mistakeDurationMs } = quality;
  const judged = `It has been judged so ${since(judgedSinceWallMs)}`;
  if (mistakeCount + outageCount === 0) {
    const first = verdict === "down" ? "is down for the first time since" : "was never down since";
    return `${judged}, and ${first}.`;
  }
  const outages =
    outageCount === 0
      ? "it was in no outage"
      : `it was in ${counted(outageCount, "outage")}, ${duration(outageMs)} together`;
  if (mistakeCount === 0) return `${judged}: ${outages}, and never called down by mistake.`;
  const accuracy = ((queryAccuracy ?? 1) * 100).toPrecision(6);
  return (
    `${judged}: ${outages}, and called down by mistake at most ${times(mistakeCount)}, ` +
    `for ${span(mistakeDurationMs ?? 0)} on average, ${number(quality.mistakesPerHour)} an hour; ` +
    `at least ${Number(accuracy)} % of the time it was rightly not down.`
  );
}

/** A timeout's φ is nothing that could be calibrated. */
function calibration({ calibration: levels, model }: Explanation): string[] {
  const judged = levels[0]?.judgedCount ?? 0;
  if (judged === 0 || model === "fixed") return [];
  const reached = levels.map(({ level, reachedCount }) => `${level} in ${reachedCount}`);
  const expected = levels.map(({ expectedShare }) => number(judged * expectedShare));
  return [
    `Of ${counted(judged, "interval")} that a heartbeat ended, phi had reached ${listed(reached)}; ` +
      `a calibrated phi does in about ${listed(expected)}.`,
  ];
}

/** `a, b and c`. */
function listed(items: readonly string[]): string {
  return `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}

/** To the millisecond where that may matter. */
function span(ms: number): string {
  return ms < 10_000 ? exactly(ms) : duration(ms);
}

/** `once`, `0.5 times`, `3 times`. */
function times(count: number): string {
  return count === 1 ? "once" : `${number(count)} times`;
}

/** Three digits that count. */
function number(value: number): string {
  return `${Number(value.toPrecision(3))}`;
}
