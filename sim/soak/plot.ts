/** What the soak saw, as a picture: a panel for each figure, a line for each monitor, and the faults as bands. */
import { element, type Markup, text } from "../chaos/report/element.ts";
import {
  INK,
  LEFT,
  QUIET,
  RIGHT,
  RULE,
  targetColor,
  TimeScale,
  WIDTH,
} from "../chaos/report/frame.ts";

export interface Line {
  readonly name: string;
  readonly points: readonly { readonly atMs: number; readonly value: number }[];
}

export interface Figure {
  readonly title: string;
  readonly lines: readonly Line[];
}

export interface Band {
  readonly what: string;
  readonly fromMs: number;
  readonly untilMs: number;
}

const PLOT = 110;
const GAP = 46;
const TOP = 40;
const FONT = "'DejaVu Sans', 'Segoe UI', Helvetica, Arial, sans-serif";

export function soakPlot(
  title: string,
  durationMs: number,
  figures: readonly Figure[],
  bands: readonly Band[],
): string {
  const time = new TimeScale(durationMs);
  const height = TOP + figures.length * (PLOT + GAP) + 40;
  const content = [
    element("rect", { width: WIDTH, height, fill: "#ffffff" }),
    text(LEFT, 24, title, { "font-size": "16", "font-weight": "600", fill: INK }),
    ...bands.map(({ fromMs, untilMs }) => {
      const x = time.x(fromMs);
      const size = { width: Math.max(1, time.x(untilMs) - x), height: height - TOP - 40 };
      return element("rect", { x, y: TOP, ...size, fill: "#f3e8d2" });
    }),
    ...figures.flatMap((figure, index) => panel(figure, TOP + index * (PLOT + GAP), time)),
    ...time.ticksMs().map((atMs) =>
      text(time.x(atMs), height - 16, `${Math.round(atMs / 60_000)} min`, {
        "text-anchor": "middle",
        fill: QUIET,
      }),
    ),
  ];
  const size = { width: WIDTH, height, viewBox: `0 0 ${WIDTH} ${height}` };
  const font = { "font-family": FONT, "font-size": "12" };
  return `${element("svg", { xmlns: "http://www.w3.org/2000/svg", ...size, ...font }, content).markup}\n`;
}

function panel({ title, lines }: Figure, top: number, time: TimeScale): Markup[] {
  const bottom = top + 22 + PLOT;
  const most = Math.max(1, ...lines.flatMap(({ points }) => points.map(({ value }) => value)));
  const y = (value: number) => bottom - (value / most) * PLOT;
  return [
    text(LEFT, top + 14, title, { fill: INK, "font-weight": "600" }),
    ...lines.map(({ name }, index) =>
      text(LEFT + 420 + index * 110, top + 14, name, { fill: targetColor(index) }),
    ),
    text(LEFT - 8, top + 30, shown(most), { "text-anchor": "end", fill: QUIET }),
    text(LEFT - 8, bottom, "0", { "text-anchor": "end", fill: QUIET }),
    element("line", { x1: LEFT, x2: RIGHT, y1: bottom, y2: bottom, stroke: RULE }),
    ...lines.map(({ points }, index) =>
      element("polyline", {
        points: points.map(({ atMs, value }) => `${time.x(atMs)},${y(value)}`).join(" "),
        fill: "none",
        stroke: targetColor(index),
        "stroke-width": "1.5",
      }),
    ),
  ];
}

function shown(value: number): string {
  return value >= 100 ? String(Math.round(value)) : String(Math.round(value * 10) / 10);
}
