/** How a target is judged and how well that goes, as the API says it. */
import type { MonitorReading, WatchReading } from "../monitor/mod.ts";
import type { BudgetView, DetectorView, IntervalsView, QualityView } from "./quality_schemas.ts";
import { formatRfc3339 } from "../moment/mod.ts";
import { seconds } from "./rounding.ts";

const HOURS_A_MONTH = 30 * 24;

export function viewDetector(watch: WatchReading, nowMs: number): DetectorView {
  return {
    model: watch.model,
    threshold: watch.downPhi,
    confident: watch.isConfident(nowMs),
    intervalSeconds: seconds(watch.intervalMs),
  };
}

export function viewQuality(watch: WatchReading, monitor: MonitorReading): QualityView {
  const quality = watch.quality(monitor.nowMs());
  return {
    since: formatRfc3339(monitor.wallMsOf(watch.judgedSinceMs)),
    aliveSeconds: seconds(quality.aliveMs),
    mistakes: quality.mistakeCount,
    mistakeSeconds: seconds(quality.mistakeMs),
    outages: quality.outageCount,
    outageSeconds: seconds(quality.outageMs),
    mistakesPerHour: quality.mistakesPerHour,
    mistakeRecurrenceSeconds: secondsOrNull(quality.mistakeRecurrenceMs),
    mistakeDurationSeconds: secondsOrNull(quality.mistakeDurationMs),
    queryAccuracy: quality.queryAccuracy,
    detectionSeconds: secondsOrNull(quality.detectionTimeMs),
    calibration: watch.calibration().map((level) => ({
      level: level.level,
      judged: level.judgedCount,
      reached: level.reachedCount,
      share: level.judgedCount === 0 ? null : level.reachedCount / level.judgedCount,
      expected: level.expectedShare,
    })),
  };
}

/** Null where the threshold is given. */
export function viewBudget(watch: WatchReading, nowMs: number): BudgetView | null {
  const budget = watch.budget();
  if (budget === null) return null;
  const { aliveMs, mistakesPerHour, detectionTimeMs } = watch.quality(nowMs);
  const instead = watch.feasibleInstead();
  return {
    detectWithinSeconds: secondsOrNull(budget.detectWithinMs),
    falseAlarmsPerMonth: budget.falseAlarmsPerMonth,
    feasible: budget.isFeasible,
    boundFalseAlarmsPerMonth: budget.mostFalseAlarmsPerMonth,
    achieved: {
      detectionSeconds: secondsOrNull(detectionTimeMs),
      falseAlarmsPerMonth: aliveMs > 0 ? mistakesPerHour * HOURS_A_MONTH : null,
    },
    instead: instead && {
      detectWithinSeconds: secondsOrNull(instead.detectWithinMs),
      falseAlarmsPerMonth: instead.falseAlarmsPerMonth,
      intervalSeconds: secondsOrNull(instead.intervalMs),
    },
  };
}

export function viewIntervals(watch: WatchReading): IntervalsView {
  const intervals = watch.gaps().map(({ gapMs, isOutage }) => ({ ms: gapMs, outage: isOutage }));
  return { target: watch.target.name, intervals };
}

function secondsOrNull(ms: number | null): number | null {
  return ms === null ? null : seconds(ms);
}
