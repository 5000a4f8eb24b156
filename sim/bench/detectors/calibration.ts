/**
 * Does φ = k happen once in 10^k? Results of replay go in; a line for each trace and k where enough were
 * expected comes out, observed over expected for every model that has a φ, and whether `calibrated` is where it is to be.
 */
import type { CalibrationPoint, ReplayResult } from "../../../src/qos/mod.ts";
import type { BenchTrace } from "./traces.ts";
import { figure, markdownTable } from "./markdown.ts";

export interface Judged {
  readonly bench: Omit<BenchTrace, "trace">;
  readonly result: ReplayResult;
}

/** Of fewer the interval is too wide to tell anything. */
const ENOUGH_EXPECTED = 20;
/** Of `calibrated`: observed over expected. Traces whose rhythm changes are shown and not held to one. */
const FACTORS = { stationary: 1.5, cellular: 3, changing: undefined } as const;
/** In fewer intervals the model knew what it said. */
const LOW_CONFIDENCE = 0.5;

export function calibrationReport(judged: readonly Judged[]): string {
  const names = new Set(
    judged.flatMap(({ result }) =>
      result.models.filter(({ calibration }) => calibration.length > 0).map(({ model }) => model),
    ),
  );
  const others = [...names].filter((name) => name !== "calibrated");
  const head = ["trace", "k", "expected", "calibrated", "95 %", "confident", "", ...others];
  const rows = judged.flatMap((each) => rowsOf(each, others));
  return markdownTable([head, ...rows]);
}

function rowsOf({ bench, result }: Judged, others: readonly string[]): string[][] {
  const pointsOf = (name: string) =>
    result.models.find(({ model }) => model === name)?.calibration ?? [];
  const samples = result.judgedIntervals - result.outages;
  const levels = [1, 2, 3, 4].filter((k) => samples * 10 ** -k >= ENOUGH_EXPECTED);
  return levels.map((k) => {
    const own = pointsOf("calibrated").find((point) => point.k === k);
    const ratios = others.map((name) => {
      const point = pointsOf(name).find((each) => each.k === k);
      return point === undefined ? "" : figure(point.ratio);
    });
    const expected = figure(samples * 10 ** -k);
    const cells = own === undefined ? ["", "", "", ""] : ownCells(own, FACTORS[bench.kind]);
    return [result.trace, String(k), expected, ...cells, ...ratios];
  });
}

function ownCells(point: CalibrationPoint, factor: number | undefined): string[] {
  const { ratio, ratioLow, ratioHigh, confidence } = point;
  const interval = `${figure(ratioLow)} to ${figure(ratioHigh)}`;
  const share = `${Math.round(100 * confidence)} %`;
  return [figure(ratio), interval, share, mark(point, factor)];
}

function mark({ ratio, confidence }: CalibrationPoint, factor: number | undefined): string {
  if (factor === undefined) return "";
  if (ratio <= factor && ratio >= 1 / factor) return "reached";
  return confidence < LOW_CONFIDENCE ? "flagged" : "NOT REACHED";
}
