/**
 * Would the very first regular gap between two heartbeats look suspicious? Then the target would never
 * come up, and the config is refused. The formula is the `akka` model's, evaluated at the first estimate alone;
 * it stands here a second time, because a config has to be judged where there is no detector.
 */
import { ONE_DAY_MILLIS, type MonitorSettings } from "./target.ts";

/** Suspicion after one interval of silence, right after the first heartbeat. */
export function firstGapPhi(intervalMillis: number, settings: MonitorSettings): number {
  const mean = settings.firstHeartbeatEstimateMillis;
  const deviation = Math.max(mean / 4, settings.minStdDeviationMillis);
  const y = (intervalMillis - mean - settings.acceptableHeartbeatPauseMillis) / deviation;
  const g = y * (1.5976 + 0.070566 * y * y);
  return (Math.max(g, 0) + Math.log1p(Math.exp(-Math.abs(g)))) / Math.LN10;
}

export function isFirstGapSuspicious(intervalMillis: number, settings: MonitorSettings): boolean {
  return firstGapPhi(intervalMillis, settings) >= settings.threshold * settings.suspectRatio;
}

/** Says how to mend settings under which the first gap is suspicious. */
export function firstGapMessage(intervalMillis: number, settings: MonitorSettings): string {
  const { threshold, suspectRatio } = settings;
  const cures = [
    cure("firstHeartbeatEstimateMillis", intervalMillis, settings),
    cure("acceptableHeartbeatPauseMillis", intervalMillis, settings),
  ].filter((text) => text !== undefined);
  cures.push("raise threshold or suspectRatio");
  const phi = firstGapPhi(intervalMillis, settings).toPrecision(3);
  return (
    `the first regular gap of ${intervalMillis} ms would have phi ${phi}, and suspect begins at ` +
    `${Number((threshold * suspectRatio).toPrecision(6))} (threshold ${threshold} * suspectRatio ${suspectRatio}): ` +
    cures.join(", or ")
  );
}

type Setting = "firstHeartbeatEstimateMillis" | "acceptableHeartbeatPauseMillis";

/** The smallest whole number of milliseconds that will do, by bisection: phi falls as either setting rises. */
function cure(
  setting: Setting,
  intervalMillis: number,
  settings: MonitorSettings,
): string | undefined {
  const works = (millis: number): boolean =>
    !isFirstGapSuspicious(intervalMillis, { ...settings, [setting]: millis });
  if (!works(ONE_DAY_MILLIS)) return undefined;
  let failing = Math.floor(settings[setting]);
  let working = ONE_DAY_MILLIS;
  while (working - failing > 1) {
    const middle = Math.floor((failing + working) / 2);
    if (works(middle)) working = middle;
    else failing = middle;
  }
  return `set ${setting} to at least ${working}`;
}
