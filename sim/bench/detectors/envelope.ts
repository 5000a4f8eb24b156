/**
 * Is `calibrated` on the envelope of all other models? Curves go in; at detection times from 1.2 to 20 mean
 * intervals it is said which model makes the fewest mistakes, and whether `calibrated` makes more than that
 * by more than chance. The mistakes at a detection time are those of the curve between the two thresholds
 * around it. Two counts differ by chance alone, within 1.96 times the root of their sum in 95 of 100 cases,
 * if they were independent: that is the allowance, and no fewer than 3, which none may have been.
 */
import type { ModelResult, ReplayResult } from "../../../src/qos/mod.ts";
import type { Judged } from "./calibration.ts";
import { figure, markdownTable } from "./markdown.ts";

/** In mean intervals. */
const DETECTIONS = [1.2, 1.35, 1.5, 1.75, 2, 2.5, 3, 4, 5, 6.5, 8, 10, 12.5, 16, 20];
const LEAST_ALLOWANCE = 3;

interface Comparison {
  readonly detection: number;
  readonly own: number;
  readonly best: number;
  readonly bestModel: string;
  readonly isInside: boolean;
}

/** Mistakes at a mean detection time; undefined where the curve does not get there. */
function mistakesAt({ curve }: ModelResult, detectionMs: number): number | undefined {
  const points = curve
    .flatMap(({ detectionTimeMeanMs, mistakes }) =>
      detectionTimeMeanMs === null ? [] : [{ atMs: detectionTimeMeanMs, mistakes }],
    )
    .toSorted((one, other) => one.atMs - other.atMs);
  const above = points.findIndex(({ atMs }) => atMs >= detectionMs);
  if (above <= 0) {
    const end = points.at(above);
    const isThere = end !== undefined && Math.abs(end.atMs / detectionMs - 1) <= ROUNDING;
    return isThere ? end.mistakes : undefined;
  }
  const [low, high] = [points[above - 1]!, points[above]!];
  const share = Math.log(detectionMs / low.atMs) / Math.log(high.atMs / low.atMs);
  return low.mistakes + share * (high.mistakes - low.mistakes);
}

/** Thresholds are rounded, and so are the detection times that they were chosen for. */
const ROUNDING = 0.01;

function compare(result: ReplayResult): Comparison[] {
  const calibrated = result.models.find(({ model }) => model === "calibrated");
  if (calibrated === undefined) return [];
  const others = result.models.filter((model) => model !== calibrated);
  return DETECTIONS.flatMap((detection) => {
    const detectionMs = detection * result.meanIntervalMs;
    const own = mistakesAt(calibrated, detectionMs);
    const rivals = others
      .map((model) => ({ model: model.model, mistakes: mistakesAt(model, detectionMs) }))
      .filter((each): each is { model: string; mistakes: number } => each.mistakes !== undefined)
      .toSorted((one, other) => one.mistakes - other.mistakes);
    const [rival] = rivals;
    if (own === undefined || rival === undefined) return [];
    const allowance = Math.max(LEAST_ALLOWANCE, 1.96 * Math.sqrt(own + rival.mistakes));
    const isInside = own - rival.mistakes <= allowance;
    return [{ detection, own, best: rival.mistakes, bestModel: rival.model, isInside }];
  });
}

/** A line for each trace. */
export function envelopeReport(judged: readonly Judged[]): string {
  const head = [
    "trace",
    "of detection times on it",
    "fewer mistakes than all others",
    "outside at",
  ];
  const rows = judged.map(({ result }) => {
    const comparisons = compare(result);
    const inside = comparisons.filter(({ isInside }) => isInside).length;
    const ahead = comparisons.filter(({ own, best }) => own < best).length;
    const outside = comparisons.filter(({ isInside }) => !isInside).map(describe);
    const last = outside.length === 0 ? "-" : outside.join("; ");
    return [result.trace, `${inside} of ${comparisons.length}`, String(ahead), last];
  });
  return markdownTable([head, ...rows]);
}

function describe({ detection, own, best, bestModel }: Comparison): string {
  return `${detection}: ${figure(own)} for ${figure(best)} (${bestModel})`;
}

/** Mistakes of every model at every detection time, of one trace. */
export function curvesReport({ result }: Judged): string {
  const head = ["T_D / interval", ...result.models.map(({ model }) => model)];
  const rows = DETECTIONS.map((detection) => [
    String(detection),
    ...result.models.map((model) => {
      const mistakes = mistakesAt(model, detection * result.meanIntervalMs);
      return mistakes === undefined ? "" : figure(mistakes);
    }),
  ]);
  return markdownTable([head, ...rows]);
}
