/**
 * The detectors that replay can judge, by the names people know them by: first those that a monitor can be
 * told to use, then those of the literature beside them. Each is set up as its authors do, or as phi's config does
 * if nothing is said; lengths that the config gives for a second of interval are taken for the trace's own.
 */
import { createModel, createTimeout, type TimeoutModel } from "../detector/mod.ts";
import type { ReplayModel, ReplaySetting, StatedSettings } from "./replay_model.ts";

/** The config's defaults: 200 gaps, and half an interval for the least standard deviation. */
const AKKA_WINDOW = 200;
const AKKA_LEAST_STD_DEV = 1 / 2;
/** Hayashibara 2004 and whoever came after him measured with this window. */
const USUAL_WINDOW = 1_000;
/** As fine as gaps are kept: the normal model itself, and no floor that hides it. */
const LEAST_STD_DEV_MS = 0.001;

/** Keeps silent until a time is over, whatever it heard. */
class FixedTimeout implements TimeoutModel {
  #hasHeard = false;

  heard(): void {
    this.#hasHeard = true;
  }

  silenceAt(timeoutMs: number): number {
    return this.#hasHeard ? timeoutMs : NaN;
  }
}

const windowOf = (maxSampleSize: number, minStdDeviationMs: number, setting: ReplaySetting) => ({
  maxSampleSize,
  minStdDeviationMs,
  acceptableHeartbeatPauseMs: 0,
  firstHeartbeatEstimateMs: setting.intervalMs,
});

/** The highest threshold, and the longest time, that a config takes. */
const MOST_PHI = 1_000;
const ONE_DAY_MS = 86_400_000;

/** Where a config lets suspicion begin if nothing is said, as a share of what makes a verdict. */
const USUAL_SUSPECT_RATIO = 1 / 2;
/** φ of a gap that is as long as expected, when nothing else is known: half of all are longer. */
const USUAL_GAP_PHI = Math.log10(2);
/** The interval that a config states may be longer by this than the median gap. */
const INTERVAL_SLACK = 1.01;

/** A config takes nothing under which a usual gap, at this share of what makes a verdict, is suspicious. */
function bearable(settings: StatedSettings, usualShare: number): StatedSettings | undefined {
  if (usualShare < USUAL_SUSPECT_RATIO) return settings;
  return usualShare < 1 ? { ...settings, suspectRatio: 1 } : undefined;
}

function phiSettings(
  settings: StatedSettings & { readonly threshold: number },
): StatedSettings | undefined {
  const { threshold } = settings;
  return threshold > MOST_PHI ? undefined : bearable(settings, USUAL_GAP_PHI / threshold);
}

/** To the microsecond: as fine as gaps are kept. */
function rounded(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}

/** Those of the literature, and what each is tuned by. */
const TIMEOUTS = [
  ["chen", "margin ms"],
  ["bertier", "deviations"],
  ["two-window", "margin ms"],
] as const;

/** In the order of preference: of two that are equal the first is recommended. */
export const REPLAY_MODELS: readonly ReplayModel[] = [
  {
    name: "calibrated",
    monitorSettings: (_setting, threshold) => phiSettings({ model: "calibrated", threshold }),
    kind: "phi",
    suspectedGap: "whole",
    create: (setting) =>
      createModel({
        model: "calibrated",
        acceptableHeartbeatPauseMs: 0,
        firstHeartbeatEstimateMs: setting.intervalMs,
      }),
  },
  {
    name: "akka",
    monitorSettings: (setting, threshold) =>
      phiSettings({
        model: "akka",
        threshold,
        maxSampleSize: AKKA_WINDOW,
        minStdDeviationMillis: rounded(AKKA_LEAST_STD_DEV * setting.intervalMs),
      }),
    kind: "phi",
    suspectedGap: "at-least",
    create: (setting) =>
      createModel({
        model: "akka",
        ...windowOf(AKKA_WINDOW, AKKA_LEAST_STD_DEV * setting.intervalMs, setting),
      }),
  },
  {
    name: "normal",
    monitorSettings: (_setting, threshold) =>
      phiSettings({
        model: "normal",
        threshold,
        maxSampleSize: USUAL_WINDOW,
        minStdDeviationMillis: LEAST_STD_DEV_MS,
      }),
    kind: "phi",
    suspectedGap: "whole",
    create: (setting) =>
      createModel({ model: "normal", ...windowOf(USUAL_WINDOW, LEAST_STD_DEV_MS, setting) }),
  },
  {
    name: "fixed",
    monitorSettings: ({ intervalMs }, timeoutMs) =>
      timeoutMs > ONE_DAY_MS
        ? undefined
        : bearable(
            { model: "fixed", fixedTimeoutMillis: timeoutMs },
            (INTERVAL_SLACK * intervalMs) / timeoutMs,
          ),
    kind: "timeout",
    parameter: "fixedTimeoutMillis",
    create: () => new FixedTimeout(),
  },
  ...(["exponential", "satzger"] as const).map((model) => ({
    name: model,
    kind: "phi" as const,
    suspectedGap: "whole" as const,
    create: (setting: ReplaySetting) =>
      createModel({
        model,
        maxSampleSize: USUAL_WINDOW,
        firstHeartbeatEstimateMs: setting.intervalMs,
      }),
  })),
  ...TIMEOUTS.map(([timeout, parameter]) => ({
    name: timeout,
    kind: "timeout" as const,
    parameter,
    create: (setting: ReplaySetting) =>
      createTimeout({ timeout, intervalMs: setting.intervalMs, windowArrivals: USUAL_WINDOW }),
  })),
];
