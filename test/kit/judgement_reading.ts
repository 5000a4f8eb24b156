/** How a target is judged, as a reader sees it: the numbers that most tests do not care about. */
import type { WatchReading } from "../../src/monitor/mod.ts";
import { calibrationOf, NO_EPISODES, qualityOf } from "../../src/qos/mod.ts";
import type { Target } from "../../src/config/mod.ts";

type Judgement = Pick<
  WatchReading,
  | "model"
  | "suspectPhi"
  | "downPhi"
  | "isConfident"
  | "detectionMs"
  | "intervalMs"
  | "judgedSinceMs"
  | "episodes"
  | "quality"
  | "judgedIntervalCount"
  | "calibration"
  | "reachedCountOf"
  | "budget"
  | "feasibleInstead"
  | "gaps"
>;

/** By the config's own threshold, down after 5 s of silence, never down yet, and nothing counted. */
export function makeJudgement(
  { monitor, intervalMillis }: Target,
  judgedSinceMs: number,
): Judgement {
  const detectionMs = 5_000;
  return {
    model: monitor.model,
    suspectPhi: monitor.threshold * monitor.suspectRatio,
    downPhi: monitor.threshold,
    isConfident: () => true,
    detectionMs,
    intervalMs: intervalMillis,
    judgedSinceMs,
    episodes: NO_EPISODES,
    quality: (nowMs) => {
      const judgedMs = nowMs - judgedSinceMs;
      return qualityOf({ judgedMs, episodes: NO_EPISODES, openMs: 0, detectionMs });
    },
    judgedIntervalCount: 0,
    calibration: () => calibrationOf(null, 0),
    reachedCountOf: () => 0,
    budget: () => null,
    feasibleInstead: () => null,
    gaps: () => [],
  };
}
