/**
 * Would the very first regular gap between two heartbeats look suspicious? Then the target would never
 * come up, and the config is refused. The formulas are the models', evaluated at the first estimate alone;
 * they stand here a second time, because a config has to be judged where there is no detector.
 */
import { hasBudget } from "./defaults.ts";
import { normalPhi } from "./_normal_tail.ts";
import {
  LEAST_BUDGETED_THRESHOLD,
  MONTH_MILLIS,
  ONE_DAY_MILLIS,
  type MonitorSettings,
} from "./target.ts";

/** Suspicion after a silence, right after the first heartbeat: while the first estimate is all that is known. */
export function firstPhi(silenceMillis: number, settings: MonitorSettings): number {
  const { model, threshold, fixedTimeoutMillis = Infinity } = settings;
  const estimate = settings.firstHeartbeatEstimateMillis;
  if (model === "fixed") return (threshold * silenceMillis) / fixedTimeoutMillis;
  // What is calibrated begins as a normal distribution of the first estimate.
  const least = model === "calibrated" ? 0 : settings.minStdDeviationMillis;
  const deviation = Math.max(estimate / 4, least);
  const y = (silenceMillis - estimate - settings.acceptableHeartbeatPauseMillis) / deviation;
  if (model !== "akka") return normalPhi(y);
  const g = y * (1.5976 + 0.070566 * y * y);
  return (Math.max(g, 0) + Math.log1p(Math.exp(-Math.abs(g)))) / Math.LN10;
}

/** Of the time within which to detect, a budget aims at this share: the detector's own rule. */
const AIM = 0.95;

/** The threshold that a watch begins with. */
function firstThreshold(intervalMillis: number, settings: MonitorSettings): number {
  if (!hasBudget(settings)) return settings.threshold;
  const { detectWithinMillis, falseAlarmsPerMonth = 1 } = settings;
  const wanted =
    detectWithinMillis === undefined
      ? -Math.log10((falseAlarmsPerMonth * intervalMillis) / MONTH_MILLIS)
      : firstPhi(AIM * detectWithinMillis, settings);
  return Math.max(wanted, LEAST_BUDGETED_THRESHOLD);
}

export function isFirstGapSuspicious(intervalMillis: number, stated: MonitorSettings): boolean {
  const settings = asJudged(intervalMillis, stated);
  const suspectPhi = firstThreshold(intervalMillis, settings) * settings.suspectRatio;
  return firstPhi(firstInterval(intervalMillis, settings), settings) >= suspectPhi;
}

/** An estimate that nobody stated is the interval at which it is asked: the monitor's own rule. */
function asJudged(intervalMillis: number, settings: MonitorSettings): MonitorSettings {
  if (settings.firstHeartbeatEstimateMillis !== intervalMillis) return settings;
  const firstHeartbeatEstimateMillis = firstInterval(intervalMillis, settings);
  return { ...settings, firstHeartbeatEstimateMillis };
}

/** Where that is allowed the time to detect is so many intervals at first: the budget's own rule. */
const INTERVALS_IN_TIME = 4;

function firstInterval(intervalMillis: number, settings: MonitorSettings): number {
  const { detectWithinMillis, minIntervalMillis } = settings;
  if (detectWithinMillis === undefined || minIntervalMillis === undefined) return intervalMillis;
  const wantedMillis = Math.floor(detectWithinMillis / INTERVALS_IN_TIME);
  return Math.min(Math.max(wantedMillis, minIntervalMillis), intervalMillis);
}

/** The field that mends it best. */
export function mendedBy({ model, detectWithinMillis }: MonitorSettings): Setting {
  if (model === "fixed") return "fixedTimeoutMillis";
  return detectWithinMillis === undefined ? "firstHeartbeatEstimateMillis" : "detectWithinMillis";
}

/** Says how to mend settings under which the first gap is suspicious. */
export function firstGapMessage(intervalMillis: number, stated: MonitorSettings): string {
  const settings = asJudged(intervalMillis, stated);
  const { suspectRatio } = settings;
  const threshold = firstThreshold(intervalMillis, settings);
  const cures = curesOf(settings)
    .map((setting) => cure(setting, intervalMillis, settings))
    .filter((text) => text !== undefined);
  const isThresholdFree = settings.model !== "fixed" && !hasBudget(settings);
  cures.push(isThresholdFree ? "raise threshold or suspectRatio" : "raise suspectRatio");
  const gapMillis = firstInterval(intervalMillis, settings);
  const phi = firstPhi(gapMillis, settings).toPrecision(3);
  return (
    `the first regular gap of ${gapMillis} ms would have phi ${phi}, and suspect begins at ` +
    `${short(threshold * suspectRatio)} (threshold ${short(threshold)} * suspectRatio ${suspectRatio}): ` +
    cures.join(", or ")
  );
}

function short(phi: number): number {
  return Number(phi.toPrecision(6));
}

type Setting =
  | "firstHeartbeatEstimateMillis"
  | "acceptableHeartbeatPauseMillis"
  | "fixedTimeoutMillis"
  | "detectWithinMillis";

/** What may help, the best first. */
function curesOf(settings: MonitorSettings): Setting[] {
  if (settings.model === "fixed") return ["fixedTimeoutMillis"];
  if (settings.detectWithinMillis !== undefined) return ["detectWithinMillis"];
  return ["firstHeartbeatEstimateMillis", "acceptableHeartbeatPauseMillis"];
}

/** The smallest whole number of milliseconds that will do, by bisection: phi falls as any of the settings rises. */
function cure(
  setting: Setting,
  intervalMillis: number,
  settings: MonitorSettings,
): string | undefined {
  const works = (millis: number): boolean =>
    !isFirstGapSuspicious(intervalMillis, { ...settings, [setting]: millis });
  if (!works(ONE_DAY_MILLIS)) return undefined;
  let failing = Math.floor(settings[setting] ?? 0);
  let working = ONE_DAY_MILLIS;
  while (working - failing > 1) {
    const middle = Math.floor((failing + working) / 2);
    if (works(middle)) working = middle;
    else failing = middle;
  }
  return `set ${setting} to at least ${working}`;
}
