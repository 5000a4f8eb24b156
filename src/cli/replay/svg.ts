/**
 * The curves as the papers draw them: a result of replay goes in, one picture without scripts comes out.
 * Detection time to the right, mistake rate upwards, both as logarithms, a line for each model: nearer to the
 * lower left corner is better. Without any mistake there is no logarithm, so that such points lie in a lane
 * of their own below, which says what rate the trace could have missed.
 */
import type { CurvePoint, ModelResult, ReplayResult } from "../../qos/mod.ts";
import { count, fixed, ms, rate } from "./figures.ts";
import { LogScale } from "./log_scale.ts";
import { circled, dashed, element, escape, inkOf, STYLE, text } from "./svg_marks.ts";

const WIDTH = 960;
const LEFT = 84;
const RIGHT = 760;
const TOP = 76;
const BOTTOM = 440;
const LANE_TOP = BOTTOM + 14;
const LANE_ROW = 9;

export function replaySvg(result: ReplayResult): string {
  const models = result.models.filter(({ curve }) => curve.some(isDrawn));
  const laneBottom = LANE_TOP + LANE_ROW * (models.length + 1);
  const height = laneBottom + 64;
  const scales = scalesOf(result, models);
  const parts = [
    STYLE,
    element("rect", { class: "ground", width: WIDTH, height }),
    ...heading(result),
    ...grid(scales, laneBottom),
    ...lane(result, models.length, laneBottom),
    // The first is the one that is looked for, and lies on top.
    ...models
      .map((model, index) => line(model, index, scales))
      .toReversed()
      .flat(),
    ...models.map((model, index) => laneRow(model, index, scales)),
    ...models.flatMap((model, index) => legend(model, index)),
  ];
  const size = `width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}"`;
  const title = `<title>${escape(`T_D against λ_M: ${result.trace}`)}</title>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img">${title}\n${parts.join("\n")}\n</svg>`;
}

interface Scales {
  readonly detection: LogScale;
  readonly mistakes: LogScale;
}

type Drawn = CurvePoint & { readonly detectionTimeMeanMs: number };

/** What may never be detected has no place on the picture. */
function isDrawn(point: CurvePoint): point is Drawn {
  return point.detectionTimeMeanMs !== null && point.detectionTimeMeanMs > 0;
}

function scalesOf(result: ReplayResult, models: readonly ModelResult[]): Scales {
  const points = models.flatMap((model) => model.curve.filter(isDrawn));
  const times = points.map((point) => point.detectionTimeMeanMs);
  const rates = points.map((point) => point.mistakeRatePerHour).filter((each) => each > 0);
  const least = 1 / result.judgedHours;
  // A φ of 1 may be reached long before the next heartbeat is due: there is nothing to be seen.
  const shortest = Math.max(Math.min(...times), result.meanIntervalMs * SHORTEST_SHOWN);
  const asked = result.budget.detectWithinMs ?? 0;
  const longest = Math.max(result.meanIntervalMs * LONGEST_SHOWN, asked);
  return {
    detection: new LogScale(shortest, longest, LEFT + 8, RIGHT - 8),
    mistakes: new LogScale(least, Math.max(least * 10, ...rates), BOTTOM - 8, TOP + 8),
  };
}

/** In mean intervals. */
const SHORTEST_SHOWN = 0.9;
const LONGEST_SHOWN = 21;

function heading(result: ReplayResult): string[] {
  const { trace, heartbeats, judgedHours, meanIntervalMs } = result;
  const facts =
    `${count(heartbeats)} heartbeats, one every ${ms(meanIntervalMs)} ms; ` +
    `${fixed(judgedHours, 3)} h judged, a crash after each heartbeat`;
  const shown = trace.length > LONGEST_NAME ? `…${trace.slice(1 - LONGEST_NAME)}` : trace;
  return [
    text(LEFT, 30, shown, 'class="ink" font-size="17" font-weight="600"'),
    text(LEFT, 52, facts, 'class="quiet"'),
  ];
}

const LONGEST_NAME = 80;

function grid({ detection, mistakes }: Scales, laneBottom: number): string[] {
  const vertical = detection.ticks().flatMap((value) => {
    const x = detection.place(value);
    return [
      element("line", { class: "rule", x1: x, x2: x, y1: TOP, y2: laneBottom }),
      text(x, laneBottom + 18, plain(value), 'class="quiet" text-anchor="middle"'),
    ];
  });
  const horizontal = mistakes.ticks().flatMap((value) => {
    const y = mistakes.place(value);
    return [
      element("line", { class: "rule", x1: LEFT, x2: RIGHT, y1: y, y2: y }),
      text(LEFT - 8, y + 4, plain(value), 'class="quiet" text-anchor="end"'),
    ];
  });
  const middle = (TOP + BOTTOM) / 2;
  return [
    ...vertical,
    ...horizontal,
    text(
      (LEFT + RIGHT) / 2,
      laneBottom + 42,
      "detection time T_D, mean, ms",
      'class="ink" text-anchor="middle"',
    ),
    text(
      22,
      middle,
      "mistakes λ_M, per hour",
      `class="ink" text-anchor="middle" transform="rotate(-90 22 ${middle})"`,
    ),
  ];
}

function plain(value: number): string {
  return value >= 1e6 || value < 1e-3 ? value.toExponential(0) : count(value);
}

function lane({ judgedHours }: ReplayResult, models: number, laneBottom: number): string[] {
  if (models === 0) return [];
  const box = { x: LEFT, y: LANE_TOP, width: RIGHT - LEFT, height: laneBottom - LANE_TOP };
  return [
    element("rect", { class: "lane", ...box }),
    text(RIGHT + 18, LANE_TOP + 12, "no mistake was seen:", 'class="quiet" font-size="11"'),
    text(
      RIGHT + 18,
      LANE_TOP + 27,
      `below ${rate(3 / judgedHours)} /h at 95 %`,
      'class="quiet" font-size="11"',
    ),
  ];
}

/** The part with mistakes, and a drop to the lane where they end. */
function line({ model, curve: points }: ModelResult, index: number, scales: Scales): string[] {
  const places = points
    .filter(isDrawn)
    .filter((point) => point.mistakes > 0)
    .map((point) => [placeOf(point, scales), scales.mistakes.place(point.mistakeRatePerHour)]);
  const inside = places.filter(([x]) => isInside(x!));
  const path = inside.map(([x, y]) => `${x!.toFixed(1)},${y!.toFixed(1)}`).join(" ");
  const width = model === "calibrated" ? 3 : 1.6;
  return [
    `<polyline points="${path}" fill="none" ${inkOf(index)} stroke-width="${width}"${dashed(index)}/>`,
    ...inside.map(([x, y]) => circled(x!, y!, index)),
  ];
}

function laneRow({ curve: points }: ModelResult, index: number, scales: Scales): string {
  const y = LANE_TOP + LANE_ROW * (index + 1);
  return points
    .filter(isDrawn)
    .filter((point) => point.mistakes === 0)
    .map((point) => placeOf(point, scales))
    .filter(isInside)
    .map((x) => circled(x, y, index))
    .join("");
}

const isInside = (x: number): boolean => x >= LEFT && x <= RIGHT;

function placeOf(point: Drawn, { detection }: Scales): number {
  return detection.place(point.detectionTimeMeanMs);
}

function legend({ model }: ModelResult, index: number): string[] {
  const y = TOP + 14 + 22 * index;
  const x = RIGHT + 18;
  const width = model === "calibrated" ? 3 : 1.6;
  return [
    `<line x1="${x}" x2="${x + 30}" y1="${y}" y2="${y}" ${inkOf(index)} stroke-width="${width}"${dashed(index)}/>`,
    circled(x + 15, y, index),
    text(x + 40, y + 4, model, 'class="ink"'),
  ];
}
