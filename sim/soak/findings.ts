/** The verdict on a soak, made of nothing but its record: what is wrong, a line each. */
import { lowPointsMb } from "./blocks.ts";
import { answersOf, lagMs, lagText, missedShare } from "./figures.ts";
import type { MonitorRecord, SoakRecord, TroubleRecord } from "./record.ts";
import { type Bounds, outcomeOf, trendOf } from "./trend.ts";
import { TROUBLES } from "./troubles.ts";

/**
 * Megabytes an hour, of one monitor. A leak of a kilobyte a second is 3.6. What an hour can exclude is more than what it can show:
 * the low points of its dozen blocks scatter by some 5 MB, and the interval of their slope is then some 13 to both sides.
 */
export const MEMORY_BOUNDS: Bounds = { growth: 10, flat: 25 };
/** Of the looks, the writes, the probes and the troubles: they come while things go wrong. */
const MOST_FAILED_SHARE = 0.05;
/** At this lag of its loop a monitor's clock begins to leave time out: it judges others by what it has not heard. */
const MOST_LAG_MS = 100;

/** Empty if all is well. */
export function findingsOf(record: SoakRecord): string[] {
  const { died, notCalm, monitors, troubles } = record;
  return [
    ...died.map((id) => `${id} has died`),
    ...notCalm.map((what) => `after the last trouble ${what}`),
    ...monitors.flatMap((monitor) => memoryFindings(monitor, troubles)),
    ...monitors.flatMap((monitor) => paceFindings(monitor, record)),
    ...monitors.flatMap(({ id, metricsLooks }) => {
      const judged = metricsLooks.filter((look) => !isStopped(id, look, troubles));
      const silent = judged.filter(({ metrics }) => metrics === undefined);
      return tooMany(`questions were not answered by ${id} while it ran`, silent, judged);
    }),
    ...tooMany("writes were not accepted by monitors that ran", ...judgedWrites(record)),
    ...tooMany(
      "troubles did not begin or end as they should",
      troubles.filter(({ failures }) => failures.length > 0),
      troubles,
    ),
  ];
}

/** Those that were not accepted, and all, without those to a monitor that was stopped just then. */
export function judgedWrites({ writes, troubles }: SoakRecord): [object[], object[]] {
  const judged = writes.filter((each) => !isStopped(each.to, each, troubles));
  return [judged.filter(({ isAccepted }) => !isAccepted), judged];
}

function memoryFindings({ id, processLooks }: MonitorRecord, troubles: readonly TroubleRecord[]) {
  const points = lowPointsMb(processLooks, troubles, TROUBLES.length);
  const trend = trendOf(points);
  const outcome = outcomeOf(trend, MEMORY_BOUNDS);
  if (outcome === "flat") return [];
  if (trend === undefined) {
    return [`memory of ${id}: cannot tell, ${points.length} blocks are too few: let it run longer`];
  }
  const interval = `95 % interval ${trend.low.toFixed(0)} to ${trend.high.toFixed(0)} MB an hour`;
  const { growth, flat } = MEMORY_BOUNDS;
  return [
    outcome === "grows"
      ? `memory of ${id}: grows, ${interval}, all of it above ${growth}`
      : `memory of ${id}: cannot tell, ${interval}, neither all above ${growth} nor all up to ${flat}`,
  ];
}

/** Whether it asked as often as it had to, and came round in time. */
function paceFindings(monitor: MonitorRecord, record: SoakRecord): string[] {
  const { id, metricsLooks } = monitor;
  const findings: string[] = [];
  const missed = missedShare(monitor, record);
  const lateMs = lagMs(answersOf(metricsLooks).at(-1)?.metrics.loopLag ?? [], 0.99);
  if (missed > MOST_FAILED_SHARE) {
    findings.push(`${id} missed ${(100 * missed).toFixed(1)} % of its probes while it ran`);
  }
  if (lateMs > MOST_LAG_MS) {
    findings.push(`the event loop of ${id} was late by ${lagText(lateMs)} (p99)`);
  }
  // What is not known is no proof that all was well.
  if (Number.isNaN(missed)) findings.push(`${id} has not told how many probes it sent`);
  if (Number.isNaN(lateMs)) findings.push(`${id} has not told how late its event loop was`);
  return findings;
}

function isStopped(
  id: string,
  { askedMs, answeredMs }: { readonly askedMs: number; readonly answeredMs: number },
  troubles: readonly TroubleRecord[],
): boolean {
  return troubles.some(
    ({ stopped, fromMs, untilMs }) => stopped === id && askedMs < untilMs && answeredMs > fromMs,
  );
}

function tooMany(what: string, failed: readonly object[], all: readonly object[]): string[] {
  // None at all is as bad as all failed.
  if (all.length > 0 && failed.length <= MOST_FAILED_SHARE * all.length) return [];
  return [`${failed.length} of ${all.length} ${what}`];
}
