/** What replay found, as lines for a terminal: what was read, a curve and a calibration for each model, and what to use. */
import type { CalibrationPoint, CurvePoint, ModelResult, ReplayResult } from "../../qos/mod.ts";
import { formatTable, printable } from "../output.ts";
import { count, fixed, ms, rate } from "./figures.ts";
import { recommendationSentences } from "./recommendation.ts";

/** In mean intervals: the rows that are shown, of those that --json has. */
const SHOWN_DETECTIONS = [1.02, 1.2, 1.5, 2, 3, 5, 8, 12, 20];

export function replayTable(result: ReplayResult): string[] {
  return [
    ...heading(result),
    "",
    ...alignedTable([CURVE_HEADS, ...result.models.flatMap((model) => curveRows(model, result))]),
    "",
    ...calibrationTable(result.models),
    ...recommendationSentences(result),
  ];
}

function heading(result: ReplayResult): string[] {
  const { trace, heartbeats, lost, duplicatesAndLate, outages, warmUpHeartbeats } = result;
  const less = [
    `${count(lost)} lost`,
    ...(duplicatesAndLate > 0
      ? [`${count(duplicatesAndLate)} duplicate or late and left out`]
      : []),
    ...(outages > 0 ? [`${count(outages)} outage${outages === 1 ? "" : "s"}, not judged`] : []),
  ];
  return [
    `${printable(trace)}: ${count(heartbeats)} heartbeats (${less.join(", ")}), mean interval ` +
      `${ms(result.meanIntervalMs)} ms`,
    `The first ${count(warmUpHeartbeats)} heartbeats are learnt; ` +
      `${count(result.judgedIntervals)} intervals, ${fixed(result.judgedHours, 3)} h, are judged, ` +
      "each by what was known before it.",
  ];
}

const CURVE_HEADS = [
  "MODEL",
  "THRESHOLD",
  "T_D MEAN ms",
  "T_D P99 ms",
  "MISTAKES",
  "λ_M /h",
  "T_M ms",
  "P_A",
  "",
];

function curveRows({ model, curve }: ModelResult, result: ReplayResult): string[][] {
  const { recommended, meanIntervalMs } = result;
  const isRecommended = (point: CurvePoint) =>
    recommended.model === model && recommended.threshold === point.threshold;
  const nearest = SHOWN_DETECTIONS.map((detection) =>
    nearestPoint(curve, detection * meanIntervalMs),
  );
  return curve
    .filter((point) => nearest.includes(point) || isRecommended(point))
    .map((point) => [
      model,
      String(point.threshold),
      point.detectionTimeMeanMs === null ? "never" : ms(point.detectionTimeMeanMs),
      point.detectionTimeP99Ms === null ? "never" : ms(point.detectionTimeP99Ms),
      count(point.mistakes),
      point.mistakes === 0
        ? `< ${rate(point.mistakeRateUpperPerHour)}`
        : rate(point.mistakeRatePerHour),
      point.mistakeDurationMeanMs === null ? "-" : ms(point.mistakeDurationMeanMs),
      point.queryAccuracy.toFixed(6),
      isRecommended(point) ? "recommended" : "",
    ]);
}

function nearestPoint(curve: readonly CurvePoint[], wantedMs: number): CurvePoint | undefined {
  const distance = ({ detectionTimeMeanMs }: CurvePoint) =>
    detectionTimeMeanMs === null ? Infinity : Math.abs(Math.log(detectionTimeMeanMs / wantedMs));
  let found: CurvePoint | undefined;
  for (const point of curve) {
    if (found === undefined || distance(point) < distance(found)) found = point;
  }
  return found;
}

const CALIBRATION_HEADS = [
  "MODEL",
  "k",
  "EXPECTED",
  "OBSERVED",
  "RATIO",
  "INTERVAL",
  "CONFIDENCE",
  "",
];

/** Nothing where no model has a φ. */
function calibrationTable(models: readonly ModelResult[]): string[] {
  const rows = models.flatMap(calibrationRows);
  if (rows.length === 0) return [];
  return [
    "How often φ had reached k when a heartbeat came, beside one in 10^k (1.00), and its 95 % interval:",
    ...alignedTable([CALIBRATION_HEADS, ...rows]),
    "",
  ];
}

function calibrationRows({ model, calibration }: ModelResult): string[][] {
  return calibration.map((point) => [
    model,
    String(point.k),
    fixed(point.expected, 3),
    count(point.observed),
    point.ratio.toFixed(2),
    `${point.ratioLow.toFixed(2)} to ${point.ratioHigh.toFixed(2)}`,
    `${Math.round(100 * point.confidence)} %`,
    remark(point),
  ]);
}

/** Fewer tell nothing. */
const ENOUGH_EXPECTED = 20;

function remark({ expected, confidence }: CalibrationPoint): string {
  const remarks = [
    ...(expected < ENOUGH_EXPECTED ? ["too few expected to tell"] : []),
    ...(confidence < 0.5 ? ["extrapolated"] : []),
  ];
  return remarks.join(", ");
}

/** The first column to the left, the last as it is, numbers to the right. */
function alignedTable(rows: readonly (readonly string[])[]): string[] {
  const last = rows[0]!.length - 1;
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const aligned = rows.map((row) =>
    row.map((cell, column) =>
      column === 0 || column === last ? cell : cell.padStart(widths[column]!),
    ),
  );
  return formatTable(aligned).map((line) => line.trimEnd());
}
