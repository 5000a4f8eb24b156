/**
 * The detectors that replay can judge, by the names people know them by: first those that a monitor can be
 * told to use, then those of the literature beside them. Each is set up as its authors do, or as phi's config does
 * if nothing is said; lengths that the config gives for a second of interval are taken for the trace's own.
 */
import { createModel, type TimeoutModel } from "../detector/mod.ts";
import type { ReplayModel, ReplaySetting } from "./replay_model.ts";

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

/** In the order of preference: of two that are equal the first is recommended. */
export const REPLAY_MODELS: readonly ReplayModel[] = [
  {
    name: "calibrated",
    isOffered: true,
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
    isOffered: true,
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
    isOffered: true,
    kind: "phi",
    suspectedGap: "whole",
    create: (setting) =>
      createModel({ model: "normal", ...windowOf(USUAL_WINDOW, LEAST_STD_DEV_MS, setting) }),
  },
  {
    name: "fixed",
    isOffered: true,
    kind: "timeout",
    parameter: "fixedTimeoutMillis",
    create: () => new FixedTimeout(),
  },
];
